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
from typing import BinaryIO

import numpy as np

from reelsmith.errors import MediaError
from reelsmith.media import boxes, entries
from reelsmith.media.boxes import Samples, Span, Whole
from reelsmith.media.segments import SegmentIndex, read_index
from reelsmith.media.tracks import AacTrack

_TICKS = 512  # units of the picture track in one frame
_UNIT = 1024  # samples in one AAC access unit
_PIECE = 1 << 20  # bytes copied at a time


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
    layout = _Layout([read_index(path) for path in segments], track, fps)
    layout.check(width, height)
    part = out.with_name(out.name + ".part")
    digest = hashlib.sha256()
    size = 0
    try:
        with part.open("wb") as file:
            for piece in layout.pieces(width, height):
                digest.update(piece)
                size += file.write(piece)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return FilmFacts(
        frames=layout.frames,
        key_frames=int(layout.keys.sum()),
        video_seconds=Fraction(layout.frames, fps),
        audio_seconds=Fraction(track.samples, track.rate) if track else Fraction(0),
        size_bytes=size,
        sha256=digest.hexdigest(),
    )


class _Layout:
    """Where everything stands in the film.

    A chunk of pictures is a second of one segment, or its rest. The sound that is heard by the
    end of those pictures follows it.
    """

    def __init__(self, indexes: list[SegmentIndex], track: AacTrack | None, fps: int) -> None:
        if not indexes:
            raise MediaError("a film needs at least one segment")
        self.indexes = indexes
        self.track = track
        self.fps = fps
        self.keys = np.concatenate([index.keys for index in indexes])
        self.frames = len(self.keys)
        self.sizes = np.concatenate([index.sizes for index in indexes]).astype(np.int64)
        self.pictures = np.array(
            [count for index in indexes for count in _seconds_of(index.frames, fps)], np.int64
        )
        self.sounds = _needed(track) if track else np.zeros(0, np.int64)

    def check(self, width: int, height: int) -> None:
        """Raises MediaError when parts do not fit together."""
        first = self.indexes[0].header
        for index in self.indexes:
            if (index.width, index.height, index.fps) != (width, height, self.fps):
                raise MediaError(f"{index.path.name} is of another size or rate than the film")
            if index.header != first:
                raise MediaError(f"{index.path.name} was coded under another header")
        if self.track:
            _check_sound(self.track, self.frames, self.fps)

    @cached_property
    def picture_bytes(self) -> Whole:
        """Bytes of each chunk of pictures."""
        ends = np.cumsum(self.pictures)
        return np.diff(np.concatenate(([0], self.sizes.cumsum()[ends - 1])))

    @cached_property
    def units(self) -> Whole:
        """Access units of sound in each chunk; there are as many chunks as of pictures."""
        if self.track is None:
            return np.zeros_like(self.pictures)
        heard = np.cumsum(self.pictures) * self.track.rate // self.fps + self.track.priming
        ends = np.minimum(-(-heard // _UNIT), len(self.sounds))
        ends[-1] = len(self.sounds)
        return np.diff(ends, prepend=0)

    @cached_property
    def sound_bytes(self) -> Whole:
        """Bytes of each chunk of sound."""
        before = np.concatenate(([0], self.sounds.cumsum()))
        return np.diff(before[np.cumsum(self.units)], prepend=0)

    def pieces(self, width: int, height: int) -> Iterator[bytes]:
        """The bytes of the film, in order."""
        content = int(self.picture_bytes.sum() + self.sound_bytes.sum())
        head = boxes.mdat_head(content)
        before = len(boxes.FILE_TYPE) + len(head)
        moov, length = b"", -1
        while len(moov) != length:  # its own length decides how wide its offsets must be
            length = len(moov)
            moov = self._moov(before + length, width, height)
        yield boxes.FILE_TYPE + moov + head
        yield from self._content()

    def _moov(self, content_at: int, width: int, height: int) -> bytes:
        rate = math.lcm(self.fps, self.track.rate if self.track else 1)
        shown = self.frames * rate // self.fps
        both = self.picture_bytes + self.sound_bytes
        starts = content_at + np.cumsum(both) - both
        shifts = np.concatenate([index.shifts for index in self.indexes]).astype(np.int64)
        delay = max(0, -int(shifts.min()))
        video = boxes.video_track(
            Samples(self.sizes, np.full(self.frames, _TICKS), self.pictures, starts),
            Span(shown, delay * _TICKS, self.frames * _TICKS, self.fps * _TICKS),
            delays=(shifts + delay) * _TICKS,
            keys=self.keys,
            entry=entries.pictures(self.indexes[0].header, width, height),
            size=(width, height),
        )
        tracks = [video]
        if self.track:
            tracks.append(self._sound(self.track, starts + self.picture_bytes, shown))
        return boxes.movie(tracks, rate=rate, duration=shown)

    def _sound(self, track: AacTrack, starts: Whole, shown: int) -> bytes:
        media = track.priming + track.samples
        durations = np.full(len(self.sounds), _UNIT, np.int64)
        durations[-1] -= durations.sum() - media
        used = self.units > 0
        samples = Samples(self.sounds, durations, self.units[used], starts[used])
        span = Span(shown, track.priming, media, track.rate)
        return boxes.audio_track(samples, span, entry=entries.sound(track))

    def _content(self) -> Iterator[bytes]:
        """Chunks of pictures and of sound in turn, reading each segment once."""
        sound = memoryview(self.track.data if self.track else b"")
        heard = 0
        chunks = iter(zip(self.picture_bytes.tolist(), self.sound_bytes.tolist(), strict=True))
        for index in self.indexes:
            with index.path.open("rb") as body:
                body.seek(index.body_offset)
                for _ in _seconds_of(index.frames, self.fps):
                    pictures, sounds = next(chunks)
                    yield from _read(body, pictures, index.path.name)
                    yield bytes(sound[heard : heard + sounds])
                    heard += sounds


def _seconds_of(frames: int, fps: int) -> Iterator[int]:
    """A segment's pictures in chunks: a second each, and the rest."""
    for first in range(0, frames, fps):
        yield min(fps, frames - first)


def _needed(track: AacTrack) -> Whole:
    """Sizes in bytes of the access units that are heard; encoders may give one more."""
    count = -(-(track.priming + track.samples) // _UNIT)
    return track.sizes[:count].astype(np.int64)


def _check_sound(track: AacTrack, frames: int, fps: int) -> None:
    if track.samples != round(Fraction(frames * track.rate, fps)):
        seconds = track.samples / track.rate
        raise MediaError(f"the sound takes {seconds:.3f} s, the pictures {frames / fps:.3f} s")
    if len(track.sizes) * _UNIT < track.priming + track.samples:
        raise MediaError("the sound track holds fewer samples than it says")
    if int(track.sizes.sum(dtype=np.int64)) != len(track.data):
        raise MediaError("the sizes of the sound track do not add up to its bytes")


def _read(body: BinaryIO, size: int, name: str) -> Iterator[bytes]:
    """The next `size` bytes of a segment, in pieces. Raises MediaError when they are not there."""
    while size:
        piece = body.read(min(size, _PIECE))
        if not piece:
            raise MediaError(f"{name} became shorter while it was read")
        size -= len(piece)
        yield piece
