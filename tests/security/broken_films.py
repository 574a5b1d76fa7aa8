"""Films that lie about their size, their rate, their length or where their pictures are."""

import io
import struct
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np

from reelsmith.domain.assets import FileType
from tests.security import mp4
from tests.security.corpus import ANY_REFUSAL, Case, Neighbours, cuts, sent
from tests.security.mp4 import SAMPLE_TABLE, added, box, edited, overwritten, table

VIDEO = FileType.VIDEO
_MOST = 2**32 - 1
_ENTRY = (*SAMPLE_TABLE, b"stsd")
_TRACK = (b"moov", b"trak")
_MEDIA_HEAD = (*_TRACK, b"mdia", b"mdhd")


@cache
def a_film(
    container: str = "mp4",
    codec: str = "libx264",
    *,
    pixels: str = "yuv420p",
    fps: int = 25,
    frames: int = 12,
    size: tuple[int, int] = (64, 48),
    tracks: int = 1,
    step: int = 1,
) -> bytes:
    """A short film of grey that grows lighter; of every `step` pictures one is there."""
    made = io.BytesIO()
    with av.open(made, "w", format=container) as out:
        streams = [out.add_stream(codec, rate=fps) for _ in range(tracks)]
        for stream in streams:
            stream.width, stream.height, stream.pix_fmt = *size, pixels
            stream.time_base = Fraction(1, fps)
        for n in range(frames):
            grey = np.full((size[1], size[0], 3), 20 * n % 250, np.uint8)
            for stream in streams:
                frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
                frame.pts = n * step
                out.mux(stream.encode(frame))
        for stream in streams:
            out.mux(stream.encode(None))
    return made.getvalue()


def _attached(body: bytes, name: str) -> bytes:
    """A Matroska with a file attached to it (RFC 9559, 5.1.6)."""
    made = io.BytesIO()
    with av.open(io.BytesIO(a_film())) as film, av.open(made, "w", format="matroska") as out:
        pictures = film.streams.video[0]
        stream = out.add_stream_from_template(pictures)
        out.add_attachment(name, "application/x-truetype-font", body)
        for packet in film.demux(pictures):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
    return made.getvalue()


def _table(kind: bytes, content: bytes) -> bytes:
    return edited(a_film(), (*SAMPLE_TABLE, kind), lambda _: content)


def _sized(width: int, height: int) -> bytes:
    """A film whose index and whose coded pictures tell of different sizes."""
    head = struct.pack(">HH", width, height)
    told = edited(a_film(), _ENTRY, overwritten(8 + 8 + 24, head))
    return edited(
        told, (*_TRACK, b"tkhd"), overwritten(76, struct.pack(">II", width << 16, height << 16))
    )


def _lasting(ticks: int, scale: int) -> bytes:
    told = edited(a_film(), _MEDIA_HEAD, overwritten(12, struct.pack(">II", scale, ticks)))
    return edited(told, (b"moov", b"mvhd"), overwritten(12, struct.pack(">II", scale, ticks)))


def _plant_elsewhere(folder: Path, near: Neighbours) -> Path:
    path = folder / "film.mov"
    where = (*SAMPLE_TABLE[:-1], b"dinf", b"dref")
    path.write_bytes(edited(a_film("mov"), where, mp4.elsewhere(str(near.secret))))
    return path


def _plant_reference(folder: Path, near: Neighbours) -> Path:
    """A QuickTime film that is a list of addresses (reference movie)."""
    path = folder / "film.mov"
    link = near.url.encode() + b"\0"
    where = bytes(4) + b"url " + struct.pack(">I", len(link)) + link
    descriptor = box(b"rmda", box(b"rdrf", where))
    index = box(b"moov", box(b"rmra", descriptor))
    path.write_bytes(box(b"ftyp", b"qt  \0\0\0\0qt  ") + index)
    return path


def _good(title: str, name: str, body: Callable[[], bytes]) -> Case:
    return sent(f"good {title}", VIDEO, name, body)


