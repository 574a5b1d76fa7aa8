"""Sounds of every kind we take come out as 48 kHz stereo, or are refused by name."""

import io
import struct
import wave

import av
import numpy as np
import pytest

from reelsmith.errors import MediaError
from reelsmith.media import pcm

CODECS = {
    "wav": "pcm_s16le",
    "flac": "flac",
    "ogg": "libopus",
    "mp3": "libmp3lame",
    "mp4": "aac",
}


def tone(*, seconds=1.5, rate=48_000, hertz=440):
    times = np.arange(round(seconds * rate)) / rate
    return (np.sin(2 * np.pi * hertz * times) * 12_000).astype(np.int16)


def wav(samples, *, rate=48_000, channels=1):
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return made.getvalue()


def encoded(container, samples, *, rate=48_000):
    made = io.BytesIO()
    with av.open(made, "w", format=container) as output:
        stream = output.add_stream(CODECS[container], rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
        frame.rate = rate
        resampler = av.AudioResampler(stream.format, "mono", rate, stream.frame_size or None)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            output.mux(stream.encode(part))
        output.mux(stream.encode(None))
    return made.getvalue()


def pitch(samples):
    spectrum = np.abs(np.fft.rfft(samples[:, 0].astype(float)))
    return spectrum.argmax() * 48_000 / len(samples)


@pytest.fixture
def send(tmp_path):
    def write(body):
        path = tmp_path / "upload"
        path.write_bytes(body)
        return path

    return write


@pytest.mark.parametrize("container", CODECS)
def test_each_format_we_take_sounds_the_same(send, container):
    path = send(encoded(container, tone()))

    samples = pcm.load(path, name="music", max_seconds=60)

    assert samples.dtype == np.int16
    assert samples.shape == (pytest.approx(72_000, abs=3_000), 2)
    assert pitch(samples) == pytest.approx(440, abs=2)
    assert pcm.inspect(path, name="music").seconds == pytest.approx(len(samples) / 48_000)


def test_another_rate_and_one_channel_become_48_khz_stereo(send):
    path = send(wav(tone(rate=22_050), rate=22_050))

    samples = pcm.load(path, name="voice.wav", max_seconds=60)

    assert len(samples) == pytest.approx(72_000, abs=2)
    assert pitch(samples) == pytest.approx(440, abs=1)
    assert np.array_equal(samples[:, 0], samples[:, 1])
    facts = pcm.inspect(path, name="voice.wav")
    assert (facts.rate, facts.channels, facts.codec) == (22_050, 1, "pcm_s16le")


def test_stereo_stays_stereo_and_in_place_to_the_sample(send):
    left_click = np.zeros((48_000, 2), np.int16)
    left_click[12_345, 0] = 20_000
    path = send(wav(left_click, channels=2))

    assert np.array_equal(pcm.load(path, name="click.wav", max_seconds=9), left_click)


def test_only_as_much_as_the_film_needs_is_decoded(send):
    path = send(wav(tone(seconds=3)))

    assert pcm.load(path, name="long.wav", max_seconds=0.5).shape == (24_000, 2)


def test_a_wave_from_a_live_encoder_that_never_knew_its_length_plays(send):
    body = bytearray(wav(tone()))
    body[4:8] = body[40:44] = struct.pack("<I", 0xFFFFFFFF)

    assert len(pcm.load(send(bytes(body)), name="live.wav", max_seconds=9)) == 72_000


def test_a_damaged_stretch_is_left_out_and_the_rest_plays(send):
    body = bytearray(encoded("mp3", tone(seconds=4)))
    middle = len(body) // 2
    body[middle : middle + 1500] = bytes(1500)

    assert (
        2.5 < len(pcm.load(send(bytes(body)), name="scratched.mp3", max_seconds=9)) / 48_000 <= 4.1
    )


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", "is empty"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "is a playlist, not a sound file we take"),
        (b"ffconcat version 1.0\nfile secret.wav\n", "is a playlist"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "is PNG, not a sound file"),
        (b"\x1aE\xdf\xa3" + bytes(60), "is Matroska, not a sound file"),
        (b"RIFF\x24\0\0\0WAVE" + bytes(8), "has a broken header|cannot be decoded"),
        (b"ID3" + bytes(300), "broken header|no sound|cannot be decoded"),
        (wav(tone())[:44], "no sound|broken header"),
    ],
    ids=["empty", "playlist", "concat", "picture", "matroska", "headless", "bare tag", "no data"],
)
def test_what_is_no_sound_is_refused_by_name(send, body, fault):
    with pytest.raises(MediaError, match=rf'^"song\.mp3" .*({fault}).*; (send|save|open)'):
        pcm.load(send(body), name="song.mp3", max_seconds=9)


def test_a_film_without_a_sound_track_is_refused_by_name(send):
    made = io.BytesIO()
    with av.open(made, "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=30)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        output.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        output.mux(stream.encode(None))

    with pytest.raises(MediaError, match=r'"silent\.mp4" has no sound track'):
        pcm.inspect(send(made.getvalue()), name="silent.mp4")


def test_an_mp4_cut_before_its_index_is_refused_by_name(send):
    body = encoded("mp4", tone())

    with pytest.raises(MediaError, match=r'"cut\.m4a" '):
        pcm.load(send(body[: len(body) // 2]), name="cut.m4a", max_seconds=9)
