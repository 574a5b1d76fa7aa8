"""The colour of sound in few numbers: mel bands of a power spectrum, and their cosines."""

import numpy as np
from numpy.typing import NDArray


def mel_filters(
    rate: int, size: int, count: int, *, low_hz: float, high_hz: float
) -> NDArray[np.float32]:
    """Triangles evenly spread on O'Shaughnessy's mel scale, each of sum 1.

    Shape (count, size // 2 + 1), for the power spectrum of `size` samples at `rate` Hz.
    """
    low, high = (2_595 * np.log10(1 + edge / 700) for edge in (low_hz, high_hz))
    edges = 700 * (10 ** (np.linspace(low, high, count + 2) / 2_595) - 1)
    hz = np.linspace(0, rate / 2, size // 2 + 1)
    rise = (hz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - hz) / (edges[2:] - edges[1:-1])[:, None]
    triangles = np.clip(np.minimum(rise, fall), 0, None)
    made: NDArray[np.float32] = (
        triangles / np.maximum(triangles.sum(axis=1, keepdims=True), 1e-9)
    ).astype(np.float32)
    return made


def cosines(bands: int, count: int) -> NDArray[np.float32]:
    """The first `count` rows of the cosine transform (DCT-II); shape (count, bands)."""
    phase = np.pi * np.arange(count)[:, None] * (np.arange(bands) + 0.5) / bands
    made: NDArray[np.float32] = (np.sqrt(2 / bands) * np.cos(phase)).astype(np.float32)
    return made
