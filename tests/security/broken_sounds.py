"""Sounds with false lengths, rates and parts, and odd ones that are good."""

import io
import struct
from functools import cache

import av
import numpy as np

from reelsmith.domain.assets import FileType
from tests.pictures import a_tone
from tests.security.corpus import ANY_REFUSAL, OFTEN_DAMAGED, Case, cuts, sent

AUDIO = FileType.AUDIO
_CODECS = {
    "mp3": "libmp3lame",
    "flac": "flac",
    "ogg": "libopus",
    "ipod": "aac",
}
_UNKNOWN = 0xFFFFFFFF
_MOST = 2**32 - 1


@cache
def a_sound(container: str, seconds: float = 1.0) -> bytes:
    """A tone in a container of FFmpeg's, with the codec that is usual there."""
    made = io.BytesIO()
    codec = _CODECS[container]
    with av.open(made, "w", format=container) as out:
        stream = out.add_stream(codec, rate=48_000, layout="stereo")
        times = np.arange(round(48_000 * seconds)) / 48_000
        tone = (12_000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(tone.repeat(2)[None, :], format="s16", layout="stereo")
        frame.rate = 48_000
        fit = av.AudioResampler(stream.format, "stereo", 48_000, stream.frame_size or None)
        for part in [*fit.resample(frame), *fit.resample(None)]:
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    return made.getvalue()


def a_wave(
    *,
    tag: int = 1,
    channels: int = 1,
    rate: int = 48_000,
    bits: int = 16,
    data: bytes = bytes(9_600),
    says: int | None = None,
    extra: bytes = b"",
) -> bytes:
    """A WAV file with this header; `says` is a false length of its sound."""
    align = channels * bits // 8 % 65_536
    head = struct.pack("<HHIIHH", tag, channels, rate, rate * align % 2**32, align, bits)
    form = b"fmt " + struct.pack("<I", len(head)) + head + extra
    length = len(data) if says is None else says
    body = b"WAVE" + form + b"data" + struct.pack("<I", length) + data
    return b"RIFF" + struct.pack("<I", _UNKNOWN if says == _UNKNOWN else len(body)) + body


def _id3(size: int, body: bytes = b"") -> bytes:
    """An ID3v2.4 tag that says it takes `size` bytes."""
    digits = bytes(size >> shift & 127 for shift in (21, 14, 7, 0))
    return b"ID3\x04\0\0" + digits + body


def _tagged(*frames: tuple[bytes, int, bytes]) -> bytes:
    """A good MP3 behind a tag with frames of (name, said size, content)."""
    digits = (bytes(size >> shift & 127 for shift in (21, 14, 7, 0)) for _, size, _ in frames)
    body = b"".join(
        name + said + b"\0\0" + content
        for (name, _, content), said in zip(frames, digits, strict=True)
    )
    return _id3(len(body), body) + a_sound("mp3")


def _flac_with(kind: int, content: bytes) -> bytes:
    """A good FLAC with one more block of metadata behind its first."""
    whole = a_sound("flac")
    block = bytes((kind,)) + len(content).to_bytes(3) + content
    return whole[:42] + block + whole[42:] if whole[4] < 128 else whole


def _flac_cover(kind: bytes, link: bytes) -> bytes:
    picture = struct.pack(">I", 3) + struct.pack(">I", len(kind)) + kind + struct.pack(">I", 0)
    return _flac_with(6, picture + bytes(16) + struct.pack(">I", len(link)) + link)


_WAVES = (
    sent("good WAV", AUDIO, "a.wav", a_tone),
    sent("good WAV of a live encoder", AUDIO, "a.wav", lambda: a_wave(says=_UNKNOWN)),
    sent("good WAV that says 0 bytes", AUDIO, "a.wav", lambda: a_wave(says=0)),
    sent("WAV longer in words than in bytes", AUDIO, "a.wav", lambda: a_wave(says=2**31)),
    sent("WAV of 0 Hz", AUDIO, "a.wav", lambda: a_wave(rate=0), ANY_REFUSAL),
    sent("WAV of 1 Hz", AUDIO, "a.wav", lambda: a_wave(rate=1, data=bytes(2**20)), "kHz"),
    sent("WAV of 4 GHz", AUDIO, "a.wav", lambda: a_wave(rate=_MOST), ANY_REFUSAL),
    sent("WAV of no channel", AUDIO, "a.wav", lambda: a_wave(channels=0), ANY_REFUSAL),
    sent("WAV of 65,535 channels", AUDIO, "a.wav", lambda: a_wave(channels=65_535), ANY_REFUSAL),
    sent("WAV of no bits", AUDIO, "a.wav", lambda: a_wave(bits=0), ANY_REFUSAL),
    sent("WAV of a codec we do not take", AUDIO, "a.wav", lambda: a_wave(tag=2, bits=4), "codec"),
    sent("WAV of an unknown codec", AUDIO, "a.wav", lambda: a_wave(tag=0x7777), ANY_REFUSAL),
    sent(
        "WAV with a list of 4 GB",
        AUDIO,
        "a.wav",
        lambda: a_wave(extra=b"LIST" + struct.pack("<I", _MOST)),
        ANY_REFUSAL,
    ),
    sent(
        "WAV without a word of its form",
        AUDIO,
        "a.wav",
        b"RIFF\x24\0\0\0WAVEdata" + bytes(99),
        OFTEN_DAMAGED,
    ),
    sent(
        "good WAV with a title in Latin-1",
        AUDIO,
        "a.wav",
        lambda: a_wave(extra=b"LIST" + struct.pack("<I", 16) + b"INFOINAM\4\0\0\0ca\xf1a"),
    ),
    sent(
        "RF64", AUDIO, "a.wav", b"RF64\xff\xff\xff\xffWAVEds64" + bytes(99), "of an unknown format"
    ),
)
_PACKED = (
    *(sent(f"good {form}", AUDIO, "a", lambda form=form: a_sound(form)) for form in _CODECS),
    *(
        case
        for form in ("mp3", "flac", "ogg", "ipod")
        for case in cuts(
            f"{form} behind its first bytes",
            AUDIO,
            "half",
            lambda form=form: a_sound(form)[:300],
            3,
        )
    ),
    sent(
        "good MP3 with a cover of 3 MB",
        AUDIO,
        "a.mp3",
        lambda: _tagged((b"APIC", 2**21 - 1, b"\0image/png\0\3\0" + bytes(2**21 - 14))),
    ),
    sent(
        "good MP3 with a cover elsewhere",
        AUDIO,
        "a.mp3",
        lambda: _tagged((b"APIC", 28, b"\0-->\0\3\0file:///etc/hostname\0")),
    ),
    sent(
        "good MP3 with 9,000 remarks",
        AUDIO,
        "a.mp3",
        lambda: _tagged(*[(b"COMM", 9, b"\0eng\0abcd")] * 9_000),
    ),
    sent("good MP3 behind 500 tags", AUDIO, "a.mp3", lambda: _id3(0) * 500 + a_sound("mp3")),
    sent(
        "MP3 behind a tag of 256 MB",
        AUDIO,
        "a.mp3",
        lambda: _id3(2**28 - 1) + a_sound("mp3"),
        ANY_REFUSAL,
    ),
    sent(
        "MP3 of nothing but beginnings", AUDIO, "a.mp3", b"\xff\xfb\x90\x64" * 9_000, ANY_REFUSAL
    ),
    sent(
        "FLAC with a cover elsewhere",
        AUDIO,
        "a.flac",
        lambda: _flac_cover(b"-->", b"file:///etc/hostname"),
    ),
    sent(
        "FLAC with a cover of a false length",
        AUDIO,
        "a.flac",
        lambda: _flac_with(6, bytes(28) + struct.pack(">I", _MOST)),
        None,
    ),
    sent("FLAC of rubbish", AUDIO, "a.flac", b"fLaC\x80\0\0\x22" + bytes(34 + 999), ANY_REFUSAL),
    sent(
        "Ogg of pages without a stream",
        AUDIO,
        "a.ogg",
        (b"OggS\0\2" + bytes(21)) * 999,
        ANY_REFUSAL,
    ),
)
SOUNDS: tuple[Case, ...] = (*_WAVES, *_PACKED)
