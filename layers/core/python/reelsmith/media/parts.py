"""The segments and the sound track of one film, checked to fit together."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import numpy as np

from reelsmith.errors import MediaError
from reelsmith.media.boxes import Whole
from reelsmith.media.segments import read_index
from reelsmith.media.tracks import AacTrack

_UNIT = 1024  # samples in one AAC access unit
_PIECE = 1 << 20  # bytes copied at a time


class Parts:
    """What a film is joined from. Arrays hold one number per picture, in decoding order.

    `sizes` in bytes, `shifts` how many places later than it is decoded a picture is shown, `keys`
    whether a player can start there; `units` the bytes of each access unit of sound that is heard.
    """

    def __init__(
        self,
        segments: Sequence[Path],
        track: AacTrack | None,
        *,
        width: int,
        height: int,
        fps: int,
    ) -> None:
        """Read the indexes of the segments.

        Raises:
            MediaError: there is none, one is broken or does not belong to this film, or the sound
                is not as long as the pictures.
        """
        if not segments:
            raise MediaError("a film needs at least one segment")
        self.indexes = [read_index(path) for path in segments]
        self.header = self.indexes[0].header
        self.size = width, height
        self.fps = fps
        self.track = track
        self.keys = np.concatenate([index.keys for index in self.indexes])
        self.sizes = np.concatenate([index.sizes for index in self.indexes]).astype(np.int64)
        self.shifts = np.concatenate([index.shifts for index in self.indexes]).astype(np.int64)
        self._check()
        self.units = _needed(track) if track else np.zeros(0, np.int64)

    @property
    def frames(self) -> int:
        """Pictures in the film."""
        return len(self.sizes)

    @property
    def delay(self) -> int:
        """Places that pictures are shown later than decoded, so that none is shown too early."""
        return max(0, -int(self.shifts.min()))

    @property
    def durations(self) -> Whole:
        """Samples that each access unit lasts; the last is cut to the track's end."""
        lengths = np.full(len(self.units), _UNIT, np.int64)
        if self.track:
            lengths[-1] -= lengths.sum() - self.track.priming - self.track.samples
        return lengths

    def units_by(self, frames: Whole) -> Whole:
        """How many access units are needed to hear so many pictures: none at first, then all."""
        if self.track is None:
            return np.zeros_like(frames)
        heard = frames * self.track.rate // self.fps + self.track.priming
        ends = np.minimum(-(-heard // _UNIT), len(self.units))
        ends[frames == 0] = 0
        ends[frames == self.frames] = len(self.units)
        return ends

    def bodies(self, sizes: Iterator[int]) -> Iterator[Iterator[bytes]]:
        """The pictures of all segments, in chunks of these sizes; none crosses two segments.

        Each chunk must be read before the next is asked for. Raises MediaError when a segment
        became shorter.
        """
        for index in self.indexes:
            left = index.body_bytes
            with index.path.open("rb") as body:
                body.seek(index.body_offset)
                while left:
                    size = next(sizes)
                    left -= size
                    yield _read(body, size, index.path.name)

    def _check(self) -> None:
        for index in self.indexes:
            if ((index.width, index.height), index.fps) != (self.size, self.fps):
                raise MediaError(f"{index.path.name} is of another size or rate than the film")
            if index.header != self.header:
                raise MediaError(f"{index.path.name} was coded under another header")
        if self.track:
            _check_sound(self.track, self.frames, self.fps)


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
