"""HEVC byte streams, as far as joining needs them (ITU-T H.265)."""

import struct

from reelsmith.errors import MediaError
from reelsmith.media.h264 import nal_units, unescaped

_VPS, _SPS, _PPS = 32, 33, 34
_FIRST_NOT_A_SLICE = 32  # table 7-1: below are the slices of pictures
_PROFILE_AT, _PROFILE_BYTES = 3, 12  # profile_tier_level of an SPS: after its NAL header and ids


def record(stream: bytes) -> bytes:
    """The `hvcC` record (ISO 14496-15 section 8.3.3.1) of an Annex B stream's parameter sets.

    Lengths of NAL units take four bytes; 4:2:0, 8 bits, one temporal layer.

    Raises:
        MediaError: the stream has not one parameter set of each kind.
    """
    units = nal_units(stream)
    sets = {kind: [u for u in units if _kind(u) == kind] for kind in (_VPS, _SPS, _PPS)}
    if any(len(found) != 1 for found in sets.values()):
        raise MediaError("the encoder gave no single set of parameter sets")
    profile = unescaped(sets[_SPS][0])[_PROFILE_AT : _PROFILE_AT + _PROFILE_BYTES]
    parts = [b"\1", profile, b"\xf0\0\xfc\xfd\xf8\xf8\0\0\x0f", bytes((len(sets),))]
    for kind, (unit,) in sets.items():
        complete = 0x80
        parts += [struct.pack(">BHH", complete | kind, 1, len(unit)), unit]
    return b"".join(parts)


def sample(stream: bytes) -> bytes:
    """The slices of an Annex B picture as MP4 stores them; headers and remarks are left out."""
    slices = [unit for unit in nal_units(stream) if _kind(unit) < _FIRST_NOT_A_SLICE]
    return b"".join(len(unit).to_bytes(4) + unit for unit in slices)


def _kind(unit: bytes) -> int:
    return unit[0] >> 1 & 63
