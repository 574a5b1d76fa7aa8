"""The sound of a film, judged by what its decoder gives."""

import numpy as np
import pytest

from reelsmith.errors import MediaError
from reelsmith.media import sound
from reelsmith.media.mix import DUCKING_DB, UNDER_SPEECH_LU, Mix, Music
from tests.media.sounds import (
    RATE,
    a_tone,
    a_tune,
    decoded,
    judged,
    sounding,
    speech,
    written,
)


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sounds")
    speech(folder / "voice.wav")
    speech(folder / "hola.wav", "Hola.")
    said = np.fromfile(folder / "voice.wav", "<i2")[22:] / 32_768
    written(folder / "whisper.wav", said * 0.003)
    written(folder / "shout.wav", said * 8)
    written(folder / "tune.wav", a_tune(3))
    written(folder / "treble.wav", np.stack([a_tone(14_000, 13)] * 2, axis=1))
    click = np.zeros(RATE)
    click[100] = 0.9
    written(folder / "click.wav", click)
    written(folder / "nothing.wav", np.zeros(RATE))
    return folder


def mastered(room, timeline):
    return sound.master(timeline, files={file.name: file for file in room.iterdir()})


def mixed(room, timeline):
    return Mix(timeline, {file.name: file for file in room.iterdir()})


@pytest.mark.parametrize(
    ("voice", "music", "frames"),
    [
        ("voice.wav", None, 150),
        ("voice.wav", "tune.wav", 210),
        ("whisper.wav", None, 150),
        ("whisper.wav", "tune.wav", 150),
        ("shout.wav", None, 150),
        ("hola.wav", None, 30),
        ("hola.wav", None, 9),
        (None, "tune.wav", 120),
        (None, "tune.wav", 15),
    ],
)
def test_every_film_comes_out_at_its_loudness_and_never_too_high(room, voice, music, frames):
    voices = [(room / voice, 0)] if voice else []
    timeline = sounding(frames, *voices, music=room / music if music else None)

    made = mastered(room, timeline)

    heard = decoded(made.track)
    lufs, peak = judged(heard) if frames >= 15 else (made.loudness_lufs, made.true_peak_dbtp)
    assert lufs == pytest.approx(-14.0, abs=0.25)
    assert peak <= -0.95
    assert made.loudness_lufs == pytest.approx(lufs, abs=0.06)
    assert len(heard) == made.track.samples == timeline.samples


def test_speech_begins_on_its_exact_sample(room):
    timeline = sounding(90, (room / "click.wav", 31_337), (room / "click.wav", 100_003))

    heard = np.abs(decoded(mastered(room, timeline).track)[:, 0])

    found = [int(heard[:70_000].argmax()), 70_000 + int(heard[70_000:].argmax())]
    assert found == [31_437, 100_103]


def test_speech_alone_stands_in_the_middle(room):
    heard = decoded(mastered(room, sounding(90, (room / "voice.wav", 0))).track)

    assert np.abs(heard[:, 0] - heard[:, 1]).max() < 0.01


def test_music_makes_room_for_speech_and_comes_back_after_it(room):
    voice = room / "voice.wav"
    samples = len(np.fromfile(voice, "<i2")) - 22
    timeline = sounding(360, (voice, 2 * RATE), music=room / "treble.wav")

    mix = mixed(room, timeline).at(0, timeline.samples)
    film = decoded(mastered(room, timeline).track)

    for heard, tolerance in [(mix, 0.3), (film, 1.5)]:
        before, under, after = music_levels(heard[:, 0], 2 * RATE, 2 * RATE + samples)
        assert before - under == pytest.approx(DUCKING_DB, abs=tolerance)
        assert after == pytest.approx(before, abs=1)


