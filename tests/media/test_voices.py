"""Voice profiles, measured on speech that they were not made from; four speakers told apart."""

import numpy as np
import pytest

from reelsmith.engines.espeak import EspeakSpeaker
from reelsmith.errors import MediaError
from reelsmith.media import wav
from reelsmith.media.voices import pitch, profiles, samples, vocoder
from reelsmith.media.voices.pitch import RATE

READ = (
    "Compra ya las mejores baterías del mercado. Mañana suben de precio, y no queremos que te "
    "quedes sin la tuya. Elige el color que más te guste, paga en tres plazos y recíbela en casa."
)
HELD_OUT = (
    "El tren de las nueve salió con retraso de la estación. Nadie supo explicar por qué, pero "
    "los viajeros esperaron con paciencia bajo la lluvia fina de noviembre."
)
NEW = "Bienvenidos a la presentación de nuestra empresa. Este año hemos crecido el doble."
SPEAKERS = ("m1", "m7", "f2", "f5")
OURS = "f3"


def spoken(tmp_path, text, voice, language="es"):
    """What one of espeak's people says, full scale 1."""
    EspeakSpeaker().speak(text, language=language, voice=voice, out=tmp_path / "said.wav")
    said, rate = wav.read(tmp_path / "said.wav")
    assert rate == RATE
    return said[:, 0] / 32_768


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """Our voice with the profile of each speaker, beside the speakers' held-out speech."""
    room = tmp_path_factory.mktemp("voices")
    ours, plain = spoken(room, READ, OURS), spoken(room, NEW, OURS)
    made, held = {}, {}
    for speaker in SPEAKERS:
        traits = profiles.traits(spoken(room, READ, speaker))
        made[speaker] = profiles.applied(plain, profiles.made(traits, ours, base=OURS))
        held[speaker] = profiles.traits(spoken(room, HELD_OUT, speaker))
    return plain, made, held


@pytest.mark.parametrize("speaker", SPEAKERS)
def test_a_profile_speaks_at_the_speakers_pitch_and_nearer_to_the_speakers_colour(scene, speaker):
    plain, made, held = scene
    found = profiles.measures(plain, made[speaker], held[speaker])
    assert found.voiced.pitch_semitones < 1.5
    assert found.voiced.colour_db < 0.7 * found.plain.colour_db
    if found.plain.pitch_semitones > 1:
        assert found.voiced.pitch_semitones < found.plain.pitch_semitones


def test_each_profile_is_nearest_to_its_own_speaker(scene):
    _, made, held = scene
    for speaker in SPEAKERS:
        apart = {
            other: profiles.likeness(made[speaker], held[other]).colour_db for other in SPEAKERS
        }
        assert min(apart, key=apart.__getitem__) == speaker


def test_words_keep_their_times_and_nothing_is_cut_off(scene):
    plain, made, _ = scene
    for sound in made.values():
        assert len(sound) == len(plain)
        assert np.abs(sound).max() <= 0.98


def test_the_same_words_with_the_same_profile_are_the_same_samples(tmp_path):
    ours, speaker = spoken(tmp_path, READ, OURS), spoken(tmp_path, READ, "m7")
    profile = profiles.made(profiles.traits(speaker), ours, base=OURS)
    again = profiles.Profile.model_validate_json(profile.model_dump_json())
    first, second = (profiles.applied(ours, one) for one in (profile, again))
    assert np.array_equal(first, second)
    assert len(profile.model_dump_json()) < 4_096


def test_a_profile_from_one_language_speaks_another(tmp_path):
    speaker = profiles.traits(spoken(tmp_path, READ, "m7"))
    profile = profiles.made(speaker, spoken(tmp_path, READ, OURS), base=OURS)
    english = "The quick brown fox jumps over the lazy dog while seventeen engineers look on."
    plain = spoken(tmp_path, english, OURS, "en")
    found = profiles.measures(plain, profiles.applied(plain, profile), speaker)
    assert found.voiced.pitch_semitones < 1.5
    assert found.voiced.colour_db < found.plain.colour_db


