"""The encoder profiles: every picture of every film is coded as this file says.

A film has one profile, chosen by its codec and its preset. `stitchable` keeps the parameter sets
of x264 free of what depends on the content, so that runs coded apart, moving or held, join under
one header; x265 and SVT-AV1 write the same header for all content of a size. Threads are pinned:
their number changes bytes. On processors with AVX-512 x264 is kept to AVX2: its AVX-512 macroblock
tree gives other bytes from run to run (seen in x264 core 165; one 40-frame run of 270x480 came out
in seven ways of eight).
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
from av.codec.context import Flags, ThreadType
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from reelsmith.domain.jobs import Codec, Preset
from reelsmith.errors import MediaError
from reelsmith.media import av1, h264, hevc, memory
from reelsmith.media.coded import Header, Picture
from reelsmith.media.planes import Planes

KEY_INTERVAL = 300  # pictures between two places where a player can start, at most
_BT709 = 1  # ISO 23091-2: colour primaries, transfer and matrix
_LIMITED = 1  # AVCOL_RANGE_MPEG
# SVT-AV1 prints its settings for every run it codes, unless it is told so before it starts.
os.environ.setdefault("SVT_LOG", "1")


@dataclass(frozen=True, slots=True)
class _Format:
    """A codec: who encodes it, and how its pictures stand in a file."""

    library: str
    params: str
    sample: Callable[[bytes], bytes]
    record: Callable[[bytes], bytes]
    header_in_pictures: bool = False

    def options(self, threads: int) -> dict[str, str]:
        """What the library is told whatever the preset."""
        name, _, params = self.params.partition("=")
        return {name: params.format(keys=KEY_INTERVAL, threads=threads), "g": str(KEY_INTERVAL)}


_FORMATS = {
    Codec.H264: _Format(
        library="libx264",
        params="x264-params=stitchable=1:keyint={keys}:open-gop=0",
        sample=h264.sample,
        record=h264.record,
    ),
    Codec.HEVC: _Format(
        library="libx265",
        params="x265-params=keyint={keys}:open-gop=0:info=0:log-level=error"
        ":pools={threads}:frame-threads={threads}",
        sample=hevc.sample,
        record=hevc.record,
    ),
    Codec.AV1: _Format(
        library="libsvtav1",
        params="svtav1-params=lp={threads}",
        sample=av1.sample,
        record=av1.record,
        header_in_pictures=True,
    ),
}


@dataclass(frozen=True, slots=True)
class Profile:
    """How the pictures of one film are coded. A held picture has a `crf` of its own.

    It is looked at for long, and it is paid for once.
    """

    codec: Codec
    preset: str
    motion_crf: int
    hold_crf: int

    def text(self, *, threads: int) -> str:
        """All that decides the bytes, in one line."""
        form = _FORMATS[self.codec]
        crf = f"{self.motion_crf}/{self.hold_crf}"
        own = " ".join(f"{name}={value}" for name, value in form.options(threads).items())
        return f"{form.library} {self.preset} crf {crf} {own} threads {threads} bt709 limited"


# Measured on 60 frames of the bench's ad: within a preset the codecs are alike in SSIM (0.94,
# 0.965, 0.977). x264's ultrafast needs five times the bytes of superfast for half of its time.
_PROFILES = {
    (Codec.H264, Preset.DRAFT): Profile(Codec.H264, "superfast", 24, 21),
    (Codec.H264, Preset.STANDARD): Profile(Codec.H264, "veryfast", 21, 18),
    (Codec.H264, Preset.HIGH): Profile(Codec.H264, "medium", 20, 17),
    (Codec.HEVC, Preset.DRAFT): Profile(Codec.HEVC, "ultrafast", 24, 21),
    (Codec.HEVC, Preset.STANDARD): Profile(Codec.HEVC, "veryfast", 24, 20),
    (Codec.HEVC, Preset.HIGH): Profile(Codec.HEVC, "medium", 23, 19),
    (Codec.AV1, Preset.DRAFT): Profile(Codec.AV1, "12", 44, 38),
    (Codec.AV1, Preset.STANDARD): Profile(Codec.AV1, "10", 34, 28),
    (Codec.AV1, Preset.HIGH): Profile(Codec.AV1, "8", 28, 22),
}


def profile(codec: Codec = Codec.H264, preset: Preset = Preset.STANDARD) -> Profile:
    """The one profile of a codec and a preset."""
    return _PROFILES[codec, preset]


STANDARD = profile()
MOTION_CRF = STANDARD.motion_crf


@cache
def _steady() -> str:
    """What this machine needs beside the profile to give the same bytes every time."""
    flags = Path("/proc/cpuinfo")
    return ":asm=AVX2" if flags.exists() and " avx512f " in flags.read_text() else ""


class Encoder:
    """Codes one run of pictures: draw on `canvas`, `add`, and `finish` at the end.

    `headers` are those of all pictures given so far; there is one, unless the encoder erred.
    """

    def __init__(
        self,
        *,
        width: int,
        height: int,
        fps: int,
        threads: int,
        crf: int,
        profile: Profile = STANDARD,
    ) -> None:
        """Open the encoder. Sizes are even, in pixels.

        Raises:
            MediaError: the encoder refuses these sizes.
        """
        memory.keep()
        self._form = _FORMATS[profile.codec]
        codec = av.CodecContext.create(self._form.library, "w")
        assert isinstance(codec, VideoCodecContext)
        codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
        codec.time_base, codec.framerate = Fraction(1, fps), Fraction(fps)
        options = self._form.options(threads)
        if profile.codec is Codec.H264:
            options["x264-params"] += _steady()
        codec.options = {"preset": profile.preset, "crf": str(crf)} | options
        codec.thread_count, codec.thread_type = threads, ThreadType.FRAME
        codec.colorspace = codec.color_primaries = codec.color_trc = _BT709
        codec.color_range = _LIMITED
        codec.flags |= Flags.global_header
        try:
            codec.open()
        except av.FFmpegError as refused:
            raise MediaError(f"cannot encode {width}x{height} at {fps} fps") from refused
        self._codec = codec
        self._profile = profile
        self._frame = av.VideoFrame(width, height, "yuv420p")
        self.canvas = Planes.of(self._frame)
        self.headers: set[Header] = set()
        self._added = 0

    @property
    def opening(self) -> bytes:
        """The parameter sets as the encoder gives them apart from its pictures."""
        return bytes(self._codec.extradata or b"")

    def add(self, frame: av.VideoFrame | None = None) -> list[Picture]:
        """Code the canvas, or `frame`, as the next picture; gives the pictures that are ready."""
        frame = frame or self._frame
        frame.time_base, frame.pts = self._codec.time_base, self._added
        self._added += 1
        # encoders copy the pixels before they return, so the canvas is free again
        return self._taken(self._codec.encode(frame))

    def finish(self) -> list[Picture]:
        """The pictures that were still held back."""
        return self._taken(self._codec.encode(None))

    def _taken(self, packets: "Iterable[av.Packet[VideoStream]]") -> list[Picture]:
        return [self._picture(packet) for packet in packets]

    def _picture(self, packet: "av.Packet[VideoStream]") -> Picture:
        if packet.pts is None:
            raise MediaError("the encoder gave a picture without a time")
        stream = bytes(packet)
        if packet.is_keyframe:
            told = stream if self._form.header_in_pictures else self.opening
            self.headers.add(Header(self._profile.codec, self._form.record(told)))
        return Picture(self._form.sample(stream), packet.pts, packet.is_keyframe)
