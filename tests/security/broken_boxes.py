"""Sounds in MP4 whose index lies: about lengths, places, times and other files."""

import struct
import zlib
from pathlib import Path

from reelsmith.domain.assets import FileType
from tests.security import mp4
from tests.security.broken_sounds import a_sound
from tests.security.corpus import ANY_REFUSAL, Case, Neighbours, sent
from tests.security.mp4 import SAMPLE_TABLE, added, box, edited, table

AUDIO = FileType.AUDIO
_MOST = 2**32 - 1


def _m4a() -> bytes:
    return a_sound("ipod")


def _table(kind: bytes, content: bytes) -> bytes:
    return edited(_m4a(), (*SAMPLE_TABLE, kind), lambda _: content)


def _plant_elsewhere(folder: Path, near: Neighbours) -> Path:
    path = folder / "song.m4a"
    where = (*SAMPLE_TABLE[:-1], b"dinf", b"dref")
    path.write_bytes(edited(_m4a(), where, mp4.elsewhere(str(near.secret))))
    return path


def _packed_index() -> bytes:
    """An index packed by zlib, as old QuickTime did, which unpacks to 200 MB."""
    packed = struct.pack(">I", 200_000_000) + zlib.compress(bytes(200_000_000), 9)
    inner = box(b"dcom", b"zlib") + box(b"cmvd", packed)
    return edited(_m4a(), (b"moov",), lambda _: box(b"cmov", inner))


def _streams(count: int) -> bytes:
    whole = _m4a()
    track = next(
        body for kind, body in mp4.parts(dict(mp4.parts(whole))[b"moov"]) if kind == b"trak"
    )
    return added(whole, (b"moov",), box(b"trak", track) * count)


BOXES: tuple[Case, ...] = (
    Case("M4A whose sound lies elsewhere", AUDIO, _plant_elsewhere, "song.m4a", None),
    sent(
        "M4A with boxes 2,000 deep",
        AUDIO,
        "a.m4a",
        lambda: _m4a() + mp4.nested(b"udta", 2_000),
        "broken header",
    ),
    sent(
        "M4A with tracks 2,000 deep",
        AUDIO,
        "a.m4a",
        lambda: added(_m4a(), (b"moov",), mp4.nested(b"trak", 2_000)),
    ),
    sent(
        "M4A with a box that ends before it begins",
        AUDIO,
        "a.m4a",
        lambda: _m4a() + box(b"free", b"", says=4),
    ),
    sent(
        "M4A with a box of 2 to the 63",
        AUDIO,
        "a.m4a",
        lambda: _m4a() + b"\0\0\0\1free" + struct.pack(">Q", 2**63),
    ),
    sent(
        "M4A with a negative box in its index",
        AUDIO,
        "a.m4a",
        lambda: added(_m4a(), (b"moov",), b"\0\0\0\1udta" + struct.pack(">q", -99)),
    ),
    sent(
        "M4A with a box without end in its index",
        AUDIO,
        "a.m4a",
        lambda: added(_m4a(), (b"moov",), box(b"trak", b"", says=0)),
    ),
    sent("M4A of 100 tracks", AUDIO, "a.m4a", lambda: _streams(100), "tracks|broken header"),
    sent(
        "M4A of 4 thousand million sounds",
        AUDIO,
        "a.m4a",
        lambda: _table(b"stsz", struct.pack(">III", 0, 1, _MOST)),
        ANY_REFUSAL,
    ),
    sent(
        "M4A of 4 thousand million sizes",
        AUDIO,
        "a.m4a",
        lambda: _table(b"stsz", struct.pack(">III", 0, 0, _MOST)),
        ANY_REFUSAL,
    ),
    sent(
        "M4A of 4 thousand million times",
        AUDIO,
        "a.m4a",
        lambda: _table(b"stts", table(1, _MOST, _MOST)),
        ANY_REFUSAL,
    ),
    sent(
        "M4A of 4 thousand million places",
        AUDIO,
        "a.m4a",
        lambda: _table(b"stco", table(_MOST)),
        ANY_REFUSAL,
    ),
    sent(
        "M4A whose sounds lie behind its end",
        AUDIO,
        "a.m4a",
        lambda: _table(b"stco", table(1, 2**31)),
        ANY_REFUSAL,
    ),
    sent(
        "M4A whose sounds lie in its head",
        AUDIO,
        "a.m4a",
        lambda: _table(b"stco", table(1, 0)),
        ANY_REFUSAL,
    ),
    sent(
        "M4A whose second has no parts",
        AUDIO,
        "a.m4a",
        lambda: edited(
            _m4a(), (b"moov", b"trak", b"mdia", b"mdhd"), mp4.overwritten(12, bytes(4))
        ),
        None,
    ),
    sent(
        "M4A that lasts for ever, as it says",
        AUDIO,
        "a.m4a",
        lambda: edited(
            _m4a(), (b"moov", b"trak", b"mdia", b"mdhd"), mp4.overwritten(16, b"\xff" * 4)
        ),
    ),
    sent(
        "M4A with 100,000 edits",
        AUDIO,
        "a.m4a",
        lambda: edited(
            _m4a(),
            (b"moov", b"trak", b"edts", b"elst"),
            lambda _: table(10**5) + bytes(12 * 10**5),
        ),
        ANY_REFUSAL,
    ),
    sent("M4A with an index of 200 MB, packed", AUDIO, "a.m4a", _packed_index, ANY_REFUSAL),
    sent(
        "M4A without its index",
        AUDIO,
        "a.m4a",
        lambda: box(b"ftyp", b"M4A \0\0\0\0") + box(b"mdat", bytes(999)),
        ANY_REFUSAL,
    ),
    sent("M4A that is its name only", AUDIO, "a.m4a", box(b"ftyp", b"M4A "), ANY_REFUSAL),
)
