from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelsmith.domain.assets import AssetStatus, FileType
from reelsmith.domain.jobs import CaptionStyle, Transition
from reelsmith.domain.layers import Card, Clip, Fit, Move, Picture
from reelsmith.domain.timelines import FPS, SAMPLE_RATE
from reelsmith.recipes import pacing, ugc
from reelsmith.recipes.plans import Said
from tests.builders import a_spec, an_asset

counts = st.integers(1, 12)


def pictures(count):
    made = [an_asset(status=AssetStatus.READY) for _ in range(count)]
    return {asset.id: asset for asset in made}


def prompt(sentences):
    return " ".join(f"Sentence number {n} says something." for n in range(sentences))


def plan_of(*, images=0, sentences=3, title="Summer sale", **changes):
    assets = pictures(images)
    spec = a_spec(text_prompt=prompt(sentences), images=tuple(assets), **changes)
    return ugc.plan(spec, title=title, assets=assets)


def said(plan, seconds=2.0):
    return [
        Said(
            samples=round(seconds * SAMPLE_RATE),
            words=pacing.spread(line, seconds),
            key=f"cache/t/{n}.wav",
            sha256="a" * 64,
        )
        for n, line in enumerate(plan.lines)
    ]


@given(counts, counts)
def test_every_picture_is_shown_and_every_sentence_said_in_order(images, sentences):
    plan = plan_of(images=images, sentences=sentences)
    stills = [still for block in plan.blocks for still in block.sources]
    assert len(stills) == images
    assert " ".join(plan.lines) == prompt(sentences)
    assert all(block.lines for block in plan.blocks)


def test_a_prompt_alone_makes_a_film_of_cards_that_begins_with_the_title():
    plan = plan_of(sentences=3, title="Summer sale")
    cards = [still for block in plan.blocks for still in block.sources]
    assert len(cards) == 3
    assert all(isinstance(card, Card) for card in cards)
    assert cards[0].text == "Summer sale"


@given(counts, counts, st.floats(0.2, 9), st.sampled_from([0.5, 3.0, 4.7]))
def test_a_picture_stays_as_long_as_promised_and_until_its_words_are_said(
    images, sentences, seconds, per_image
):
    plan = plan_of(images=images, sentences=sentences, duration_per_image=per_image)
    timeline = pacing.timeline(plan, said(plan, seconds), voice_engine="espeak")
    promised = round(per_image * FPS)
    assert all(scene.frames >= promised - 1 for scene in timeline.scenes)
    last = timeline.narration[-1]
    assert last.first_sample + last.samples <= timeline.samples


@given(counts, counts, st.floats(0.2, 9))
def test_no_sentence_is_spoken_over_the_one_before(images, sentences, seconds):
    plan = plan_of(images=images, sentences=sentences)
    timeline = pacing.timeline(plan, said(plan, seconds), voice_engine="espeak")
    spoken = timeline.narration
    for one, other in zip(spoken, spoken[1:], strict=False):
        assert one.first_sample + one.samples < other.first_sample


def test_a_sentence_begins_after_its_picture_appeared():
    plan = plan_of(images=2, sentences=2)
    timeline = pacing.timeline(plan, said(plan), voice_engine="espeak")
    starts = [Fraction(v.first_sample, SAMPLE_RATE) for v in timeline.narration]
    shown = [Fraction(scene.first_frame, FPS) for scene in timeline.scenes]
    assert [start - show for start, show in zip(starts, shown, strict=True)] == [
        Fraction(3, 10),
        Fraction(3, 10),
    ]


def test_each_word_is_captioned_when_it_is_said():
    plan = plan_of(images=1, sentences=1)
    spoken = said(plan)
    timeline = pacing.timeline(plan, spoken, voice_engine="espeak")
    lit = [word for cue in timeline.cues for word in cue.words]
    heard = [round((word.start + 0.3) * FPS) for word in spoken[0].words]
    assert [word.text for word in lit] == plan.lines[0].split()
    assert [word.first_frame for word in lit] == heard


def test_a_film_without_a_voice_can_be_read():
    plan = plan_of(images=1, sentences=2)
    silent = [pacing.read_silently(line) for line in plan.lines]
    timeline = pacing.timeline(plan, silent, voice_engine="espeak")
    assert timeline.narration == ()
    assert timeline.voice_engine is None
    assert timeline.duration_seconds > len(prompt(2)) / 20
    assert timeline.cues


def test_words_that_no_picture_shows_are_kept_for_subtitle_files_and_change_no_picture():
    plan = plan_of(images=1, captions=CaptionStyle.NONE)
    timeline = pacing.timeline(plan, said(plan), voice_engine="espeak")
    assert " ".join(w.text for cue in timeline.cues for w in cue.words) == " ".join(plan.lines)
    without = timeline.model_copy(update={"cues": ()})
    assert timeline.picture_form(0) == without.picture_form(0)


def test_pictures_cut_or_fade_as_asked():
    cut = plan_of(images=3, transition=Transition.CUT)
    fade = plan_of(images=3, transition=Transition.CROSSFADE)
    frames = [
        [s.transition_frames for s in pacing.timeline(p, said(p), voice_engine="e").scenes]
        for p in (cut, fade)
    ]
    assert frames == [[0, 0, 0], [0, 15, 15]]


def test_a_ready_voice_over_is_one_take_over_all_pictures():
    assets = pictures(3)
    voice = an_asset(file_type=FileType.AUDIO, status=AssetStatus.READY)
    spec = a_spec(text_prompt=prompt(4), images=tuple(assets), voice_over=voice.id)
    plan = ugc.plan(spec, title="t", assets=assets | {voice.id: voice})
    assert len(plan.lines) == 1
    assert [isinstance(still, Picture) for still in plan.blocks[0].sources] == [True] * 3


def test_music_and_size_reach_the_timeline():
    music = an_asset(file_type=FileType.AUDIO, status=AssetStatus.READY)
    spec = a_spec(music=music.id, resolution={"width": 1920, "height": 1080})
    plan = ugc.plan(spec, title="t", assets={music.id: music})
    timeline = pacing.timeline(plan, said(plan), voice_engine="espeak")
    assert timeline.music is not None
    assert timeline.music.sha256 == music.sha256
    assert (timeline.width, timeline.height) == (1920, 1080)


@pytest.mark.parametrize(
    ("size", "fit"),
    [
        ((1920, 1080), Fit.CONTAIN),
        ((1080, 1080), Fit.CONTAIN),
        ((1080, 1440), Fit.COVER),
        ((720, 1280), Fit.COVER),
        ((400, 1600), Fit.CONTAIN),
    ],
)
def test_a_clip_is_cut_when_little_is_lost_and_else_shown_whole(size, fit):
    asset = an_asset(file_type=FileType.VIDEO, original_filename="wave.mov")
    spec = a_spec(images=(asset.id,))

    plan = ugc.plan(spec, title="Sea", assets={asset.id: asset}, sizes={asset.id: size})

    [clip] = plan.blocks[0].sources
    assert isinstance(clip, Clip)
    assert (clip.key, clip.name, clip.fit) == (asset.key, "wave.mov", fit)


def test_a_clip_moves_by_itself_and_is_not_moved():
    asset = an_asset(file_type=FileType.VIDEO)
    plan = ugc.plan(a_spec(images=(asset.id,)), title="Sea", assets={asset.id: asset})

    film = pacing.timeline(plan, said(plan), voice_engine="espeak")

    assert {scene.move for scene in film.scenes} == {Move()}
