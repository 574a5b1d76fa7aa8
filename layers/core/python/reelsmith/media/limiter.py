"""A look-ahead limiter that knows the sound between its samples.

The gain is the least that any peak within reach allows, smoothed over the same reach. As each
smoothed value is a mean of values that already allow for the peak, no peak gets through.
"""

import numpy as np
from numpy.typing import NDArray

from reelsmith.media.loudness import GUARD, peaks

_REACH = 896  # samples to both sides: 19 ms keep the gain below what is heard as distortion
CONTEXT = GUARD + 2 * _REACH  # samples before and after a stretch that decide its gain


def limited(samples: NDArray[np.float32], *, ceiling: float) -> NDArray[np.float32]:
    """The stretch without its `CONTEXT` samples at both ends, no peak above `ceiling` (linear).

    Shapes: (n + 2 * CONTEXT, channels) in, (n, channels) out.
    """
    body = samples[CONTEXT:-CONTEXT]
    inner = peaks(samples)[GUARD:-GUARD]
    if inner.max(initial=0.0) <= ceiling:
        return body
    allowed = np.minimum(1.0, ceiling / np.maximum(inner, ceiling))
    gain = _smoothed(_least(allowed, 2 * _REACH + 1))
    made: NDArray[np.float32] = body * gain[:, np.newaxis].astype(np.float32)
    return made


def _least(values: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """The least of each `width` values in a row: n in, n - width + 1 out (van Herk, 1992)."""
    count = len(values) - width + 1
    padded = np.pad(values, (0, -len(values) % width), constant_values=1).reshape(-1, width)
    forward = np.minimum.accumulate(padded, axis=1).ravel()
    backward = np.minimum.accumulate(padded[:, ::-1], axis=1)[:, ::-1].ravel()
    return np.minimum(backward[:count], forward[width - 1 : width - 1 + count])


def _smoothed(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Means over 2 * _REACH + 1 values, weighted as a triangle: n in, n - 2 * _REACH out."""
    width = _REACH + 1
    smooth = values.astype(np.float64)
    for _ in range(2):
        total = np.concatenate([[0.0], np.cumsum(smooth)])
        smooth = (total[width:] - total[:-width]) / width
    return smooth
