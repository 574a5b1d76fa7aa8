"""The voice that needs no service: what it says, when it says it, and what it refuses."""

import time
import wave
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from reelsmith.engines import espeak
from reelsmith.engines.espeak import EspeakSpeaker
from reelsmith.errors import Invalid, MediaError, Unavailable

SPANISH = "¡Hola, año nuevo! Compra 25 kg por 3,50 € hoy — mañana no."


@pytest.fixture
def say(tmp_path):
    """Speak, and give the speech and its samples, full scale 1."""

    def speak(text, *, language="es", voice="auto"):
        out = tmp_path / "said.wav"
        speech = EspeakSpeaker().speak(text, language=language, voice=voice, out=out)
        with wave.open(str(out)) as file:
            assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
            assert (file.getframerate(), file.getnframes()) == (speech.rate, speech.samples)
            body = file.readframes(speech.samples)
        return speech, np.frombuffer(body, "<i2") / 32_768

    return speak


def level_db(samples, rate, start, end):
    stretch = samples[round(start * rate) : round(end * rate)]
    return 20 * np.log10(np.sqrt(np.mean(stretch**2)) + 1e-6)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", SPANISH),
        ("en-US", "Dr. Smith isn't here, is he? Save 50 % on e-mail @ 5 p.m."),
        ("en-GB", "of the people, by the people, for the people"),
        ("de", "Größe zählt: 3 Äpfel für 2,99 €!"),
        ("fr-CA", "C'est l'été ! Profitez-en « vite »."),
        ("pt-BR", "Promoção só amanhã: 10× sem juros."),
        ("it", "Perché no? Così è più facile."),
        ("ru", "Привет, мир! Скидка 20 %."),
        ("ar", "مرحبا بالعالم، اشتر الآن"),
        ("hi", "नमस्ते दुनिया, आज ही खरीदें।"),
    ],
)
def test_every_word_of_the_text_has_its_time_in_order_and_within_the_sound(say, language, text):
    speech, _ = say(text, language=language)

    words = speech.words
    assert [word.text for word in words] == text.split()
    assert all(a.start < b.start and a.end <= b.start for a, b in pairwise(words))
    assert all(word.start < word.end for word in words)
    assert words[0].start >= 0
    assert words[-1].end <= speech.samples / speech.rate
    assert (speech.engine, speech.timing) == ("espeak", "engine")


def test_words_lie_where_sound_is_and_pauses_where_none_is(say):
    speech, samples = say("Hola. Hoy es lunes. Adiós.")

    heard = [level_db(samples, speech.rate, w.start, w.end) for w in speech.words]
    gaps = [(a.end, b.start) for a, b in pairwise(speech.words) if b.start - a.end > 0.1]
    assert min(heard) > -30
    assert len(gaps) == 2  # after each full stop but the last
    assert all(level_db(samples, speech.rate, *gap) < -50 for gap in gaps)


def test_it_speaks_at_a_natural_pace(say):
    text = "La energía solar se ha convertido en la fuente de electricidad más barata del mundo"

    speech, _ = say(text)

    words_per_minute = 60 * len(text.split()) * speech.rate / speech.samples
    assert 140 < words_per_minute < 190


def test_emoji_and_control_characters_are_not_spoken_but_an_emoji_keeps_its_place(say):
    plain, plain_samples = say("Compra ya")
    marked, marked_samples = say("Compra 🎉👩\u200d👩\u200d👧 \x01ya\u200b")

    assert marked_samples.size == pytest.approx(plain_samples.size, rel=0.05)
    assert [word.text for word in marked.words] == [
        "Compra",
        "🎉👩\u200d👩\u200d👧",
        "\x01ya\u200b",
    ]
    assert marked.words[2].start == pytest.approx(plain.words[1].start, abs=0.05)


@pytest.mark.parametrize(
    "text",
    [
        '<speak><prosody rate="x-slow">hello world</prosody></speak>',
        "[[h@l'oU]] hello",
        '<audio src="/etc/passwd"/> hello',
    ],
)
def test_markup_is_read_out_like_any_other_text(say, text):
    speech, _ = say(text, language="en")
    words_alone, _ = say("hello", language="en")

    assert [word.text for word in speech.words] == text.split()
    assert speech.samples / words_alone.samples > 2  # the marks were spoken, not obeyed


@pytest.mark.parametrize("language", sorted(espeak._LANGUAGES))
def test_it_speaks_every_language_that_it_offers(say, language):
    speech, samples = say("Radio 12", language=language, voice="m3")

    assert np.abs(samples).max() > 0.1
    assert len(speech.words) == 2


def test_languages_fall_back_to_their_kin_and_voices_are_named_in_full(say):
    spoken = {
        given: say("radio", language=given, voice=voice)[0].voice
        for given, voice in [("es-MX", None), ("en-AU", "f1"), ("pt", "auto"), ("FR-ca", "m7")]
    }

    assert spoken == {"es-MX": "es-419+f3", "en-AU": "en+f1", "pt": "pt-br+f3", "FR-ca": "fr+m7"}


@pytest.mark.parametrize(
    ("language", "voice", "pointer", "remedy"),
    [
        ("tlh", "auto", "/language", "es-419"),
        ("ja", None, "/language", "en-gb"),
        ("es", "Lupe", "/voice", "f3"),
        ("es", "f3\nwhisper", "/voice", "m8"),
        ("es", "", "/voice", "auto"),
    ],
)
def test_what_it_cannot_speak_is_refused_with_what_it_can(say, language, voice, pointer, remedy):
    with pytest.raises(Invalid) as refused:
        say("hola", language=language, voice=voice)

    assert [fault.pointer for fault in refused.value.faults] == [pointer]
    assert remedy in refused.value.faults[0].remedy


@pytest.mark.parametrize("text", ["", "🎉🎉", " … — ", "\x00\x1b"])
def test_a_text_without_words_is_refused(say, text):
    with pytest.raises(MediaError, match="nothing to say"):
        say(text)


def test_the_same_text_sounds_the_same_whenever_it_is_said(say):
    _, once = say(SPANISH)
    time.sleep(1.1)  # the engine's own seed is the second it starts in
    _, again = say(SPANISH)

    assert np.array_equal(once, again)


def test_the_fingerprint_tells_voices_apart_and_names_the_version():
    speaker = EspeakSpeaker()
    prints = {
        speaker.fingerprint(language=language, voice=voice)
        for language, voice in [("es", None), ("es", "auto"), ("es-ES", "f3")]
    }

    assert len(prints) == 1
    assert prints.pop().startswith("espeak/1.5")
    assert speaker.fingerprint(language="es", voice="m1") != speaker.fingerprint(
        language="es", voice="m2"
    )


def test_a_fingerprint_starts_the_engine_once_in_a_process(monkeypatch):
    speaker = EspeakSpeaker()
    speaker.fingerprint(language="es", voice=None)

    monkeypatch.setattr(espeak, "run", None)

    assert speaker.fingerprint(language="en", voice="f1").startswith("espeak/")


def test_without_an_engine_the_fault_is_told_and_nothing_else_breaks(say, monkeypatch):
    missing = espeak._Engine("libespeak-ng-that-is-nowhere.so", None)
    monkeypatch.setattr(espeak, "_engine", lambda: missing)

    with pytest.raises(MediaError, match="failed"):
        say("hola")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full here")
def test_a_full_disk_is_no_fault_of_the_words_and_may_be_tried_again():
    with pytest.raises(Unavailable, match="temp space"):
        EspeakSpeaker().speak("Hola.", language="es", voice=None, out=Path("/dev/full"))
