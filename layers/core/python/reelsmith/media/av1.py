"""AV1 streams, as far as joining needs them (AV1 bitstream specification; AV1 in ISOBMFF)."""

from collections.abc import Iterator

from reelsmith.errors import MediaError
from reelsmith.media.h264 import Bits

_SEQUENCE_HEADER, _TEMPORAL_DELIMITER, _PADDING = 1, 2, 15
_REMARKS = frozenset({_TEMPORAL_DELIMITER, 5, _PADDING})  # 5 is metadata
_TIERED = 7  # levels above it say their tier


def record(key_picture: bytes) -> bytes:
    """The `av1C` record (AV1 in ISOBMFF section 2.3) of the sequence header in a key picture.

    Raises:
        MediaError: there is no sequence header, or not one of a plain 4:2:0, 8 bit stream.
    """
    headers = [unit for kind, unit in _units(key_picture) if kind == _SEQUENCE_HEADER]
    if len(headers) != 1:
        raise MediaError("the encoder gave no single sequence header")
    header = headers[0]
    bits = Bits(_payload(header))
    profile, still, reduced = bits.u(3), bits.u(1), bits.u(1)
    timed, delayed, operating_points = bits.u(1), bits.u(1), bits.u(5)
    bits.u(12)
    level = bits.u(5)
    tier = bits.u(1) if level > _TIERED else 0
    if profile or still or reduced or timed or delayed or operating_points:
        raise MediaError("the encoder's sequence header is not one that films can use")
    subsampled_both_ways = 0x0C
    return bytes((0x81, profile << 5 | level, tier << 7 | subsampled_both_ways, 0)) + header


def sample(stream: bytes) -> bytes:
    """A temporal unit as MP4 stores it: without its delimiter, padding and remarks."""
    return b"".join(unit for kind, unit in _units(stream) if kind not in _REMARKS)


def _units(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """The OBUs of a low-overhead stream with their kinds (section 5.3). Raises MediaError."""
    at = 0
    while at < len(stream):
        if not stream[at] & 2:
            raise MediaError("the encoder gave a unit without its size")
        extended = stream[at] >> 2 & 1
        size, body = _leb128(stream, at + 1 + extended)
        yield stream[at] >> 3 & 15, stream[at : body + size]
        at = body + size


def _payload(unit: bytes) -> bytes:
    _, body = _leb128(unit, 1 + (unit[0] >> 2 & 1))
    return unit[body:]


def _leb128(stream: bytes, at: int) -> tuple[int, int]:
    """A number (section 4.10.5) and the place after it. Raises MediaError."""
    value = 0
    for place, byte in enumerate(stream[at : at + 8]):
        value |= (byte & 0x7F) << (7 * place)
        if not byte & 0x80:
            return value, at + place + 1
    raise MediaError("an AV1 unit says no length")
