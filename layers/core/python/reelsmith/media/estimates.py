"""What rendering will take, told from the timeline before anything is drawn.

The figures are for one core of the machine that the bench ran on (x86-64, November 2026, noisy
pictures, two encoder threads), so seconds are comparable with one another more than with a clock.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from typing import NamedTuple

from reelsmith.domain.jobs import Codec, Preset
from reelsmith.domain.layers import Card, Clip, Source
from reelsmith.domain.resources import Resources
from reelsmith.domain.timelines import Scene, Timeline
from reelsmith.media.scenes import HOLD_AT_LEAST, seen
from reelsmith.media.stills import moves

_MB = 1 << 20
_MPX = 1_000_000
_PROCESS_MB = 120  # Python with its libraries, before a picture is there
_CHILD_MB = 130  # a decoder of pictures
_CLIP_MB = 300  # a decoder of clips, with the pictures that it runs ahead
_SPARE = 1.25  # a promise of memory and temp space leaves this much room
_OPEN_S = 0.3  # to decode a picture in its child, or draw a card, and prepare it
_DECODE_MS = 8.0  # a clip's frame, decoded and scaled, per megapixel of the film
_STILL_MS = 40.0  # a held picture, once, per megapixel
_FILE_BYTES = 0.03  # of a coded picture, per pixel; noise at the highest preset comes near it


class _Rates(NamedTuple):
    """Milliseconds a frame and megapixel: drawn anew, with other words only, and held.

    `memory_mb` is held per megapixel of the frame while one run is coded.
    """

    moving: float
    quiet: float
    held: float
    memory_mb: float


_RATES = {
    (Codec.H264, Preset.DRAFT): _Rates(11, 4, 0, 90),
    (Codec.H264, Preset.STANDARD): _Rates(17, 5, 0, 115),
    (Codec.H264, Preset.HIGH): _Rates(50, 16, 0, 230),
    (Codec.HEVC, Preset.DRAFT): _Rates(24, 12, 7, 150),
    (Codec.HEVC, Preset.STANDARD): _Rates(50, 26, 14, 200),
    (Codec.HEVC, Preset.HIGH): _Rates(120, 60, 34, 260),
    (Codec.AV1, Preset.DRAFT): _Rates(15, 8, 4, 200),
    (Codec.AV1, Preset.STANDARD): _Rates(17, 9, 4, 205),
    (Codec.AV1, Preset.HIGH): _Rates(28, 15, 7, 230),
}


class Estimates:
    """What each part of one film takes. `sizes` has the bytes of source files by their SHA-256."""

    def __init__(self, timeline: Timeline, *, sizes: Mapping[str, int]) -> None:
        self._timeline = timeline
        self._sizes = sizes
        self._rates = _RATES[timeline.codec, timeline.preset]
        self._mpx = timeline.width * timeline.height / _MPX
        self._edges = _edges(timeline)

    def of(self, index: int, part: range) -> Resources:
        """What the frames `part` of scene `index` take; temp space without the source files."""
        scene = self._timeline.scenes[index]
        milliseconds = self._drawing(scene, part) * self._mpx
        file_bytes = len(part) * self._mpx * _MPX * _FILE_BYTES
        memory_mb = _PROCESS_MB + self._decoder_mb(index, part) + self._rates.memory_mb * self._mpx
        return Resources(
            cpu_seconds=round(milliseconds / 1000 + _OPEN_S, 2),
            peak_memory_mb=round(memory_mb * _SPARE),
            temp_mb=round(file_bytes * _SPARE / _MB) + 1,
        )

    def sources(self, index: int, part: range) -> dict[str, int]:
        """Bytes of the files that these frames are made of, by SHA-256."""
        return {
            source.sha256: self._sizes.get(source.sha256, 0)
            for source in self._seen(index, part)
            if not isinstance(source, Card)
        }

    def _seen(self, index: int, part: range) -> list[Source]:
        numbers = seen(self._timeline, index, part)
        return [self._timeline.scenes[number].source for number in numbers]

    def _decoder_mb(self, index: int, part: range) -> int:
        kinds = {type(source) for source in self._seen(index, part)}
        return _CLIP_MB if Clip in kinds else _CHILD_MB if kinds - {Card} else 0

    def _drawing(self, scene: Scene, part: range) -> float:
        """Milliseconds per megapixel."""
        if isinstance(scene.source, Clip):
            return len(part) * (self._rates.moving + _DECODE_MS)
        if moves(scene.move):
            return len(part) * self._rates.moving
        fading = len(range(part.start, min(part.stop, scene.transition_frames)))
        standing = range(part.start + fading, part.stop)
        return fading * self._rates.moving + self._standing(scene, standing)

    def _standing(self, scene: Scene, frames: range) -> float:
        base = scene.first_frame
        inside = slice(
            bisect_right(self._edges, base + frames.start),
            bisect_left(self._edges, base + frames.stop),
        )
        places = [base + frames.start, *self._edges[inside], base + frames.stop]
        lengths = [end - start for start, end in zip(places, places[1:], strict=False)]
        held = [length for length in lengths if length >= HOLD_AT_LEAST]
        quiet = sum(lengths) - sum(held)
        return quiet * self._rates.quiet + sum(held) * self._rates.held + len(held) * _STILL_MS


def _edges(timeline: Timeline) -> list[int]:
    """The frames at which what lies over the picture changes, in order."""
    edges = {frame for over in timeline.overlays for frame in (over.first_frame, over.end_frame)}
    for cue in timeline.cues:
        edges.update((cue.first_frame, cue.end_frame))
        edges.update(word.first_frame for word in cue.words)
    return sorted(edges)
