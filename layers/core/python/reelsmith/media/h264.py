"""H.264 byte streams, as far as joining and holding pictures needs them (ITU-T H.264).

A hold repeats a picture by P pictures in which every macroblock is skipped. They are all the same
but for two counters in the slice header, `frame_num` and `pic_order_cnt_lsb`, so one that the
encoder made is enough: the counters are written anew for each (sections 7.3.3, 7.4.3).
"""

import re
import struct
from dataclasses import dataclass
from typing import Self

from reelsmith.errors import MediaError

_IDR, _SLICE, _SPS, _PPS = 5, 1, 7, 8
_PROFILES_WITH_CHROMA = frozenset({100, 110, 122, 244})
_ZEROS_TO_ESCAPE = re.compile(rb"\x00\x00(?=[\x00-\x03])")


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """What a decoder must know before the first picture; the same in all parts of one film."""

    sps: bytes
    pps: bytes

    @classmethod
    def of(cls, stream: bytes) -> Self:
        """The one SPS and one PPS of an Annex B stream. Raises MediaError."""
        units = nal_units(stream)
        found = [[u for u in units if u[0] & 31 == kind] for kind in (_SPS, _PPS)]
        if [len(f) for f in found] != [1, 1]:
            raise MediaError("the encoder gave no single pair of parameter sets")
        return cls(found[0][0], found[1][0])


def nal_units(stream: bytes) -> list[bytes]:
    """The NAL units of an Annex B stream, without start codes (Annex B.1)."""
    units = []
    at = stream.find(b"\0\0\1")
    while at >= 0:
        begin = at + 3
        at = stream.find(b"\0\0\1", begin)
        units.append(stream[begin : at if at >= 0 else len(stream)].rstrip(b"\0"))
    return [unit for unit in units if unit]


def record(stream: bytes) -> bytes:
    """The `avcC` record (ISO 14496-15 section 5.3.3.1) of an Annex B stream.

    Lengths of NAL units take four bytes.

    Raises:
        MediaError: the stream has not one parameter set of each kind.
    """
    found = ParameterSets.of(stream)
    sps, pps = found.sps, found.pps
    chroma = b"\xfd\xf8\xf8\0" if sps[1] in _PROFILES_WITH_CHROMA else b""
    return b"".join(
        (
            bytes((1, sps[1], sps[2], sps[3], 0xFF, 0xE1)),
            struct.pack(">H", len(sps)),
            sps,
            struct.pack(">BH", 1, len(pps)),
            pps,
            chroma,
        )
    )


def sample(stream: bytes) -> bytes:
    """The slices of an Annex B picture as MP4 stores them; headers and remarks are left out."""
    slices = [unit for unit in nal_units(stream) if unit[0] & 31 in (_SLICE, _IDR)]
    return b"".join(len(unit).to_bytes(4) + unit for unit in slices)


def escaped(rbsp: bytes) -> bytes:
    """Payload with emulation prevention (section 7.4.1): no three bytes look like a start code."""
    return _ZEROS_TO_ESCAPE.sub(b"\0\0\3", rbsp)


def unescaped(payload: bytes) -> bytes:
    """Payload without emulation prevention."""
    return payload.replace(b"\0\0\3", b"\0\0")


class Bits:
    """Reads a payload bit by bit."""

    def __init__(self, rbsp: bytes) -> None:
        self._value = int.from_bytes(rbsp)
        self._length = 8 * len(rbsp)
        self.position = 0

    def u(self, width: int) -> int:
        """An unsigned number of `width` bits. Raises MediaError at the end of the payload."""
        self.position += width
        if self.position > self._length:
            raise MediaError("an H.264 header ends too early")
        return (self._value >> (self._length - self.position)) & ((1 << width) - 1)

    def ue(self) -> int:
        """An Exp-Golomb number (section 9.1). Raises MediaError."""
        zeros = 0
        while not self.u(1):
            zeros += 1
        return (1 << zeros) - 1 + self.u(zeros)


@dataclass(frozen=True, slots=True)
class Counters:
    """Widths in bits of `frame_num` and of `pic_order_cnt_lsb`, which follow each other."""

    frame_num: int
    order: int

    @classmethod
    def of(cls, sps: bytes) -> Self:
        """Read the widths from an SPS (section 7.3.2.1.1).

        Raises:
            MediaError: the stream is interlaced, not 4:2:0, or counts in another way.
        """
        bits = Bits(unescaped(sps[1:]))
        profile = bits.u(8)
        bits.u(16)
        bits.ue()
        plain = True
        if profile in _PROFILES_WITH_CHROMA:
            chroma_format = bits.ue()
            depths = bits.ue(), bits.ue()
            plain = chroma_format == 1 and depths == (0, 0) and bits.u(2) == 0
        frame_num = bits.ue() + 4
        order_type = bits.ue()
        order = bits.ue() + 4
        bits.ue()  # reference pictures
        bits.u(1)  # gaps allowed
        bits.ue(), bits.ue()  # width and height
        if not plain or order_type != 0 or not bits.u(1):
            raise MediaError("the encoder's parameter sets are not ones that holds can use")
        return cls(frame_num, order)


class Skips:
    """All-skip P pictures for any place after an IDR picture."""

    def __init__(self, template: bytes, parameters: ParameterSets) -> None:
        """Learn from one all-skip P picture, length-prefixed.

        Raises:
            MediaError: it is not a P picture in a single slice.
        """
        self._counters = Counters.of(parameters.sps)
        self._head = template[4:5]
        self._rbsp = unescaped(template[5:])
        bits = Bits(self._rbsp)
        first_macroblock, slice_type = bits.ue(), bits.ue()
        bits.ue()
        single = int.from_bytes(template[:4]) == len(template) - 4
        if not single or template[4] & 31 != _SLICE or first_macroblock or slice_type % 5:
            raise MediaError("the encoder gave no P picture to hold by")
        self._at = bits.position
        self._made: dict[tuple[int, int], bytes] = {}

    def picture(self, number: int) -> bytes:
        """The picture `number` places after its IDR picture, which it repeats, length-prefixed."""
        counts = (
            number % (1 << self._counters.frame_num),
            2 * number % (1 << self._counters.order),
        )
        if counts not in self._made:
            self._made[counts] = self._with(*counts)
        return self._made[counts]

    def _with(self, frame_num: int, order: int) -> bytes:
        width = self._counters.frame_num + self._counters.order
        shift = 8 * len(self._rbsp) - self._at - width
        field = (frame_num << self._counters.order) | order
        rest = int.from_bytes(self._rbsp) & ~(((1 << width) - 1) << shift)
        unit = self._head + escaped((rest | (field << shift)).to_bytes(len(self._rbsp)))
        return len(unit).to_bytes(4) + unit
