"""Joins segments and a sound track into an MP4 film, by counting frames.

Nothing is decoded or coded again. The index (`moov`) stands in front, so that a film plays while
it loads, and pictures and sound alternate about every second.
"""

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np

from reelsmith.media import boxes, entries
from reelsmith.media.boxes import TICKS, Samples, Span, Whole
from reelsmith.media.parts import Parts
from reelsmith.media.tracks import AacTrack


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """What was written. Lengths in seconds are exact; `audio_seconds` is 0 without sound."""

    frames: int
    key_frames: int
    video_seconds: Fraction
    audio_seconds: Fraction
    size_bytes: int
    sha256: str


def assemble(
    segments: Sequence[Path],
    track: AacTrack | None,
    out: Path,
    *,
    width: int,
    height: int,
    fps: int,
) -> FilmFacts:
    """Write the film, whole or not at all.

    Raises:
        MediaError: a segment is broken or does not belong to this film, or the sound is not as
            long as the pictures.
    """
    parts = Parts(segments, track, width=width, height=height, fps=fps)
    part = out.with_name(out.name + ".part")
    digest = hashlib.sha256()
    size = 0
    try:
        with part.open("wb") as file:
            for piece in Layout(parts).pieces():
                digest.update(piece)
                size += file.write(piece)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return FilmFacts(
        frames=parts.frames,
        key_frames=int(parts.keys.sum()),
        video_seconds=Fraction(parts.frames, fps),
        audio_seconds=Fraction(track.samples, track.rate) if track else Fraction(0),
        size_bytes=size,
        sha256=digest.hexdigest(),
    )


class Layout:
    """Where everything stands in the film.

    A chunk of pictures is a second of one segment, or its rest. The sound that is heard by the
    end of those pictures follows it.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.pictures = np.array(
            [count for index in parts.indexes for count in _seconds_of(index.frames, parts.fps)],
            np.int64,
        )
        self.ends = np.cumsum(self.pictures)

    @cached_property
    def picture_bytes(self) -> Whole:
        """Bytes of each chunk of pictures."""
        return np.diff(self._parts.sizes.cumsum()[self.ends - 1], prepend=0)

    @cached_property
    def units(self) -> Whole:
        """Access units of sound in each chunk; there are as many chunks as of pictures."""
        return np.diff(self._parts.units_by(self.ends), prepend=0)

    @cached_property
    def sound_bytes(self) -> Whole:
        """Bytes of each chunk of sound."""
        before = np.concatenate(([0], self._parts.units.cumsum()))
        return np.diff(before[np.cumsum(self.units)], prepend=0)

    def pieces(self) -> Iterator[bytes]:
        """The bytes of the film, in order."""
        content = int(self.picture_bytes.sum() + self.sound_bytes.sum())
        head = boxes.mdat_head(content)
        before = len(boxes.FILE_TYPE) + len(head)
        moov, length = b"", -1
        while len(moov) != length:  # its own length decides how wide its offsets must be
            length = len(moov)
            moov = self._moov(before + length)
        yield boxes.FILE_TYPE + moov + head
        yield from self._content()

    def _moov(self, content_at: int) -> bytes:
        parts = self._parts
        rate = math.lcm(parts.fps, parts.track.rate if parts.track else 1)
        shown = parts.frames * rate // parts.fps
        both = self.picture_bytes + self.sound_bytes
        starts = content_at + np.cumsum(both) - both
        video = boxes.video_track(
            Samples(parts.sizes, np.full(parts.frames, TICKS), self.pictures, starts),
            Span(shown, parts.delay * TICKS, parts.frames * TICKS, parts.fps * TICKS),
            delays=(parts.shifts + parts.delay) * TICKS,
            keys=parts.keys,
            entry=entries.pictures(parts.header, *parts.size),
            size=parts.size,
        )
        tracks = [video]
        if parts.track:
            tracks.append(self._sound(parts.track, starts + self.picture_bytes, shown))
        return boxes.movie(tracks, rate=rate, duration=shown)

    def _sound(self, track: AacTrack, starts: Whole, shown: int) -> bytes:
        used = self.units > 0
        samples = Samples(self._parts.units, self._parts.durations, self.units[used], starts[used])
        span = Span(shown, track.priming, track.priming + track.samples, track.rate)
        return boxes.audio_track(samples, span, entry=entries.sound(track))

    def _content(self) -> Iterator[bytes]:
        """Chunks of pictures and of sound in turn, reading each segment once."""
        track = self._parts.track
        sound = memoryview(track.data if track else b"")
        heard = 0
        bodies = self._parts.bodies(iter(self.picture_bytes.tolist()))
        for body, sounds in zip(bodies, self.sound_bytes.tolist(), strict=True):
            yield from body
            yield bytes(sound[heard : heard + sounds])
            heard += sounds


def _seconds_of(frames: int, fps: int) -> Iterator[int]:
    """A segment's pictures in chunks: a second each, and the rest."""
    for first in range(0, frames, fps):
        yield min(fps, frames - first)
