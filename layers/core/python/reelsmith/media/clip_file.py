"""A caller's clip as its confined decoder sees it: checked; pictures with their moments."""

import os
from collections.abc import Iterator
from fractions import Fraction
from io import FileIO
from itertools import chain
from types import TracebackType
from typing import Self

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from reelsmith.media.child import CLIP_DECODERS, PICTURE_DECODERS, Refused
from reelsmith.media.clip_kinds import RESAVE
from reelsmith.media.reshape import Deinterlacer

MAX_PIXELS, MAX_SIDE, MIN_SIDE = 36_000_000, 8_192, 16  # 8K is the largest that cameras make
MAX_FPS, MAX_SECONDS, MAX_STREAMS = 250, 4 * 3600, 32
_DEMUXERS = {"MP4": "mov", "MATROSKA": "matroska"}
_OPTIONS = {
    "codec_whitelist": ",".join(sorted(CLIP_DECODERS)),
    "protocol_whitelist": "none",
    "probesize": "5000000",
    "analyzeduration": "5000000",
    "max_streams": "64",
    "max_pixels": str(MAX_PIXELS),
}
_ONE_THREAD = 4_000_000  # pixels; up to here a second thread costs CPU and hastens nothing
_READ_BYTES = 1 << 18
_FAR = 2  # seconds; what lies nearer is reached faster by decoding than by looking for a way in
_LAST = 64  # pictures whose place in the file is looked at
_COUNTED = 500  # pictures from which their rate is told
_AGAIN = "send the whole file again"

Timed = tuple[Fraction, av.VideoFrame]


class ClipFile:
    """An open clip. Moments are seconds from the beginning of the file, sound or picture.

    `interlaced` tells whether a picture that was read so far was.
    """

    def __init__(self, descriptor: int, form: str) -> None:
        """Open what the gate named, and see that it can be taken.

        Raises:
            Refused: it is too large, too long, damaged, or in a codec that we do not take.
        """
        self.interlaced = False
        self._container = _opened(descriptor, form)
        self._stream = _pictures_of(self._container)
        self._begin = Fraction(self._container.start_time or 0, av.time_base)
        width, height = self._stream.codec_context.width, self._stream.codec_context.height
        _see_its_size(width, height)
        if self.fps > MAX_FPS:
            raise Refused(f"has more than {MAX_FPS} pictures a second", RESAVE)
        if self.seconds > MAX_SECONDS:
            raise Refused(f"is longer than {MAX_SECONDS // 3600} hours", "send a part of it")
        _see_that_it_is_whole(self._stream, os.fstat(descriptor).st_size)
        self._stream.thread_type = "AUTO"
        self._stream.thread_count = 1 if width * height <= _ONE_THREAD else 2

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._container.close()

    @property
    def container(self) -> InputContainer:
        """The open file, for who reads packets and not pictures."""
        return self._container

    @property
    def stream(self) -> VideoStream:
        """The track with the pictures."""
        return self._stream

    @property
    def seconds(self) -> Fraction:
        """How long it is, as it says."""
        if self._stream.duration and self._stream.time_base:
            return self._stream.duration * self._stream.time_base
        return Fraction(self._container.duration or 0, av.time_base)

    @property
    def fps(self) -> Fraction:
        """Pictures in a second, on the average, as it says; 0 when it does not."""
        return self._stream.average_rate or self._stream.guessed_rate or Fraction(0)

    @property
    def pixel_shape(self) -> Fraction:
        """The width of a pixel to its height; what nobody can mean counts as square."""
        said = self._stream.sample_aspect_ratio
        return said if said and Fraction(1, 8) <= said <= 8 else Fraction(1)

    @property
    def codec(self) -> str:
        """How its pictures are coded."""
        return self._stream.codec_context.codec.canonical_name

    @property
    def has_sound(self) -> bool:
        """Whether it has a sound track."""
        return bool(self._container.streams.audio)

    def pictures(self, moment: Fraction) -> Iterator[Timed]:
        """Whole pictures in order, beginning with one that is not later than `moment`, if any is.

        Raises:
            Refused: nothing, or less than half of it, can be decoded.
        """
        if moment > _FAR and self._stream.time_base:
            self._go_to(moment)
            found = self._timed()
            first = next(found, None)
            if first is not None and first[0] <= moment:
                yield from chain((first,), found)
                return
            self._go_to(Fraction(0))
        found = self._timed()
        first = next(found, None)
        if first is None:
            raise Refused("holds no picture that can be decoded", RESAVE)
        yield from chain((first,), found)

    def _go_to(self, moment: Fraction) -> None:
        place = (self._begin + moment) / (self._stream.time_base or 1)
        self._container.seek(int(place), stream=self._stream)

    def _timed(self) -> Iterator[Timed]:
        """Pictures with their moments; those that do not come later than the last are left out."""
        step = Fraction(1) / (self.fps or 25)
        first = last = None
        for count, frame in enumerate(self._whole(self._decoded())):
            if frame.pts is not None and frame.time_base is not None:
                moment = frame.pts * frame.time_base - self._begin
            else:
                moment = last + step if last is not None else Fraction(0)
            if first is None:
                first = moment
            elif count >= _COUNTED and count > MAX_FPS * (moment - first):
                raise Refused(f"has more than {MAX_FPS} pictures a second", RESAVE)
            if last is None or moment > last:
                last = moment
                yield moment, frame

    def _whole(self, frames: Iterator[av.VideoFrame]) -> Iterator[av.VideoFrame]:
        """The pictures with both fields in one, where they were interlaced."""
        line: Deinterlacer | None = None
        for frame in frames:
            if line is not None and not line.takes(frame):
                yield from line.feed(None)
                line = None
            if line is None and frame.interlaced_frame:
                line, self.interlaced = Deinterlacer(frame), True
            if line is None:
                yield frame
            else:
                yield from line.feed(frame)
        if line is not None:
            yield from line.feed(None)

    def _decoded(self) -> Iterator[av.VideoFrame]:
        good = broken = 0
        for packet in _packets(self._container, self._stream):
            try:
                frames = self._stream.decode(packet)
            except av.FFmpegError:
                broken += 1
                continue
            good += 1
            for frame in frames:
                _see_its_size(frame.width, frame.height)
                yield frame
        if broken > good:
            raise Refused("is damaged: most of it does not decode", _AGAIN)