def test_the_pitch_of_a_tone_is_its_frequency_and_noise_has_none():
    at = np.arange(RATE) / RATE
    for hz in (90, 140, 220, 410):
        buzz = sum(np.sin(2 * np.pi * hz * n * at) / n for n in range(1, 9)) / 4
        found = pitch.track(buzz)[20:-20]
        assert np.median(np.abs(12 * np.log2(found / hz))) < 0.05
    noise = np.random.default_rng(3).normal(0, 0.1, RATE)
    assert (pitch.track(noise) > 0).mean() < 0.1


def test_a_voice_taken_apart_and_put_together_keeps_its_pitch(tmp_path):
    sound = spoken(tmp_path, NEW, "m3")
    parts = vocoder.apart(sound)
    again = vocoder.apart(vocoder.together(parts)).pitch
    both = (parts.pitch > 0) & (again > 0)
    assert np.median(np.abs(12 * np.log2(again[both] / parts.pitch[both]))) < 0.2
    assert np.mean((parts.pitch > 0) == (again > 0)) > 0.9


def file_of(tmp_path, sound, rate=RATE, name="sample.wav"):
    whole = np.clip(np.rint(np.asarray(sound) * 32_767), -32_768, 32_767).astype(np.int16)
    wav.write(tmp_path / name, whole, rate=rate)
    return tmp_path / name


def test_a_clean_sample_is_taken_without_a_word(tmp_path):
    sound = spoken(tmp_path, READ, "m3")
    taken = samples.taken(file_of(tmp_path, sound), name="ana.wav")
    assert taken.facts.duration_seconds == pytest.approx(len(sound) / RATE, abs=0.01)
    assert (taken.facts.sample_rate, taken.facts.warnings) == (RATE, ())
    assert taken.facts.voiced_seconds > 6


def test_what_makes_a_worse_voice_is_told(tmp_path):
    sound = spoken(tmp_path, READ, "m3")
    hiss = np.random.default_rng(5).normal(0, 0.02, len(sound))
    cases = {"noisy": sound + hiss, "cut off": np.clip(4 * sound, -0.5, 0.5), "quiet": sound / 20}
    for word, case in cases.items():
        taken = samples.taken(file_of(tmp_path, case), name="ana.wav")
        assert any(word in warning for warning in taken.facts.warnings), (word, taken.facts)
    dull = samples.taken(file_of(tmp_path, sound[::2], rate=RATE // 2), name="ana.wav")
    assert any("below 16 kHz" in warning for warning in dull.facts.warnings)


@pytest.mark.parametrize(
    ("sound", "rate", "why"),
    [
        (np.zeros(RATE * 10), RATE, "too quiet"),
        (np.random.default_rng(2).normal(0, 0.1, RATE * 10), RATE, "0.. s of voice|noise"),
        (np.sin(np.arange(RATE * 3) / 20) * 0.3, RATE, "s of voice"),
        (np.zeros(301 * 8_000), 8_000, "300 s"),
        (np.sin(np.arange(6_000 * 8) / 8) * 0.3, 6_000, "6000 Hz"),
    ],
    ids=["silence", "noise", "three seconds", "too long", "low rate"],
)
def test_what_no_voice_can_be_made_of_is_refused_with_its_reason(tmp_path, sound, rate, why):
    with pytest.raises(MediaError, match=why) as refused:
        samples.taken(file_of(tmp_path, sound, rate), name="ana.wav")
    assert "ana.wav" in refused.value.detail


def test_a_sample_is_known_by_its_content_not_by_its_name(tmp_path):
    path = tmp_path / "ana.wav"
    path.write_bytes(b"fLaC" + bytes(64))
    with pytest.raises(MediaError, match="not a WAV file"):
        samples.taken(path, name="ana.wav")
