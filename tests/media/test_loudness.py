"""Loudness as the standard's own tones and FFmpeg's meter judge it."""

import numpy as np
import pytest

from reelsmith.media.limiter import CONTEXT, limited
from reelsmith.media.loudness import Meter
from tests.media.sounds import RATE, a_tone, a_tune, judged


def measured(samples, block=10_007):
    meter = Meter()
    for first in range(0, len(samples), block):
        meter.feed(samples[first : first + block])
    return meter.result()


def both(tone):
    return np.stack([tone, tone], axis=1)


def quiet_and_loud(*parts):
    """(seconds, dBFS) stretches of a 1 kHz tone in both channels."""
    return both(np.concatenate([a_tone(1_000, s, dbfs=level) for s, level in parts]))


@pytest.mark.parametrize(
    ("parts", "lufs"),
    [  # EBU Tech 3341, minimum requirements, cases 1 to 5
        ([(20, -23)], -23),
        ([(20, -33)], -33),
        ([(10, -36), (60, -23), (10, -36)], -23),
        ([(10, -72), (10, -36), (60, -23), (10, -36), (10, -72)], -23),
        ([(20, -26), (20.1, -20), (20, -26)], -23),
    ],
)
def test_the_reference_tones_of_the_ebu_measure_as_they_should(parts, lufs):
    assert measured(quiet_and_loud(*parts)).lufs == pytest.approx(lufs, abs=0.1)


@pytest.mark.parametrize(
    "samples",
    [
        a_tune(12),
        both(a_tone(60, 5)),
        both(a_tone(10_000, 5)),
        np.stack([a_tone(300, 6), 0.1 * a_tone(3_000, 6)], axis=1),
        a_tune(20) * np.linspace(0, 1, 20 * RATE, dtype=np.float32)[:, np.newaxis],
    ],
    ids=["tune", "bass", "treble", "one side", "crescendo"],
)
def test_it_agrees_with_the_meter_of_ffmpeg(samples):
    found = measured(samples)

    lufs, peak = judged(samples)
    assert found.lufs == pytest.approx(lufs, abs=0.05)
    assert found.true_peak_dbtp == pytest.approx(peak, abs=0.5)


def test_peaks_between_samples_are_seen():
    between = both(0.5 * np.sin(np.pi / 2 * np.arange(RATE) + np.pi / 4).astype(np.float32))

    assert np.abs(between).max() < 0.36  # what the samples themselves show: -9 dB
    assert measured(between).true_peak_dbtp == pytest.approx(-6.0, abs=0.3)


def test_how_the_sound_is_cut_into_blocks_changes_nothing():
    tune = a_tune(5)

    whole = measured(tune, block=len(tune))
    for block in (997, 61_440, 65_536):
        found = measured(tune, block=block)
        assert found.lufs == pytest.approx(whole.lufs, abs=1e-4)
        assert found.true_peak_dbtp == pytest.approx(whole.true_peak_dbtp, abs=1e-3)


def test_silence_and_nothing_have_no_loudness():
    assert measured(np.zeros((RATE, 2), np.float32)).lufs is None
    assert measured(np.zeros((RATE, 2), np.float32)).true_peak_dbtp is None
    assert Meter().result().lufs is None
    assert measured(both(a_tone(1_000, 2, dbfs=-80))).lufs is None


def test_a_sound_shorter_than_a_block_still_has_a_loudness():
    assert measured(both(a_tone(1_000, 0.3, dbfs=-20))).lufs == pytest.approx(-20, abs=0.2)


def test_the_limiter_lets_no_peak_through_and_leaves_what_is_low_alone():
    loud, low = 4 * a_tune(2), 0.05 * a_tune(2)

    held = limited(loud, ceiling=0.5)

    assert measured(held).true_peak_dbtp <= 20 * np.log10(0.5) + 0.05
    assert np.array_equal(limited(low, ceiling=0.5), low[CONTEXT:-CONTEXT])


def test_the_limiter_gives_the_same_sound_however_it_is_cut():
    loud = 4 * a_tune(3)
    middle = len(loud) // 2

    whole = limited(loud, ceiling=0.5)
    halves = [limited(loud[: middle + CONTEXT], ceiling=0.5)]
    halves.append(limited(loud[middle - CONTEXT :], ceiling=0.5))

    assert np.abs(np.concatenate(halves) - whole).max() < 0.002