def _opened(descriptor: int, form: str) -> InputContainer:
    try:
        return av.open(
            FileIO(descriptor, closefd=False),
            mode="r",
            format=_DEMUXERS[form],
            options=dict(_OPTIONS),
            buffer_size=_READ_BYTES,
            metadata_errors="replace",  # titles in Latin-1 are no reason to refuse
        )
    except av.FFmpegError as broken:
        raise Refused("has a broken header or is cut short", _AGAIN) from broken


def _pictures_of(container: InputContainer) -> VideoStream:
    """The track with the clip's pictures; a song's cover is none."""
    if len(container.streams) > MAX_STREAMS:
        raise Refused(f"has more than {MAX_STREAMS} tracks", RESAVE)
    tracks = [
        stream
        for stream in container.streams.video
        if Disposition.attached_pic not in stream.disposition
    ]
    if not tracks:
        raise Refused("has no moving pictures", RESAVE)
    # a codec that FFmpeg does not know has no context, whatever the types say
    if getattr(tracks[0].codec_context, "name", None) not in PICTURE_DECODERS:
        raise Refused("has pictures in a codec that we do not take", RESAVE)
    return tracks[0]


def _see_its_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        most = f"{MAX_PIXELS // 1_000_000} megapixels or {MAX_SIDE:,} pixels a side"
        raise Refused(f"is larger than {most}", "send it smaller")
    if min(width, height) < MIN_SIDE:
        raise Refused(f"is smaller than {MIN_SIDE} pixels a side", "send it larger")


def _see_that_it_is_whole(stream: VideoStream, size_bytes: int) -> None:
    """An MP4 says beforehand where its pictures are: see that the file reaches to its last."""
    entries = stream.index_entries
    for place in range(max(0, len(entries) - _LAST), len(entries)):
        if entries[place].pos + entries[place].size > size_bytes:
            raise Refused("is cut short", _AGAIN)


def _packets(container: InputContainer, stream: VideoStream) -> "Iterator[av.Packet[VideoStream]]":
    """All packets of a track; a container that breaks off ends there."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            packet = None
        if packet is None:
            return
        yield packet
