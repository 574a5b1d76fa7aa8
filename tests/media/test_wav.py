"""Our own speech files, and their way to another rate."""

import numpy as np
import pytest

from reelsmith.errors import MediaError
from reelsmith.media import wav
from tests.media.sounds import a_tone, written


def test_what_was_written_is_read_again(tmp_path):
    samples = np.arange(-300, 300, dtype=np.int16).reshape(-1, 2)

    wav.write(tmp_path / "a.wav", samples, rate=22_050)

    again, rate = wav.read(tmp_path / "a.wav")
    assert (rate, wav.shape_of(tmp_path / "a.wav")) == (22_050, (300, 2, 22_050))
    assert np.array_equal(again, samples)
    assert np.array_equal(wav.read(tmp_path / "a.wav", first=10, count=5)[0], samples[10:15])


def test_a_click_keeps_its_time_at_another_rate(tmp_path):
    clicks = np.zeros(22_050 * 20)
    clicks[[22_050, 22_050 * 19]] = 0.5

    count = wav.resampled(
        written(tmp_path / "a.wav", clicks, rate=22_050), tmp_path / "b.wav", rate=48_000
    )

    samples, rate = wav.read(tmp_path / "b.wav")
    assert (count, len(samples), rate) == (48_000 * 20, 48_000 * 20, 48_000)
    middle = 480_000
    found = [int(samples[:middle].argmax()), middle + int(samples[middle:].argmax())]
    assert found == [48_000, 48_000 * 19]


def test_a_tone_is_the_same_tone_at_another_rate():
    at = np.arange(22_050) / 22_050
    tone = (20_000 * np.sin(2 * np.pi * 1_000 * at)).astype(np.int16)

    made = wav.resample(tone, from_rate=22_050, to_rate=48_000)

    wanted = 20_000 * np.sin(2 * np.pi * 1_000 * np.arange(48_000) / 48_000)
    assert np.abs(made - wanted)[100:-100].max() < 20


@pytest.mark.parametrize(("samples", "expected"), [(0, 0), (1, 2), (50, 109), (22_051, 48_002)])
def test_lengths_are_exact_however_short(samples, expected):
    made = wav.resample(np.ones(samples, np.int16), from_rate=22_050, to_rate=48_000)

    assert len(made) == expected


def test_both_channels_become_their_mean():
    stereo = np.array([[100, 200], [-32_768, -32_768], [32_767, 32_767]], np.int16)

    assert wav.mono(stereo).tolist() == [150, -32_768, 32_767]


@pytest.mark.parametrize(
    "body", [b"", b"RIFF", b"ID3\x04 not speech at all", b"RIFF\x00\x00\x00\x00WAVE"]
)
def test_what_is_no_wav_file_is_refused(tmp_path, body):
    broken = tmp_path / "a.wav"
    broken.write_bytes(body)

    with pytest.raises(MediaError):
        wav.read(broken)
    with pytest.raises(MediaError):
        wav.shape_of(broken)


def test_other_sample_formats_are_refused(tmp_path):
    file = written(tmp_path / "a.wav", a_tone(440, 0.1))
    whole = bytearray(file.read_bytes())
    whole[32:36] = (1).to_bytes(2, "little") + (8).to_bytes(2, "little")
    file.write_bytes(whole)

    with pytest.raises(MediaError, match="16-bit"):
        wav.read(file)
