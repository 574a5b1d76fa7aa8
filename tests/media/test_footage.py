"""Scenes of clips: they go on below a transition, in any part, and are heard where it was said."""

from fractions import Fraction

import numpy as np
import pytest

from reelsmith.domain.layers import Clip, Fit, Move, Picture
from reelsmith.domain.timelines import Heard, Timeline
from reelsmith.errors import MediaError
from reelsmith.media import clips, film, framing, pcm, scenes
from reelsmith.media.mix import DUCKING_DB, Mix
from tests.media.filmed import GREY, RED, SHA, SIZE, a_clip, alike, at, numbered, read, watched
from tests.media.reels import STANDING, a_film, a_patch, colours_of, flat, rendered
from tests.media.sounds import RATE, a_tone, sounding, speech

CLIP = Clip(key="k", sha256=SHA, name="c.mp4")
WIDTH, HEIGHT = SIZE


@pytest.fixture
def path(tmp_path):
    return a_clip(tmp_path / "c.mp4", [numbered(n) for n in range(100)], g="20")


def footage(path, frames):
    return clips.open(
        path, name="c.mp4", clip=CLIP, width=WIDTH, height=HEIGHT, fps=30, frames=frames
    )


def test_a_scenes_clip_goes_on_below_the_transition_that_follows(path):
    timeline = a_film(40, 30, transition=10, move=STANDING, width=WIDTH, height=HEIGHT)
    seen = scenes.seen(timeline, 1)
    assert seen == {1: range(30), 0: range(40, 50)}

    with footage(path, seen[0]) as clip:
        sources = {0: clip, 1: a_patch(GREY, width=WIDTH, height=HEIGHT)}
        shot = scenes.Shot(timeline, 1, sources=sources, captions=None)
        canvas = scenes.Planes.black(WIDTH, HEIGHT)
        shot.draw(42, canvas)

    fading = flat(canvas)[: HEIGHT // 2]
    [under] = watched(path, range(42, 43))
    over = watched(path, range(42, 43))[0].y * 0 + 110
    weight = (2 * 2 + 1) * 128 // 10
    expected = (under.y.astype(int) * (256 - weight) + over.astype(int) * weight) / 256
    assert np.abs(fading - expected[: HEIGHT // 2]).max() <= 12
    assert np.corrcoef(fading.ravel(), under.y[: HEIGHT // 2].ravel())[0, 1] > 0.99


def test_parts_of_a_clips_scene_make_the_film_that_the_whole_makes(path, tmp_path):
    timeline = a_film(90, width=WIDTH, height=HEIGHT)
    parts = []
    for part in (range(40), range(40, 90)):
        with footage(path, scenes.seen(timeline, 0, part)[0]) as clip:
            parts.append(rendered(timeline, 0, tmp_path, sources={0: clip}, part=part).path)
        parts[-1] = parts[-1].rename(tmp_path / f"part-{part.start}")

    film.assemble(parts, None, tmp_path / "f.mp4", width=WIDTH, height=HEIGHT, fps=30)

    shown = [int(read_rgb(picture)) for picture in colours_of(tmp_path / "f.mp4")]
    assert shown == list(range(90))


def read_rgb(picture):
    middle = picture[picture.shape[0] // 2, :, 1]
    step = picture.shape[1] / 8
    return sum(int(middle[int((bit + 0.5) * step)] > 128) << bit for bit in range(8))


def test_a_part_without_the_transition_needs_nothing_of_the_scene_before():
    timeline = a_film(40, 60, transition=12)

    assert scenes.seen(timeline, 1, range(20, 60)) == {1: range(20, 60)}
    assert scenes.seen(timeline, 1, range(5, 60)) == {1: range(5, 60), 0: range(45, 52)}
    assert scenes.seen(timeline, 1, range(8)) == {1: range(8), 0: range(40, 48)}


@pytest.mark.parametrize("move", [Move(), Move(zoom_from=1, zoom_to=1.14, x_to=0.6)])
def test_a_still_shown_whole_is_never_cut_while_it_moves(move):
    picture = np.full((90, 320, 3), 128, np.uint8)
    picture[:4], picture[-4:], picture[:, :4], picture[:, -4:] = RED, RED, RED, RED
    timeline = a_film(20, move=move)
    whole = Picture(key="p", sha256=SHA, fit=Fit.CONTAIN)
    timeline = timeline.model_copy(
        update={"scenes": (timeline.scenes[0].model_copy(update={"source": whole}),)}
    )
    shot = scenes.Shot(timeline, 0, sources={0: picture}, captions=None)

    for frame in (0, 10, 19):
        canvas = scenes.Planes.black(timeline.width, timeline.height)
        shot.draw(frame, canvas)
        red = canvas.v.astype(int) > 160
        rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
        wide, high = columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1
        assert wide / high == pytest.approx(320 / 90, rel=0.06)
        assert red[rows[0] : rows[-1] + 1, columns[0]].mean() > 0.9
        assert red[rows[0] : rows[-1] + 1, columns[-1]].mean() > 0.9


def test_the_backdrop_of_a_still_is_a_dim_copy_of_it():
    picture = np.zeros((90, 320, 3), np.uint8)
    picture[...] = RED

    made = framing.contained(picture, Move(), width=180, height=320, shape=(180, 320))

    assert made.shape == (320, 180, 3)
    assert alike(at(made, 0.5, 0.5), RED)
    above = at(made, 0.5, 0.1)
    assert above[0] == max(above)
    assert 0.3 * sum(RED) < sum(above) < 0.7 * sum(RED)


def test_a_still_of_the_frames_shape_is_left_alone():
    picture = a_patch(RED, width=181, height=320)

    same = framing.contained(picture, Move(), width=190, height=340, shape=(180, 320))

    assert same is picture


def beeps(seconds, *, every=1.0):
    """A beep at the start of each second; mono, full scale 1."""
    sound = np.zeros(round(seconds * RATE), np.float32)
    beep = a_tone(1000, 0.1)
    for begin in np.arange(0, seconds - 0.1, every):
        place = round(begin * RATE)
        sound[place : place + len(beep)] = beep
    return sound


def onsets(samples):
    """Where beeps begin, in seconds."""
    loud = np.abs(samples[:, 0]) > 0.05
    starts = np.flatnonzero(loud & ~np.concatenate(([False], loud[:-1])))
    apart = np.concatenate(([True], np.diff(starts) > RATE // 4))
    return starts[apart] / RATE


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
@pytest.mark.parametrize("late", [0.0, 0.25])
def test_a_clip_is_heard_in_step_with_its_pictures(tmp_path, suffix, late):
    clip = a_clip(
        tmp_path / f"c.{suffix}", [numbered(n) for n in range(150)], sound=beeps(5), sound_at=late
    )
    files = {"clip": clip}

    def heard(begin, first):
        cue = Heard(
            key="clip", sha256=SHA, from_seconds=begin, first_sample=first, samples=2 * RATE
        )
        return Mix(silent_film(heard=(cue,)), files).at(0, 4 * RATE)

    for begin in (0.0, 1.6):
        expected = [t + late - begin + 1 for t in range(5) if 0 <= t + late - begin < 1.9]
        assert onsets(heard(begin, RATE)) == pytest.approx(expected, abs=0.03), begin


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_a_clip_whose_pictures_come_late_stays_in_step_with_its_sound(tmp_path, suffix):
    moments = [Fraction(n, 30) + Fraction(1, 2) for n in range(60)]
    path = a_clip(
        tmp_path / f"c.{suffix}",
        [numbered(n) for n in range(60)],
        moments=moments,
        sound=beeps(2.5),
    )

    shown = [read(picture) for picture in watched(path, 40)]

    assert shown == [0] * 15 + list(range(25))


def silent_film(**given) -> Timeline:
    return sounding(180).model_copy(update=given)


def test_a_clip_sounds_no_longer_and_no_louder_than_its_cue(tmp_path):
    clip = a_clip(tmp_path / "c.mp4", [numbered(0)] * 60, sound=a_tone(500, 2))
    cue = Heard(
        key="clip", sha256=SHA, first_sample=RATE, samples=RATE // 2, gain_db=-6, from_seconds=0.5
    )

    mixed = Mix(silent_film(heard=(cue,)), {"clip": clip}).at(0, 3 * RATE)

    assert not mixed[:RATE].any()
    assert not mixed[RATE * 3 // 2 :].any()
    middle = mixed[round(1.2 * RATE) : round(1.3 * RATE), 0]
    assert 20 * np.log10(np.abs(middle).max()) == pytest.approx(-12 - 3 - 6, abs=0.7)


def test_a_clip_bows_to_the_narration(tmp_path):
    voice = speech(tmp_path / "voice.wav")
    clip = a_clip(tmp_path / "c.mp4", [numbered(0)] * 150, sound=a_tone(3000, 8))
    cue = Heard(key="clip", sha256=SHA, first_sample=0, samples=8 * RATE)
    timeline = sounding(240, (voice, 4 * RATE)).model_copy(update={"heard": (cue,)})

    mixed = Mix(timeline, {"clip": clip, voice.name: voice})

    def level(seconds):
        part = mixed.at(round(seconds * RATE), RATE // 4)[:, 0]
        tone = np.exp(-2j * np.pi * 3000 * np.arange(len(part)) / RATE)
        return 20 * np.log10(2 * abs(np.mean(part * tone)))

    assert level(1.0) - level(5.0) == pytest.approx(DUCKING_DB, abs=1.0)


def test_a_clip_without_sound_that_shall_be_heard_is_refused_by_name(tmp_path):
    clip = a_clip(tmp_path / "c.mp4", [numbered(0)] * 5)
    cue = Heard(key="clip", sha256=SHA, name="mute.mp4", first_sample=0, samples=RATE)

    with pytest.raises(MediaError, match=r'^"mute\.mp4" has no sound track'):
        Mix(silent_film(heard=(cue,)), {"clip": clip})


def test_sound_is_read_from_where_it_is_asked_for(tmp_path):
    clip = a_clip(tmp_path / "c.mp4", [numbered(0)] * 90, sound=beeps(3))

    whole = pcm.load(clip, name="c", max_seconds=3, from_seconds=0, wanted=pcm.FileType.VIDEO)
    part = pcm.load(clip, name="c", max_seconds=1, from_seconds=1.5, wanted=pcm.FileType.VIDEO)

    assert len(part) == RATE
    there = whole[round(1.5 * RATE) : round(2.5 * RATE)]
    assert np.abs(part.astype(int) - there).max() < 700
    assert read(watched(clip, 1)[0]) == 0
