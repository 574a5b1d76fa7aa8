"""Stretches of a film that a person should know of: black, standing still, silent."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from reelsmith.domain.layers import Clip, Move
from reelsmith.domain.quality import Span, Standstill
from reelsmith.domain.timelines import Scene, Timeline

BLACK_SECONDS = 1.0
FROZEN_SECONDS = 2.0
SILENT_SECONDS = 2.0
_MOST_EXPECTED_SECONDS = 1.0  # of a standstill that reaches into a scene that should move


def runs(flags: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """(first, end) of each run of places that are set."""
    at = 0
    for is_set, group in groupby(flags):
        length = sum(1 for _ in group)
        if is_set:
            yield at, at + length
        at += length


def black(flags: Sequence[bool], *, fps: float) -> tuple[Span, ...]:
    """Stretches of black pictures, from a flag for each picture of the film."""
    found = (_span(first, end, fps) for first, end in runs(flags))
    return tuple(span for span in found if span.seconds >= BLACK_SECONDS)


def frozen(unchanged: Sequence[bool], timeline: Timeline) -> tuple[Standstill, ...]:
    """Stretches without change, from a flag for each picture: it is as the one before it."""
    found = []
    for after, end in runs(unchanged):
        first = max(0, after - 1)
        span = _span(first, end, timeline.fps)
        if span.seconds >= FROZEN_SECONDS:
            moving = _moving_frames(timeline, first, end) / timeline.fps
            expected = moving < _MOST_EXPECTED_SECONDS
            found.append(Standstill(**span.model_dump(), expected=expected))
    return tuple(found)


def silent(flags: Sequence[bool], *, step_seconds: float) -> tuple[Span, ...]:
    """Stretches of silence, from a flag for each step of the sound."""
    found = (_span(first, end, 1 / step_seconds) for first, end in runs(flags))
    return tuple(span for span in found if span.seconds >= SILENT_SECONDS)


def _span(first: int, end: int, per_second: float) -> Span:
    return Span(start_seconds=round(first / per_second, 3), end_seconds=round(end / per_second, 3))


def _moving_frames(timeline: Timeline, first: int, end: int) -> int:
    """How many of these frames belong to scenes that should move."""
    return sum(
        max(0, min(end, scene.end_frame) - max(first, scene.first_frame))
        for scene in timeline.scenes
        if _should_move(scene)
    )


def _should_move(scene: Scene) -> bool:
    return isinstance(scene.source, Clip) or _moves(scene.move)


def _moves(move: Move) -> bool:
    if move.zoom_from != move.zoom_to:
        return True
    has_room = move.zoom_to > 1
    return has_room and (move.x_from, move.y_from) != (move.x_to, move.y_to)
