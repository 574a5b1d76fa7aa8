"""The boxes of a fragmented MP4 file (ISO 14496-12 section 8.8), from numbers to bytes."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reelsmith.media import boxes
from reelsmith.media.boxes import Samples, Span, Whole, box, full_box

FILE_TYPE = box(b"ftyp", b"iso6", bytes(4), b"iso6mp41")
_NONE = np.zeros(0, np.int64)
_NO_SAMPLES = Samples(_NONE, _NONE, _NONE, _NONE)
_KEY, _NOT_KEY = 0x0200_0000, 0x0101_0000  # section 8.8.3.1: depends on none; on others, no sync
_FROM_MOOF = 0x02_0000  # offsets are counted from the start of the fragment
_OFFSET, _DURATIONS, _SIZES, _FLAGS, _DELAYS = 0x1, 0x100, 0x200, 0x400, 0x800


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """The samples of one track in a fragment. Times are in units of the track.

    `begins` is when the first is decoded; columns hold one number per sample, `delays` are from
    decoding to display.
    """

    track: int
    begins: int
    sizes: Whole
    durations: Whole
    keys: NDArray[np.bool_]
    delays: Whole

    @property
    def size_bytes(self) -> int:
        """Bytes of all samples."""
        return int(self.sizes.sum())


@dataclass(frozen=True, slots=True)
class Opening:
    """What a track says before its first fragment.

    `entry` is its sample entry, `rate` its units in a second, `skipped` the units before the first
    that is shown, and `size` the width and height in pixels, of pictures only.
    """

    entry: bytes
    rate: int
    skipped: int
    size: tuple[int, int] = (0, 0)

    @property
    def span(self) -> Span:
        """A track whose length the fragments tell."""
        return Span(shown=0, skipped=self.skipped, media=0, rate=self.rate)


def opening(pictures: Opening, sound: Opening | None) -> bytes:
    """What stands in front of all fragments."""
    video = boxes.video_track(
        _NO_SAMPLES,
        pictures.span,
        delays=_NONE,
        keys=np.zeros(0, np.bool_),
        entry=pictures.entry,
        size=pictures.size,
    )
    tracks = [video]
    if sound:
        tracks.append(boxes.audio_track(_NO_SAMPLES, sound.span, entry=sound.entry))
    defaults = [
        full_box(b"trex", struct.pack(">IIIII", number, 1, 0, 0, 0))
        for number in range(1, len(tracks) + 1)
    ]
    extends = box(b"mvex", *defaults)
    return FILE_TYPE + boxes.movie(tracks, rate=pictures.rate, duration=0, extends=extends)


def fragment(number: int, stretches: Sequence[Stretch]) -> bytes:
    """The `moof` box and the head of the `mdat` box, whose samples follow stretch by stretch."""
    length = len(_moof(number, stretches, 0))
    head = boxes.mdat_head(sum(stretch.size_bytes for stretch in stretches))
    return _moof(number, stretches, length + len(head)) + head


def _moof(number: int, stretches: Sequence[Stretch], first: int) -> bytes:
    parts = [full_box(b"mfhd", struct.pack(">I", number))]
    for stretch in stretches:
        parts.append(_traf(stretch, first))
        first += stretch.size_bytes
    return box(b"moof", *parts)


def _traf(stretch: Stretch, first: int) -> bytes:
    """One track's part; its first sample stands `first` bytes after the start of the `moof`."""
    columns = (
        stretch.durations,
        stretch.sizes,
        np.where(stretch.keys, _KEY, _NOT_KEY),
        stretch.delays,
    )
    rows = np.stack(columns, axis=1).astype(">u4").tobytes()
    return box(
        b"traf",
        full_box(b"tfhd", struct.pack(">I", stretch.track), flags=_FROM_MOOF),
        full_box(b"tfdt", struct.pack(">Q", stretch.begins), version=1),
        full_box(
            b"trun",
            struct.pack(">Ii", len(stretch.sizes), first),
            rows,
            flags=_OFFSET | _DURATIONS | _SIZES | _FLAGS | _DELAYS,
        ),
    )
