"""The boxes of an MP4 file (ISO 14496-12), from numbers to bytes.

Tables are built by numpy, so that a film of a thousand segments costs no more than one of ten.
"""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]

TICKS = 512  # units of a picture track in one frame
_UNITY = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_UNDETERMINED = 0x55C4  # the language "und", packed
_SELF_CONTAINED = 1
_BIG = 2**32


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box of parts."""
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full_box(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    """A box that carries a version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


FILE_TYPE = box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isomiso2avc1mp41")
_PICTURES = (b"vide", b"Pictures\0", full_box(b"vmhd", bytes(8), flags=1))
_SOUND = (b"soun", b"Sound\0", full_box(b"smhd", bytes(4)))


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Samples of a track: picture after picture, or access unit after access unit.

    `sizes` in bytes and `durations` in units of the track, one per sample; `chunk_samples` how
    many samples stand in each chunk and `chunk_offsets` where in the file it starts.
    """

    sizes: Whole
    durations: Whole
    chunk_samples: Whole
    chunk_offsets: Whole


@dataclass(frozen=True, slots=True)
class Span:
    """How long a track is shown: in units of the film, and from which unit of the track on.

    `media` is the whole length of the track in its own units, `rate` of them in a second.
    """

    shown: int
    skipped: int
    media: int
    rate: int


def mdat_head(size_bytes: int) -> bytes:
    """What stands before `size_bytes` of pictures and sound."""
    if size_bytes + 8 < _BIG:
        return struct.pack(">I4s", size_bytes + 8, b"mdat")
    return struct.pack(">I4sQ", 1, b"mdat", size_bytes + 16)


def movie(tracks: list[bytes], *, rate: int, duration: int, extends: bytes = b"") -> bytes:
    """The `moov` box. `duration` in units of 1 / `rate` s; `extends` when fragments follow."""
    head = full_box(
        b"mvhd",
        struct.pack(">IIIIIH", 0, 0, rate, duration, 0x10000, 0x100),
        bytes(10) + _UNITY + bytes(24),
        struct.pack(">I", len(tracks) + 1),
    )
    return box(b"moov", head, *tracks, extends)


def video_track(
    samples: Samples,
    span: Span,
    *,
    delays: Whole,
    keys: NDArray[np.bool_],
    entry: bytes,
    size: tuple[int, int],
) -> bytes:
    """The `trak` box of the pictures; `delays` are from decoding to display, in track units.

    A track without samples has them in fragments that follow. `entry` is the sample entry, `size`
    the width and height in pixels.
    """
    starts = np.flatnonzero(keys) + 1
    own = [_runs(b"ctts", delays), _entries(b"stss", starts.astype(">u4"))] if len(keys) else []
    return _track(1, span, _PICTURES, _table(entry, samples, own), size=size)


def audio_track(samples: Samples, span: Span, *, entry: bytes) -> bytes:
    """The `trak` box of the sound; `entry` is the sample entry."""
    return _track(2, span, _SOUND, _table(entry, samples, []))


def _track(
    number: int,
    span: Span,
    handler: tuple[bytes, bytes, bytes],
    table: bytes,
    size: tuple[int, int] = (0, 0),
) -> bytes:
    kind, name, media_head = handler
    volume = 0x100 if kind == b"soun" else 0
    enabled_in_film = 3
    head = full_box(
        b"tkhd",
        struct.pack(">IIIII", 0, 0, number, 0, span.shown) + bytes(8),
        struct.pack(">HHHH", 0, 0, volume, 0) + _UNITY,
        struct.pack(">II", size[0] << 16, size[1] << 16),
        flags=enabled_in_film,
    )
    edit = full_box(b"elst", struct.pack(">IIiI", 1, span.shown, span.skipped, 0x10000))
    edits = box(b"edts", edit) if span.shown or span.skipped else b""
    times = struct.pack(">IIIIHH", 0, 0, span.rate, span.media, _UNDETERMINED, 0)
    here = full_box(b"url ", flags=_SELF_CONTAINED)
    data = box(b"dinf", full_box(b"dref", struct.pack(">I", 1), here))
    media = box(
        b"mdia",
        full_box(b"mdhd", times),
        full_box(b"hdlr", bytes(4) + kind + bytes(12) + name),
        box(b"minf", media_head, data, table),
    )
    return box(b"trak", head, edits, media)


def _table(entry: bytes, samples: Samples, own: list[bytes]) -> bytes:
    """The `stbl` box; `own` are the tables that only this kind of track has."""
    big = bool((samples.chunk_offsets >= _BIG).any())
    offsets = samples.chunk_offsets.astype(">u8" if big else ">u4")
    return box(
        b"stbl",
        full_box(b"stsd", struct.pack(">I", 1), entry),
        _runs(b"stts", samples.durations),
        *own,
        _chunks(samples.chunk_samples),
        full_box(
            b"stsz",
            struct.pack(">II", 0, len(samples.sizes)),
            samples.sizes.astype(">u4").tobytes(),
        ),
        _entries(b"co64" if big else b"stco", offsets),
    )


def _entries(kind: bytes, rows: NDArray[np.unsignedinteger]) -> bytes:
    return full_box(kind, struct.pack(">I", len(rows)), rows.tobytes())


def _run_starts(values: Whole) -> Whole:
    unlike_the_first = ~values[:1]
    return np.flatnonzero(np.diff(values, prepend=unlike_the_first))


def _runs(kind: bytes, values: Whole) -> bytes:
    """A table of (how often, value) for values that repeat."""
    starts = _run_starts(values)
    lengths = np.diff(np.append(starts, len(values)))
    return _entries(kind, np.stack((lengths, values[starts]), axis=1).astype(">u4"))


def _chunks(samples: Whole) -> bytes:
    """The `stsc` box: from which chunk on there are how many samples in each."""
    starts = _run_starts(samples)
    rows = np.stack((starts + 1, samples[starts], np.ones_like(starts)), axis=1)
    return _entries(b"stsc", rows.astype(">u4"))
