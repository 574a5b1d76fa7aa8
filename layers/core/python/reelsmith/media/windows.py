"""Windows that glide by hundredths of a pixel over whole-pixel sources.

A scaler starts at whole pixels only, so a slow pan done naively jumps. But scaling the slice
[start, start + length) of a line to `scaled` samples and dropping the first `skipped` of them maps

    source = start + (sample + skipped) * length / scaled

and the four whole numbers are dense enough to come within about 0.02 pixels of any wanted window,
0.1 at worst, once the source is a little larger than the result (`OVERSIZE`). Around steps of 3/2
and 2, which only zooms beyond 1.4 pass through, the worst is 0.25 and 0.5. Windows are searched
for all frames of a move at once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

OVERSIZE = 1.06  # source pixels per result pixel, at least; below 1.05 the windows get sparse
MARGIN = 2  # samples scaled and dropped on either side, where the filter has no neighbours
_SPARE = 40  # samples more than needed that a window may cost
_GOOD = 0.03  # pixels of error that are not worth more samples
_BATCH = 32  # frames searched at a time; keeps the candidates in the cache

Whole = NDArray[np.int64]
Real = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows along one axis, one per frame: arrays of shape (frames,), in pixels and samples.

    `error` is how far the worst sample of a window lies from where it should, in source pixels.
    """

    start: Whole
    length: Whole
    scaled: Whole
    skipped: Whole
    error: Real

    def at(self, frame: int) -> tuple[int, int, int, int]:
        """(start, length, scaled, skipped) of one frame."""
        return (
            int(self.start[frame]),
            int(self.length[frame]),
            int(self.scaled[frame]),
            int(self.skipped[frame]),
        )


def plan(step: Real, offset: Real, *, samples: int, size: int) -> Windows:
    """Choose windows so that sample edge X shows source edge `step` * X + `offset`.

    `step` and `offset` have shape (frames,), in source pixels; `samples` is the length of the
    result, `size` that of the source. The source must reach a few pixels beyond every window.

    Raises:
        ValueError: the source does not reach far enough.
    """
    found = [
        _search(
            step[first : first + _BATCH, None], offset[first : first + _BATCH, None], samples, size
        )
        for first in range(0, len(step), _BATCH)
    ]
    numbers = np.concatenate(found, axis=1)
    error = numbers[4]
    if not np.isfinite(error).all():
        raise ValueError("the source is too small for its windows")
    start, length, scaled, skipped = numbers[:4].astype(np.int64)
    return Windows(start, length, scaled, skipped, error)


def _candidates() -> tuple[Whole, Whole]:
    """All (spare samples, skipped samples) that leave a margin on both sides."""
    pairs = [
        (spare, skipped)
        for spare in range(2 * MARGIN, _SPARE)
        for skipped in range(MARGIN, spare - MARGIN + 1)
    ]
    spare, skipped = np.array(pairs, np.int64).T
    return spare, skipped


_SPARES, _SKIPS = _candidates()


def _search(step: Real, offset: Real, samples: int, size: int) -> Real:
    """The cheapest good window of each frame, as rows start, length, scaled, skipped, error."""
    scaled = samples + _SPARES
    best = np.full((5, len(step)), np.inf)
    cheapest = np.full(len(step), np.inf)
    frames = np.arange(len(step))
    for more in (0, 1):
        length = np.floor(step * scaled) + more
        slope = length / scaled
        start = np.rint(offset + step * (samples / 2) - (_SKIPS + samples / 2) * slope)
        first = start + _SKIPS * slope - offset
        error = np.maximum(np.abs(first), np.abs(first + samples * (slope - step)))
        error[(start < 0) | (start + length > size)] = np.inf
        cost = np.where(error < _GOOD, 0.0, error * 100) + _SPARES * 0.01
        pick = np.argmin(cost, axis=1)
        better = cost[frames, pick] < cheapest
        cheapest = np.where(better, cost[frames, pick], cheapest)
        chosen = (start[frames, pick], length[frames, pick], scaled[pick], _SKIPS[pick])
        best = np.where(better, np.stack((*chosen, error[frames, pick])), best)
    return best