_GOOD = (
    _good("H.264 in MP4", "a.mp4", a_film),
    _good("H.264 in QuickTime", "a.mov", lambda: a_film("mov")),
    _good("H.264 in Matroska", "a.mkv", lambda: a_film("matroska")),
    _good("VP9 in WebM", "a.webm", lambda: a_film("webm", "libvpx-vp9")),
    _good("HEVC", "a.mp4", lambda: a_film("mp4", "libx265")),
    _good("AV1", "a.mp4", lambda: a_film("mp4", "libsvtav1", size=(128, 96))),
    _good("MPEG-4 part 2", "a.mp4", lambda: a_film("mp4", "mpeg4")),
    _good("motion JPEG", "a.mov", lambda: a_film("mov", "mjpeg", pixels="yuvj420p")),
    _good("240 pictures a second", "a.mp4", lambda: a_film(fps=240)),
    _good("4:4:4", "a.mp4", lambda: a_film(pixels="yuv444p")),
    _good("Matroska with a font", "a.mkv", lambda: _attached(b"font" * 999, "a.ttf")),
    _good("Matroska with a path", "a.mkv", lambda: _attached(b"x", "../../etc/passwd")),
    _good("film named as a picture", "a.png", a_film),
)
_LIES = (
    sent("1,000 pictures a second", VIDEO, "a.mp4", lambda: a_film(fps=1_000), "250 pictures"),
    sent(
        "33 tracks",
        VIDEO,
        "a.mkv",
        lambda: a_film("matroska", "mpeg4", frames=1, tracks=33),
        "32 tracks",
    ),
    sent(
        "100 tracks",
        VIDEO,
        "a.mkv",
        lambda: a_film("matroska", "mpeg4", frames=1, tracks=100),
        ANY_REFUSAL,
    ),
    sent("40,000 pixels a side", VIDEO, "a.mp4", lambda: _sized(40_000, 40_000), None),
    sent("no pixel a side", VIDEO, "a.mp4", lambda: _sized(0, 0), None),
    sent(
        "8,400 coded pixels a side", VIDEO, "a.mp4", lambda: a_film(size=(8_400, 16)), "is larger"
    ),
    sent("a film of six hours", VIDEO, "a.mp4", lambda: a_film(fps=1, step=2_000), "4 hours"),
    sent("a film of a second without parts", VIDEO, "a.mp4", lambda: _lasting(9_999, 0), None),
    sent(
        "4 thousand million pictures",
        VIDEO,
        "a.mp4",
        lambda: _table(b"stsz", struct.pack(">III", 0, 0, _MOST)),
        ANY_REFUSAL,
    ),
    sent(
        "4 thousand million pictures of a byte",
        VIDEO,
        "a.mp4",
        lambda: _table(b"stsz", struct.pack(">III", 0, 1, _MOST)),
        ANY_REFUSAL,
    ),
    sent(
        "4 thousand million delays",
        VIDEO,
        "a.mp4",
        lambda: _table(b"ctts", table(1, _MOST, _MOST)),
        None,
    ),
    sent(
        "4 thousand million key frames",
        VIDEO,
        "a.mp4",
        lambda: _table(b"stss", table(_MOST)),
        ANY_REFUSAL,
    ),
    sent(
        "pictures before the beginning",
        VIDEO,
        "a.mp4",
        lambda: _table(b"stco", table(1, 0)),
        ANY_REFUSAL,
    ),
    sent(
        "pictures behind the end",
        VIDEO,
        "a.mp4",
        lambda: _table(b"stco", table(1, 2**31)),
        "cut short",
    ),
    sent(
        "a track in a track in a track",
        VIDEO,
        "a.mp4",
        lambda: added(a_film(), (b"moov",), mp4.nested(b"trak", 3_000)),
        None,
    ),
    sent(
        "no coded picture at all",
        VIDEO,
        "a.mp4",
        lambda: edited(a_film(), (b"mdat",), lambda body: bytes(len(body))),
        ANY_REFUSAL,
    ),
    sent(
        "no word on the codec",
        VIDEO,
        "a.mp4",
        lambda: edited(a_film(), _ENTRY, lambda _: table(0)),
        ANY_REFUSAL,
    ),
    sent(
        "an unknown codec",
        VIDEO,
        "a.mp4",
        lambda: edited(a_film(), _ENTRY, overwritten(12, b"zzzz")),
        "codec that we do not take",
    ),
    sent("a codec we do not take", VIDEO, "a.mkv", lambda: a_film("matroska", "ffv1"), "codec"),
    sent(
        "sound only",
        VIDEO,
        "a.mp4",
        lambda: edited(a_film(), (*_TRACK, b"mdia", b"hdlr"), overwritten(8, b"soun")),
        ANY_REFUSAL,
    ),
    sent(
        "Matroska without end",
        VIDEO,
        "a.mkv",
        lambda: a_film("matroska")[:400] + b"\x1f\x43\xb6\x75\x01" + b"\xff" * 7,
        ANY_REFUSAL,
    ),
    sent(
        "AVI with a playlist as its subtitles",
        VIDEO,
        "a.avi",
        b"RIFF\xff\0\0\0AVI LIST" + b"GAB2\0#EXTM3U\n",
        "of an unknown format",
    ),
    sent("a transport stream", VIDEO, "a.ts", (b"G" + bytes(187)) * 20, "of an unknown format"),
    sent("Flash", VIDEO, "a.flv", b"FLV\1\5\0\0\0\x09" + bytes(99), "of an unknown format"),
    Case("QuickTime whose pictures lie elsewhere", VIDEO, _plant_elsewhere, "film.mov", None),
    Case("QuickTime that is an address", VIDEO, _plant_reference, "film.mov", ANY_REFUSAL),
    *cuts("MP4 cut", VIDEO, "half.mp4", a_film, 4),
)
FILMS: tuple[Case, ...] = (*_GOOD, *_LIES)
