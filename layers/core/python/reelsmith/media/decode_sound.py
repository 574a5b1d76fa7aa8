"""The confined sound decoder: `python -m reelsmith.media.decode_sound FORM MAX_SECONDS`.

Leaves 16-bit stereo PCM at 48 kHz, little-endian and interleaved, of the first MAX_SECONDS of the
first sound track. MAX_SECONDS 0 writes nothing and counts the whole. The demuxer is the one that
the gate named, it reads from standard input alone, and only the decoders listed here are opened.
Packets that do not decode are left out, as players do; a file of which most is lost is refused.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
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
_DEMUXERS = {"WAV": "wav", "MP3": "mp3", "FLAC": "flac", "OGG": "ogg", "MP4": "mov"}
_PACKED = {"aac", "alac", "flac", "mp3", "mp3float", "opus", "vorbis"}
_PLAIN = {"pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"}
_DECODERS = _PACKED | _PLAIN | {"pcm_s16be", "pcm_s24be", "pcm_s32be"}
_OPTIONS = {
    "codec_whitelist": ",".join(sorted(_DECODERS)),
    "protocol_whitelist": "none",
    "probesize": "5000000",
    "analyzeduration": "10000000",
    "max_streams": "64",
}
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
        samples = 0
        out = closing.enter_context(Path(child.RESULT).open("wb")) if max_seconds else None
        most = round(max_seconds * RATE) if max_seconds else sys.maxsize
        for frame in _at_48_khz(container, stream):
            taken = min(frame.samples, most - samples)
            samples += taken
            if samples > MAX_SECONDS * RATE:
                raise child.Refused("is longer than four hours", "send a part of it")
            if out is not None:
                out.write(memoryview(frame.planes[0])[: taken * SAMPLE_BYTES])
            if samples >= most:
                break
        if samples == 0:
            raise child.Refused("holds no sound that can be decoded", _RESAVE)
        return {
            "seconds": samples / RATE,
            "rate": stream.rate,
            "channels": stream.channels,
            "codec": stream.codec_context.codec.canonical_name,
        }


def _open(form: str) -> InputContainer:
    source: BinaryIO = sys.stdin.buffer
    try:
        return av.open(source, mode="r", format=_DEMUXERS[form], options=dict(_OPTIONS))
    except av.FFmpegError as broken:
        raise child.Refused("has a broken header", _RESAVE) from broken


def _stream(container: InputContainer) -> AudioStream:
    if not container.streams.audio:
        raise child.Refused("has no sound track", _RESAVE)
    stream = container.streams.audio[0]
    # a codec that FFmpeg does not know has no context, whatever the types say
    if getattr(stream.codec_context, "name", None) not in _DECODERS:
        raise child.Refused("has sound in a codec that we do not take", _RESAVE)
    try:
        stream.codec_context.open(strict=False)
    except av.FFmpegError as broken:
        raise child.Refused("has a broken header", _RESAVE) from broken
    return stream


def _at_48_khz(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    resampler = av.AudioResampler(format="s16", layout="stereo", rate=RATE)
    for frame in _frames(container, stream):
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
