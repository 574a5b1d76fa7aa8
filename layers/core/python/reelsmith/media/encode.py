"""The one encoder profile: every picture of every film is coded as this file says.

`stitchable` keeps the parameter sets free of what depends on the content, so that runs coded
apart, moving or held, join under one header. Threads are pinned: their number changes bytes.
On processors with AVX-512 x264 is kept to AVX2: its AVX-512 macroblock tree gives other bytes from
run to run (seen in x264 core 165; one 40-frame run of 270x480 came out in seven ways of eight).
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache, partial
from pathlib import Path

import av
from av.codec.context import Flags, ThreadType
from av.video.stream import VideoStream

from reelsmith.errors import MediaError
from reelsmith.media.h264 import ParameterSets, Picture, Skips, length_prefixed
from reelsmith.media.planes import Planes

PRESET = "veryfast"
MOTION_CRF = 21
HOLD_CRF = 18  # a held picture is looked at for long, and it is paid for once
KEY_INTERVAL = 300  # pictures between two places where a player can start, at most
_X264 = f"stitchable=1:keyint={KEY_INTERVAL}:open-gop=0"
_BT709 = 1  # ISO 23091-2: colour primaries, transfer and matrix
_LIMITED = 1  # AVCOL_RANGE_MPEG

PROFILE = f"x264 {PRESET} crf {MOTION_CRF}/{HOLD_CRF} {_X264} bt709 limited"


@cache
def _steady() -> str:
    """What this machine needs beside the profile to give the same bytes every time."""
    flags = Path("/proc/cpuinfo")
    return ":asm=AVX2" if flags.exists() and " avx512f " in flags.read_text() else ""


class Encoder:
    """Codes one run of pictures: draw on `canvas`, `add`, and `finish` at the end."""

    def __init__(self, *, width: int, height: int, fps: int, threads: int, crf: int) -> None:
        """Open the encoder. Sizes are even, in pixels.

        Raises:
            MediaError: the encoder refuses these sizes.
        """
        codec = av.CodecContext.create("libx264", "w")
        codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
        codec.time_base, codec.framerate = Fraction(1, fps), Fraction(fps)
        codec.options = {"preset": PRESET, "crf": str(crf), "x264-params": _X264 + _steady()}
        codec.thread_count, codec.thread_type = threads, ThreadType.FRAME
        codec.colorspace = codec.color_primaries = codec.color_trc = _BT709
        codec.color_range = _LIMITED
        codec.flags |= Flags.global_header
        try:
            codec.open()
        except av.FFmpegError as refused:
            raise MediaError(f"cannot encode {width}x{height} at {fps} fps") from refused
        self.parameters = ParameterSets.of(bytes(codec.extradata or b""))
        self._codec = codec
        self._frame = av.VideoFrame(width, height, "yuv420p")
        self.canvas = Planes.of(self._frame)
        self._added = 0

    def add(self, frame: av.VideoFrame | None = None) -> Iterator[Picture]:
        """Code the canvas, or `frame`, as the next picture; gives the pictures that are ready."""
        frame = frame or self._frame
        frame.time_base, frame.pts = self._codec.time_base, self._added
        self._added += 1
        # x264 copies the pixels before it returns, so the canvas is free again
        return map(_picture, self._codec.encode(frame))

    def finish(self) -> Iterator[Picture]:
        """The pictures that were still held back."""
        return map(_picture, self._codec.encode(None))


def _picture(packet: "av.Packet[VideoStream]") -> Picture:
    if packet.pts is None:
        raise MediaError("the encoder gave a picture without a time")
    return Picture(length_prefixed(bytes(packet)), packet.pts, packet.is_keyframe)


class Holder:
    """Codes pictures that stand still, for next to nothing."""

    def __init__(self, open_encoder: Callable[..., Encoder]) -> None:
        """Learn from the encoder what an unchanged picture looks like.

        `open_encoder` makes an `Encoder` when it is given the one keyword that is open, `crf`.

        Raises:
            MediaError: the encoder's pictures are not ones that holds can use.
        """
        self._open = partial(open_encoder, crf=HOLD_CRF)
        encoder = self._open()
        encoder.canvas.show(Planes.black(encoder.canvas.width, encoder.canvas.height))
        pictures = [*encoder.add(), *encoder.add(), *encoder.finish()]
        self.parameters = encoder.parameters
        self._skips = Skips(pictures[1].data, self.parameters)

    def hold(self, picture: Planes, frames: int) -> list[Picture]:
        """`frames` times the same picture: an IDR picture every `KEY_INTERVAL`, skips between."""
        encoder = self._open()
        encoder.canvas.show(picture)
        shown, *more = [*encoder.add(), *encoder.finish()]
        if more or encoder.parameters != self.parameters:
            raise MediaError("the encoder did not give one picture for one")
        return [
            Picture(self._skips.picture(after), number, key=False)
            if (after := number % KEY_INTERVAL)
            else Picture(shown.data, number, key=True)
            for number in range(frames)
        ]
