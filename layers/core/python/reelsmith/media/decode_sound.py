"""The confined sound decoder: `... decode_sound FORM MAX_SECONDS [FROM_SECONDS]`.

Leaves 16-bit stereo PCM at 48 kHz, little-endian and interleaved, of the first MAX_SECONDS of the
first sound track, or of those from FROM_SECONDS of the file on, in step with its pictures.
MAX_SECONDS 0 writes nothing and counts the whole. The demuxer is the one that
the gate named, it reads from standard input alone, and only the decoders listed here are opened.
Packets that do not decode are left out, as players do; a file of which most is lost is refused.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from reelsmith.media import child

RATE = 48_000
MAX_SECONDS = 4 * 3600
_LOWEST_RATE, _HIGHEST_RATE = 2_000, 768_000  # Hz; at 1 Hz a megabyte would be days of sound
SAMPLE_BYTES = 4  # two channels of 16 bits
_DEMUXERS = {"WAV": "wav", "MP3": "mp3", "FLAC": "flac", "OGG": "ogg"}
_DEMUXERS |= {"MP4": "mov", "MATROSKA": "matroska"}
_CLIPS = ("MP4", "MATROSKA")
_OPTIONS = {
    "protocol_whitelist": "none",
    "probesize": "5000000",
    "analyzeduration": "10000000",
    "max_streams": "64",
}
_RUN_UP = Fraction(1, 4)  # seconds that a decoder hears before what is wanted of it
_RESAVE = "save it again as WAV, MP3, FLAC, Ogg or M4A"


def decode(args: Sequence[str]) -> child.Answer:
    """Decode standard input into `child.RESULT`.

    Raises:
        Refused: there is no sound in the file, its codec is not one we take, or it is damaged.
    """
    form, max_seconds = args[0], float(args[1])
    with ExitStack() as closing:
        container = closing.enter_context(_open(form))
        stream = _stream(container)
        begin = Fraction(args[2]) if len(args) > 2 else None
        samples = 0
        out = closing.enter_context(Path(child.RESULT).open("wb")) if max_seconds else None
        most = round(max_seconds * RATE) if max_seconds else sys.maxsize
        for piece in _pieces(container, stream, begin):
            taken = piece[: (most - samples) * SAMPLE_BYTES]
            samples += len(taken) // SAMPLE_BYTES
            if samples > MAX_SECONDS * RATE:
                raise child.Refused("is longer than four hours", "send a part of it")
            if out is not None:
                out.write(taken)
            if samples >= most:
                break
        if samples == 0 and begin is None:
            raise child.Refused("holds no sound that can be decoded", _RESAVE)
        return {
            "seconds": samples / RATE,
            "rate": stream.rate,
            "channels": stream.channels,
            "codec": stream.codec_context.codec.canonical_name,
        }


def _open(form: str) -> InputContainer:
    source: BinaryIO = sys.stdin.buffer
    decoders = child.CLIP_DECODERS if form in _CLIPS else child.SOUND_DECODERS
    options = _OPTIONS | {"codec_whitelist": ",".join(sorted(decoders))}
    try:
        return av.open(
            source,
            mode="r",
            format=_DEMUXERS[form],
            options=options,
            metadata_errors="replace",  # titles in Latin-1 are no reason to refuse
        )
    except av.FFmpegError as broken:
        raise child.Refused("has a broken header", _RESAVE) from broken


def _stream(container: InputContainer) -> AudioStream:
    if not container.streams.audio:
        raise child.Refused("has no sound track", _RESAVE)
    stream = container.streams.audio[0]
    # a codec that FFmpeg does not know has no context, whatever the types say
    if getattr(stream.codec_context, "name", None) not in child.SOUND_DECODERS:
        raise child.Refused("has sound in a codec that we do not take", _RESAVE)
    try:
        stream.codec_context.open(strict=False)
    except av.FFmpegError as broken:
        raise child.Refused("has a broken header", _RESAVE) from broken
    return stream


def _pieces(
    container: InputContainer, stream: AudioStream, begin: Fraction | None
) -> Iterator[memoryview]:
    """The samples, from `begin` seconds of the file on: silence before them, or some left out."""
    zero = None if begin is None else _gone_to(container, stream, begin)
    frames = _frames(container, stream)
    first = next(frames, None)
    if first is None:
        return
    lead = 0 if zero is None else _samples_between(zero, first)
    while lead > 0:
        silent = min(lead, RATE)
        yield memoryview(bytes(silent * SAMPLE_BYTES))
        lead -= silent
    for frame in _at_48_khz(chain((first,), frames)):
        skipped = min(-lead, frame.samples)
        lead += skipped
        yield memoryview(frame.planes[0])[skipped * SAMPLE_BYTES : frame.samples * SAMPLE_BYTES]


def _gone_to(container: InputContainer, stream: AudioStream, begin: Fraction) -> Fraction:
    """The moment `begin` as the file's clocks show it; what is read next lies a little before."""
    zero = Fraction(container.start_time or 0, av.time_base) + begin
    if begin > _RUN_UP and stream.time_base:
        container.seek(int((zero - _RUN_UP) / stream.time_base), stream=stream)
    return zero


def _samples_between(zero: Fraction, frame: AudioFrame) -> int:
    """How many samples after `zero` a frame begins; before it when negative."""
    if frame.pts is None or frame.time_base is None:
        return 0
    return round((frame.pts * frame.time_base - zero) * RATE)


def _at_48_khz(frames: Iterable[AudioFrame]) -> Iterator[AudioFrame]:
    resampler = av.AudioResampler(format="s16", layout="stereo", rate=RATE)
    for frame in frames:
        if not _LOWEST_RATE <= frame.sample_rate <= _HIGHEST_RATE:
            raise child.Refused("is not sampled at 2 to 768 kHz", _RESAVE)
        frame.pts = None
        yield from resampler.resample(frame)
    yield from resampler.resample(None)


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    good = broken = 0
    for packet in container.demux(stream):
        try:
            frames = stream.decode(packet)
        except av.FFmpegError:
            broken += 1
            continue
        good += 1
        yield from frames
    if broken > good:
        raise child.Refused("is damaged: most of it does not decode", _RESAVE)


if __name__ == "__main__":
    child.main(decode)
