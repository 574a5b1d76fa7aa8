"""Sample entries: what an MP4 track says of its codec (ISO 14496-12, -14, -15)."""

import struct

from reelsmith.domain.jobs import Codec
from reelsmith.media.boxes import box, full_box
from reelsmith.media.coded import Header
from reelsmith.media.tracks import AacTrack

_NAMES = {
    Codec.H264: (b"avc1", b"avcC"),
    Codec.HEVC: (b"hvc1", b"hvcC"),  # hvc1, not hev1: Apple's players take no other
    Codec.AV1: (b"av01", b"av1C"),
}


def pictures(header: Header, width: int, height: int) -> bytes:
    """The sample entry of a picture track, BT.709 in limited range; sizes in pixels."""
    entry, configuration = _NAMES[header.codec]
    return box(
        entry,
        bytes(6) + struct.pack(">H", 1) + bytes(16),
        struct.pack(">HHIIIH", width, height, 0x480000, 0x480000, 0, 1),
        bytes(32) + struct.pack(">Hh", 24, -1),
        box(configuration, header.record),
        box(b"colr", b"nclx", struct.pack(">HHHB", 1, 1, 1, 0)),
        box(b"pasp", struct.pack(">II", 1, 1)),
    )


def sound(track: AacTrack) -> bytes:
    """The sample entry of an AAC track."""
    return box(
        b"mp4a",
        bytes(6) + struct.pack(">H", 1) + bytes(8),
        struct.pack(">HHII", track.channels, 16, 0, track.rate << 16),
        full_box(b"esds", _decoder_description(track)),
    )


def _decoder_description(track: AacTrack) -> bytes:
    """ISO 14496-1 section 7.2.6: ES, decoder configuration, AudioSpecificConfig, SL."""
    seconds = len(track.sizes) * 1024 / track.rate
    average = round(8 * len(track.data) / seconds)
    most = round(8 * int(track.sizes.max()) * track.rate / 1024)
    specific = _descriptor(5, track.config)
    aac, audio = 0x40, 0x15
    decoder = struct.pack(">BB3xII", aac, audio, most, average) + specific
    return _descriptor(3, struct.pack(">HB", 2, 0) + _descriptor(4, decoder) + b"\x06\x01\x02")


def _descriptor(tag: int, body: bytes) -> bytes:
    return bytes((tag, 0x80, 0x80, 0x80, len(body))) + body