def music_levels(heard, starts, ends):
    """The level of the treble before, during and after speech."""
    before = heard[starts - RATE : starts - RATE // 2]
    after = heard[ends + RATE * 3 // 2 : ends + 2 * RATE]
    return [treble_db(part) for part in (before, heard[starts + RATE : ends - RATE], after)]


def treble_db(samples):
    """The level of the 14 kHz tone in a stretch."""
    turn = np.exp(-2j * np.pi * 14_000 * np.arange(len(samples)) / RATE)
    return 20 * np.log10(abs(np.mean(samples * turn)))


def test_speech_stands_well_above_the_music_under_it(room):
    voice = room / "voice.wav"
    frames = (len(np.fromfile(voice, "<i2")) - 22) // 1_600
    with_music = mixed(room, sounding(frames, (voice, 0), music=room / "tune.wav"))
    alone = mixed(room, sounding(frames, (voice, 0)))

    count = alone.samples
    spoken = alone.at(0, count)
    music = with_music.at(0, count) - spoken

    middle = slice(RATE, count - 2 * RATE)  # without the fades
    difference = judged(spoken[middle])[0] - judged(music[middle])[0]
    assert difference == pytest.approx(UNDER_SPEECH_LU, abs=2)


def test_music_stays_down_between_two_sentences(room):
    hola = room / "hola.wav"
    length = len(np.fromfile(hola, "<i2")) - 22
    gap = (RATE + length, RATE + length + RATE * 7 // 10)
    timeline = sounding(150, (hola, RATE), (hola, gap[1]), music=room / "treble.wav")

    heard = mixed(room, timeline).at(0, timeline.samples)[:, 0]

    between = treble_db(heard[gap[0] + RATE // 10 : gap[1] - RATE // 10])
    assert between == pytest.approx(treble_db(heard[RATE + length // 4 : gap[0]]), abs=1)


def test_music_fades_in_and_out(room):
    heard = mixed(room, sounding(150, music=room / "treble.wav")).at(0, 5 * RATE)[:, 0]

    levels = [treble_db(heard[at : at + 480]) for at in (0, RATE, 5 * RATE - 480)]
    assert levels[0] < levels[1] - 30
    assert levels[2] < levels[1] - 30


@pytest.mark.parametrize("seconds", [0.0001, 0.01, 0.2, 1.0])
def test_short_music_is_looped_without_a_gap_or_a_click(seconds):
    rng = np.random.default_rng(5)
    steps = np.cumsum(rng.normal(0, 1, (max(1, round(seconds * RATE)), 2)), axis=0)
    source = (8_000 * np.sin(steps / 20)).astype(np.int16)
    with_silence = np.pad(source, ((4_800, 9_600), (0, 0)))

    heard = Music(with_silence, lasts=5 * RATE).at(0, 5 * RATE)

    whole = heard[: len(heard) // 480 * 480].reshape(-1, 480, 2)
    assert len(heard) == 5 * RATE
    assert np.abs(whole).max(axis=(1, 2)).min() > 0
    if seconds >= 0.2:
        inside = np.abs(np.diff(source, axis=0)).max() / 32_768
        assert np.abs(np.diff(heard, axis=0)).max() < 2 * inside


def test_long_music_is_cut_and_otherwise_untouched():
    tune = (a_tune(2) * 10_000).astype(np.int16)

    heard = Music(tune, lasts=RATE).at(0, RATE)

    assert np.array_equal(heard, tune[:RATE] / np.float32(32_768))


def test_any_stretch_of_the_mix_is_the_same_as_in_the_whole(room):
    mix = mixed(room, sounding(150, (room / "voice.wav", 777), music=room / "tune.wav"))

    whole = mix.at(0, mix.samples)

    for first, count in [(0, 1), (123_456, 4_321), (mix.samples - 5, 5)]:
        assert np.abs(mix.at(first, count) - whole[first : first + count]).max() < 1e-6
    assert not mix.at(-100, 100).any()
    assert not mix.at(mix.samples, 100).any()


@pytest.mark.parametrize("frames", [1, 45])
def test_a_film_without_sound_has_a_silent_track_of_its_length(room, frames):
    made = mastered(room, sounding(frames))

    assert (made.loudness_lufs, made.true_peak_dbtp) == (None, None)
    assert not decoded(made.track).any()
    assert len(decoded(made.track)) == frames * 1_600


@pytest.mark.parametrize("music", [None, "tune.wav"])
def test_a_voice_that_says_nothing_spoils_nothing(room, music):
    timeline = sounding(60, (room / "nothing.wav", 0), music=room / music if music else None)

    made = mastered(room, timeline)

    if music is None:
        assert made.loudness_lufs is None
    else:
        assert made.loudness_lufs == pytest.approx(-14, abs=0.25)


def test_a_single_click_stays_quieter_rather_than_too_high(room):
    made = mastered(room, sounding(60, (room / "click.wav", 0)))

    assert made.loudness_lufs < -15
    assert made.true_peak_dbtp <= sound.HIGHEST_PEAK_DBTP


def test_speech_that_outlasts_the_film_ends_with_it(room):
    made = mastered(room, sounding(20, (room / "voice.wav", 0)))

    assert len(decoded(made.track)) == 20 * 1_600


def test_the_same_film_sounds_the_same_every_time(room):
    timeline = sounding(60, (room / "voice.wav", 0), music=room / "tune.wav")

    assert mastered(room, timeline).track.data == mastered(room, timeline).track.data


def test_speech_that_is_not_what_was_placed_is_refused(room):
    timeline = sounding(60, (room / "voice.wav", 0))
    other = timeline.narration[0].model_copy(update={"samples": 5})

    with pytest.raises(MediaError, match="not the one"):
        mastered(room, timeline.model_copy(update={"narration": (other,)}))


def test_music_that_is_no_music_is_refused_by_its_own_name(room, tmp_path):
    text = tmp_path / "song"
    text.write_bytes(b"la la la " * 100)
    timeline = sounding(60, music=text)

    with pytest.raises(MediaError, match="my song.wav"):
        sound.master(timeline, files={"song": text})
