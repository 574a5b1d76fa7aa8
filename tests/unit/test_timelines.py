import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelsmith.domain.jobs import Transition
from reelsmith.domain.layers import Card, Move
from reelsmith.domain.timelines import (
    SAMPLE_RATE,
    CaptionWord,
    Cue,
    Music,
    Scene,
    Timeline,
    Voiced,
    content_key,
)
from tests.builders import a_timeline

lengths = st.lists(st.integers(30, 200), min_size=1, max_size=8)


def of_lengths(frames, **changes):
    scenes, at = [], 0
    for index, length in enumerate(frames):
        fade = 15 if index else 0
        scenes.append(
            Scene(
                index=index,
                first_frame=at,
                frames=length,
                source=Card(text=f"{index}"),
                transition=Transition.CROSSFADE if fade else Transition.CUT,
                transition_frames=fade,
            )
        )
        at += length
    return Timeline(**{"width": 270, "height": 480, "scenes": tuple(scenes)} | changes)


@given(lengths)
def test_scenes_fill_the_film_and_sound_lasts_as_long_as_the_pictures(frames):
    timeline = of_lengths(frames)
    assert timeline.frames == sum(frames)
    assert abs(timeline.samples / SAMPLE_RATE - timeline.duration_seconds) < 1 / SAMPLE_RATE


@given(lengths)
def test_a_still_is_seen_until_the_transition_that_follows_it_is_over(frames):
    timeline = of_lengths(frames)
    for scene, later in zip(timeline.scenes, timeline.scenes[1:], strict=False):
        assert timeline.visible_until(scene.index) == later.first_frame + later.transition_frames
    assert timeline.visible_until(len(frames) - 1) == timeline.frames


def test_a_gap_between_scenes_is_refused():
    late = Scene(index=1, first_frame=91, frames=90, source=Card(text="b"))
    with pytest.raises(ValueError, match="scene 1 does not start where"):
        Timeline(width=270, height=480, scenes=(a_timeline().scenes[0], late))


def forms(timeline):
    return [timeline.picture_form(scene.index) for scene in timeline.scenes]


def changed(before, after):
    return [n for n, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]]


@given(st.integers(0, 4))
def test_a_changed_still_changes_its_scene_and_the_transition_that_follows(index):
    timeline = of_lengths([90] * 5)
    scenes = list(timeline.scenes)
    scenes[index] = scenes[index].model_copy(update={"source": Card(text="another")})
    other = timeline.model_copy(update={"scenes": tuple(scenes)})
    assert changed(forms(timeline), forms(other)) == [n for n in (index, index + 1) if n < 5]


def test_what_only_sounds_changes_no_picture():
    silent = of_lengths([90, 90])
    music = Music(key="media/t/m", sha256="b" * 64)
    voice = Voiced(key="cache/t/v.wav", sha256="c" * 64, first_sample=0, samples=48_000)
    loud = silent.model_copy(update={"music": music, "narration": (voice,)})
    assert forms(silent) == forms(loud)


def test_a_scene_that_only_stands_later_in_the_film_keeps_its_key():
    short, long = of_lengths([60, 90, 90]), of_lengths([120, 90, 90])
    assert changed(forms(short), forms(long)) == [0]


def test_a_scene_that_fades_out_of_a_longer_move_is_another():
    short, long = (opened_by_a_move(of_lengths([frames, 90, 90])) for frames in (60, 120))
    assert changed(forms(short), forms(long)) == [0, 1]


def opened_by_a_move(timeline):
    first, *rest = timeline.scenes
    moving = first.model_copy(update={"move": Move(zoom_to=1.1)})
    return timeline.model_copy(update={"scenes": (moving, *rest)})


def test_a_caption_changes_the_scenes_it_stands_over():
    word = CaptionWord(text="now", first_frame=80, end_frame=100)
    cue = Cue(words=(word,), first_frame=80, end_frame=100)
    plain = of_lengths([90, 90, 90])
    assert changed(forms(plain), forms(plain.model_copy(update={"cues": (cue,)}))) == [0, 1]


def test_another_move_or_size_is_another_picture():
    timeline = of_lengths([90])
    moved = timeline.scenes[0].model_copy(update={"move": Move(zoom_to=1.1)})
    assert forms(timeline) != forms(timeline.model_copy(update={"scenes": (moved,)}))
    assert forms(timeline) != forms(timeline.model_copy(update={"width": 272}))


def test_the_same_picture_by_another_build_has_another_key():
    assert content_key("form", "build 1") != content_key("form", "build 2")
    assert content_key("form", "build 1") == content_key("form", "build 1")
