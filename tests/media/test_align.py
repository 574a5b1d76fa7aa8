"""When words are said in a sound that has no times: held against voices that know theirs."""

from itertools import pairwise

import numpy as np
import pytest

from reelsmith.engines.espeak import EspeakSpeaker
from reelsmith.media import align, wav

TEXTS = {
    "es": "Compra ya las mejores baterías del mercado. Mañana suben de precio, y no queremos que "
    "te quedes sin la tuya. Elige el color que más te guste y recíbela en casa en dos días.",
    "en": "The quick brown fox jumps over the lazy dog while seventeen engineers look on. Buy one "
    "now, pay later, and tell your friends about it. Returns are free.",
    "de": "Größe zählt: drei Äpfel für zwei Euro. Wer heute bestellt, bekommt die Lieferung schon "
    "morgen früh nach Hause. Unsere Kunden sind seit zwanzig Jahren zufrieden.",
    "fr": "Profitez vite de cette offre, elle se termine demain soir. Nos ingénieurs ont passé "
    "trois ans à concevoir ce petit appareil, et vous allez l'adorer.",
}


@pytest.fixture
def say(tmp_path):
    """Speak, and give samples, their rate in Hz, and the words."""

    def speak(text, *, language, voice=None):
        speech = EspeakSpeaker().speak(
            text, language=language, voice=voice, out=tmp_path / "said.wav"
        )
        samples, rate = wav.read(tmp_path / "said.wav")
        return samples[:, 0], rate, speech.words

    return speak


def told_live(samples, rate, words, *, pace=1.1, hiss_db=-50):
    """As a person would record it: slow to begin, pausing, at another pace, in a room that hisses.

    Gives samples, and the seconds at which the words start and end.
    """
    chance = np.random.default_rng(7)
    pieces, times, cut, later = [np.zeros(rate // 2)], [], 0, rate // 2
    for n, word in enumerate(words):
        if n and chance.random() < 0.2:
            begin = int(word.start * rate)
            wait = int(chance.uniform(0.15, 0.9) * rate)
            pieces += [samples[cut:begin], np.zeros(wait)]
            cut, later = begin, later + wait
        times.append((word.start + later / rate, word.end + later / rate))
    told = np.concatenate([*pieces, samples[cut:], np.zeros(rate // 2)])
    at = np.arange(round(len(told) * pace)) / pace
    told = np.interp(at, np.arange(len(told)), told)
    told += chance.normal(0, 32_768 * 10 ** (hiss_db / 20), len(told))
    return np.clip(told, -32_768, 32_767).astype(np.int16), np.array(times) * pace


def off_by(words, times):
    """Seconds by which words are off: at their starts, at their ends."""
    found = np.array([(word.start, word.end) for word in words])
    return np.abs(found - times).T


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("voice", ["m3", "m7", "f5"])
def test_words_are_found_within_thirty_milliseconds_in_another_voice(say, language, voice):
    reading, rate, words = say(TEXTS[language], language=language)
    other, _, truth = say(TEXTS[language], language=language, voice=voice)
    told, times = told_live(other, rate, truth)

    found = align.align(told, reading, words, rate=rate, reading_rate=rate)

    assert [word.text for word in found] == TEXTS[language].split()
    starts, ends = off_by(found, times)
    assert np.median(starts) <= 0.03
    assert np.median(ends) <= 0.03
    assert np.mean(starts <= 0.1) >= 0.9


def test_minutes_of_speech_are_followed_to_their_end(say):
    text = " ".join([TEXTS["es"]] * 24)
    reading, rate, words = say(text, language="es")
    other, _, truth = say(text, language="es", voice="m3")
    told, times = told_live(other, rate, truth, pace=0.93)

    found = align.align(told, reading, words, rate=rate, reading_rate=rate)

    starts, _ = off_by(found, times)
    assert len(told) / rate > 240
    assert np.median(starts) <= 0.03
    assert np.median(starts[-40:]) <= 0.03


def test_sounds_of_different_rates_are_compared_as_they_are(say, tmp_path):
    reading, rate, words = say(TEXTS["de"], language="de")
    other, _, truth = say(TEXTS["de"], language="de", voice="f5")
    finer = wav.resample(other, from_rate=rate, to_rate=48_000)

    found = align.align(finer, reading, words, rate=48_000, reading_rate=rate)

    starts, _ = off_by(found, np.array([(word.start, word.end) for word in truth]))
    assert np.median(starts) <= 0.03


def test_words_keep_their_order_and_stay_within_the_sound(say):
    reading, rate, words = say(TEXTS["en"], language="en")
    other, _, _ = say(TEXTS["fr"], language="fr", voice="m3")

    found = align.align(other, reading, words, rate=rate, reading_rate=rate)

    assert all(a.start <= b.start and a.end <= b.start for a, b in pairwise(found))
    assert all(0 <= word.start <= word.end <= len(other) / rate for word in found)


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(48_000, np.int16),
        np.zeros(0, np.int16),
        (8_000 * np.sin(np.arange(144_000) / 17)).astype(np.int16),
        np.random.default_rng(1).normal(0, 3_000, 144_000).astype(np.int16),
    ],
    ids=["silence", "nothing", "a tone", "noise"],
)
def test_what_is_no_speech_has_no_words(say, sound):
    reading, rate, words = say(TEXTS["es"], language="es")
    assert align.align(sound, reading, words, rate=48_000, reading_rate=rate) == ()
