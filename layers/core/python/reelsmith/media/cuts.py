"""Where a long scene is cut, so that several tasks can render it.

The cut depends on the scene's length alone: the same scene is cut the same way in every film, and
its parts are found again in the cache. Parts begin where the encoder would put a key picture
anyway, so that cutting costs next to nothing in size.
"""

PART_FRAMES = 300  # as `encode.KEY_INTERVAL`
_SHORTEST = PART_FRAMES // 2


def spans(frames: int) -> tuple[range, ...]:
    """The parts of a scene of `frames` frames, as runs of its own frames from 0 on.

    All have `PART_FRAMES` frames but the last, which has from half to one and a half as many.
    """
    count = max(1, (frames + PART_FRAMES - _SHORTEST) // PART_FRAMES)
    starts = [part * PART_FRAMES for part in range(count)]
    ends = [*starts[1:], frames]
    return tuple(range(start, end) for start, end in zip(starts, ends, strict=True))
