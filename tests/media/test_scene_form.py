"""A scene's form changes exactly when one of its pixels could."""

from hypothesis import given, settings
from hypothesis import strategies as st

from reelsmith.domain.layers import Card, Move, TextBox
from reelsmith.domain.timelines import CaptionWord, Cue, Voiced
from tests.media.reels import a_film

OTHER_MOVE = Move(zoom_from=1.2, zoom_to=1.0)


def with_scene(timeline, index, **changes):
    scenes = list(timeline.scenes)
    scenes[index] = scenes[index].model_copy(update=changes)
    return timeline.model_copy(update={"scenes": tuple(scenes)})


def with_word(timeline, first, end):
    word = CaptionWord(text="now", first_frame=first, end_frame=end)
    cue = Cue(words=(word,), first_frame=first, end_frame=end)
    return timeline.model_copy(update={"cues": (*timeline.cues, cue)})


def forms(timeline):
    return [timeline.picture_form(n) for n in range(len(timeline.scenes))]


def changed(before, after):
    pairs = zip(forms(before), forms(after), strict=True)
    return {n for n, (one, other) in enumerate(pairs) if one != other}


@settings(derandomize=True, deadline=None, max_examples=40)
@given(
    lengths=st.lists(st.integers(20, 90), min_size=2, max_size=5),
    transition=st.sampled_from([0, 10]),
    data=st.data(),
)
def test_another_picture_or_move_changes_its_scene_and_the_one_it_fades_into(
    lengths, transition, data
):
    timeline = a_film(*lengths, transition=transition)
    index = data.draw(st.integers(0, len(lengths) - 1))
    change = data.draw(st.sampled_from([{"source": Card(text="other")}, {"move": OTHER_MOVE}]))

    touched = changed(timeline, with_scene(timeline, index, **change))

    fades_into = {index + 1} if transition and index + 1 < len(lengths) else set()
    assert touched == {index} | fades_into


@settings(derandomize=True, deadline=None, max_examples=40)
@given(first=st.integers(0, 88), length=st.integers(1, 40))
def test_words_change_the_scenes_they_stand_on_and_no_other(first, length):
    timeline = a_film(30, 30, 30, transition=10)

    touched = changed(timeline, with_word(timeline, first, first + length))

    assert touched == {n for n in range(3) if first < 30 * n + 30 and first + length > 30 * n}


def test_sound_changes_no_scene():
    timeline = a_film(30, 30)
    voice = Voiced(key="k", sha256="a" * 64, first_sample=0, samples=48_000)

    louder = timeline.model_copy(update={"narration": (voice,), "loudness_lufs": -16.0})

    assert changed(timeline, louder) == set()


def test_a_scene_that_only_moves_in_time_keeps_its_form():
    short, long = a_film(30, 40, 50), a_film(75, 40, 50)

    assert forms(short)[1:] == forms(long)[1:]


def test_size_and_rate_change_every_scene():
    timeline = a_film(30, 30)

    assert changed(timeline, a_film(30, 30, width=320)) == {0, 1}
    assert changed(timeline, a_film(30, 30, fps=25)) == {0, 1}


def test_a_language_changes_scenes_with_words_over_them_and_no_others():
    box = TextBox(text="直", first_frame=0, end_frame=10)
    timeline = a_film(30, 30, overlays=(box,), language="zh")

    assert changed(timeline, timeline.model_copy(update={"language": "ja"})) == {0}
