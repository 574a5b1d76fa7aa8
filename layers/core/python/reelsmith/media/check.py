"""The finished film, measured from its file and held against its timeline."""

import hashlib
import struct
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Stream
from av.video.stream import VideoStream

from reelsmith.domain.measures import Measured
from reelsmith.domain.timelines import SAMPLE_RATE, Timeline
from reelsmith.errors import BrokenPromise
from reelsmith.media import promises
from reelsmith.media.loudness import Loudness, Meter
from reelsmith.media.witness import Witness

__all__ = ["Measured", "measure", "verify"]


class _Pictures:
    """The picture track: every packet counted, every key frame decoded."""

    def __init__(self, stream: VideoStream, witness: Witness | None) -> None:
        self.stream = stream
        self._witness = witness
        self.keys = 0
        self.decoded = 0
        self._times: list[Fraction] = []
        self._length = Fraction(0)
        stream.codec_context.skip_frame = "NONKEY"
        stream.codec_context.options = {"err_detect": "explode"}  # no concealment

    def take(self, packet: "av.Packet[Stream]") -> None:
        """Count a packet; an empty one ends the track."""
        if packet.size:
            if packet.is_corrupt or packet.pts is None or packet.time_base is None:
                raise BrokenPromise(f"picture {len(self._times)} of the film is damaged")
            if not self._times and not packet.is_keyframe:
                raise BrokenPromise("the film does not begin with a key frame")
            self._times.append(packet.pts * packet.time_base)
            self._length = (packet.duration or 0) * packet.time_base
            if self._witness:
                at = self._times[-1]
                self._witness.coded(bytes(packet), at=at, key=packet.is_keyframe)
        if packet.size and not packet.is_keyframe:
            return
        self.keys += bool(packet.size)
        for frame in packet.decode():
            assert isinstance(frame, av.VideoFrame)
            self.decoded += 1
            if self._witness:
                self._witness.shown(frame)

    @property
    def count(self) -> int:
        """Pictures in the file."""
        return len(self._times)

    def span(self) -> tuple[Fraction, Fraction, Fraction | None]:
        """Start and end in seconds, and the time of one picture if all have the same."""
        times = sorted(self._times)
        steps = {later - sooner for sooner, later in pairwise(times)} or {self._length}
        step = steps.pop() if len(steps) == 1 else None
        return times[0], times[-1] + (step or self._length), step or None


class _Sound:
    """The sound track, decoded whole."""

    def __init__(self, stream: AudioStream, witness: Witness | None) -> None:
        self.stream = stream
        self._witness = witness
        self.regular = True
        self._meter = Meter()
        self._rate = stream.codec_context.sample_rate
        self._start: Fraction | None = None
        self._decoded_until = Fraction(0)
        self._ends = Fraction(0)

    def take(self, packet: "av.Packet[Stream]") -> None:
        """Hear a packet; an empty one ends the track."""
        if packet.size and packet.pts is not None and packet.time_base is not None:
            self._ends = (packet.pts + (packet.duration or 0)) * packet.time_base
        for frame in packet.decode():
            assert isinstance(frame, AudioFrame)
            at = Fraction(frame.pts or 0) * (frame.time_base or Fraction(1, self._rate))
            if self._start is None:
                self._start = self._decoded_until = at
            if at != self._decoded_until:
                self.regular = False
            self._decoded_until = at + Fraction(frame.samples, self._rate)
            if self._rate == SAMPLE_RATE:
                samples = np.asarray(frame.to_ndarray(), np.float32).T
                self._meter.feed(samples)
                if self._witness:
                    self._witness.heard(samples)

    def span(self) -> tuple[Fraction, Fraction]:
        """Start and end in seconds, without priming and padding."""
        if self._start is None:
            raise BrokenPromise("the film's sound holds no samples")
        return self._start, min(self._ends, self._decoded_until)

    def loudness(self) -> Loudness:
        """What was heard."""
        return self._meter.result()


def measure(path: Path, *, witness: Witness | None = None) -> Measured:
    """Measure a film: all packets counted, key frames and all sound decoded.

    A `witness` is shown all of it.

    Raises:
        BrokenPromise: it is no film that can be read to its end, or it holds no picture.
    """
    try:
        with av.open(
            str(path),
            format="mp4",
            options={"protocol_whitelist": "file"},
            metadata_errors="replace",
        ) as film:
            pictures, sound = _tracks(film, witness)
            for packet in film.demux():
                if isinstance(packet.stream, VideoStream):
                    pictures.take(packet)
                elif sound:
                    sound.take(packet)
            return _measured(path, pictures, sound)
    except av.FFmpegError as broken:
        raise BrokenPromise(f"the film cannot be read: {broken.strerror}") from broken


def verify(measured: Measured, timeline: Timeline) -> tuple[str, ...]:
    """Hold a film against its timeline; gives back what is remarkable and no fault.

    Raises:
        BrokenPromise: it is not what was promised; each broken promise with what was measured.
    """
    promises.hold(promises.of(measured, timeline))
    return tuple(promises.remarks(measured, timeline))


def _tracks(film: InputContainer, witness: Witness | None) -> tuple[_Pictures, _Sound | None]:
    if len(film.streams.video) != 1 or len(film.streams.audio) > 1:
        raise BrokenPromise("the film has not one picture track and at most one sound track")
    if any(getattr(stream, "codec_context", None) is None for stream in film.streams):
        raise BrokenPromise("the film is coded in a way that nobody can decode")
    sound = _Sound(film.streams.audio[0], witness) if film.streams.audio else None
    return _Pictures(film.streams.video[0], witness), sound


def _measured(path: Path, pictures: _Pictures, sound: _Sound | None) -> Measured:
    if not pictures.count:
        raise BrokenPromise("the film holds no picture")
    start, end, step = pictures.span()
    heard_from, heard_until = sound.span() if sound else (start, end)
    loudness = sound.loudness() if sound else Loudness(None, None)
    video = pictures.stream.codec_context
    audio = sound.stream.codec_context if sound else None
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Measured(
        duration_seconds=float(end - start),
        frames=pictures.count,
        frames_indexed=pictures.stream.frames,
        key_frames=pictures.keys,
        key_frames_decoded=pictures.decoded,
        width=video.width,
        height=video.height,
        fps=float(1 / step) if step else 0.0,
        regular=step is not None,
        video_codec=video.codec.canonical_name,
        pixel_format=video.pix_fmt or "",
        audio_codec=audio.name if audio else None,
        sample_rate=audio.sample_rate if audio else None,
        channels=audio.layout.nb_channels if audio else None,
        audio_seconds=float(heard_until - heard_from) if sound else 0.0,
        audio_regular=sound.regular if sound else True,
        loudness_lufs=loudness.lufs,
        true_peak_dbtp=loudness.true_peak_dbtp,
        av_offset_ms=1000 * float(max(heard_from - start, heard_until - end, key=abs)),
        size_bytes=path.stat().st_size,
        sha256=sha256,
        moov_first=_moov_first(path),
    )


def _moov_first(path: Path) -> bool:
    """Whether the index stands before the content, by the boxes at the top of the file."""
    size = path.stat().st_size
    at = 0
    with path.open("rb") as file:
        while at + 8 <= size:
            file.seek(at)
            length, kind = struct.unpack(">I4s", file.read(8))
            if kind in {b"moov", b"mdat"}:
                return bool(kind == b"moov")
            if length == 1:
                length = int.from_bytes(file.read(8))
            if length < 8:
                return False
            at += length
    return False
