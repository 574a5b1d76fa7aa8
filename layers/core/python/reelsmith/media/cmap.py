"""Which characters a font can draw: its `cmap` table (OpenType 1.9.1, formats 4 and 12)."""

import struct
from collections.abc import Iterator
from pathlib import Path

from reelsmith.errors import MediaError

_BEST = ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3))  # (platform, encoding), the widest first


def code_points(path: Path) -> frozenset[int]:
    """The Unicode code points for which a TrueType or OpenType font has a glyph.

    Raises:
        MediaError: it has no Unicode `cmap` of a format known here.
    """
    data = path.read_bytes()
    table = _table(data, b"cmap")
    count = struct.unpack_from(">H", table, 2)[0]
    offsets = {}
    for index in range(count):
        platform, encoding, offset = struct.unpack_from(">HHI", table, 4 + 8 * index)
        offsets[platform, encoding] = offset
    found = next((offsets[kind] for kind in _BEST if kind in offsets), None)
    if found is None:
        raise MediaError(f"the font {path.name} has no Unicode character map")
    subtable = table[found:]
    readers = {4: _segments, 12: _groups}
    read = readers.get(struct.unpack_from(">H", subtable)[0])
    if read is None:
        raise MediaError(f"the font {path.name} has a character map of an unknown format")
    return frozenset(read(subtable))


def _table(data: bytes, tag: bytes) -> bytes:
    count = struct.unpack_from(">H", data, 4)[0]
    for index in range(count):
        name, _, offset, length = struct.unpack_from(">4sIII", data, 12 + 16 * index)
        if name == tag:
            return data[offset : offset + length]
    raise MediaError(f"a font has no {tag.decode()} table")


def _groups(subtable: bytes) -> Iterator[int]:
    """Format 12: runs of code points with 32 bits."""
    count = struct.unpack_from(">I", subtable, 12)[0]
    for index in range(count):
        first, last, _ = struct.unpack_from(">III", subtable, 16 + 12 * index)
        yield from range(first, last + 1)


def _segments(subtable: bytes) -> Iterator[int]:
    """Format 4: runs of code points with 16 bits, some pointing to glyph 0, which is none."""
    count = struct.unpack_from(">H", subtable, 6)[0] // 2
    words = struct.Struct(f">{count}H")
    ends = words.unpack_from(subtable, 14)
    starts = words.unpack_from(subtable, 16 + 2 * count)
    deltas = words.unpack_from(subtable, 16 + 4 * count)
    ranges_at = 16 + 6 * count
    offsets = words.unpack_from(subtable, ranges_at)
    for index, (first, last) in enumerate(zip(starts, ends, strict=True)):
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code
            if offsets[index]:
                at = ranges_at + 2 * index + offsets[index] + 2 * (code - first)
                glyph = struct.unpack_from(">H", subtable, at)[0]
                if glyph == 0:
                    continue
            if (glyph + deltas[index]) & 0xFFFF:
                yield code
