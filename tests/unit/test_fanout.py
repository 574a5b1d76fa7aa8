"""How a film is dealt out to tasks: few, large, complete, and foreseen to the megabyte."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from reelsmith.domain.jobs import Codec, Preset
from reelsmith.domain.layers import Card, Move, Picture
from reelsmith.domain.shares import Lane
from reelsmith.domain.timelines import CaptionWord, Cue, Scene, Timeline
from reelsmith.media import cuts, encode
from reelsmith.media.estimates import Estimates
from reelsmith.settings import Settings
from reelsmith.usecases import fanout
from reelsmith.usecases.papers import Part, ShootingScript

DRIFT = Move(zoom_to=1.2)
SETTINGS = Settings(stage="test", table="table", bucket="bucket")
PHOTO = Picture(key="media/t/a", sha256="a" * 64)


def a_script(*lengths, move=DRIFT, reused=(), source=None, sizes=None, **film):
    scenes, at = [], 0
    for index, frames in enumerate(lengths):
        shown = source or Card(text=f"{index}")
        scenes.append(Scene(index=index, first_frame=at, frames=frames, source=shown, move=move))
        at += frames
    timeline = Timeline(**{"width": 1080, "height": 1920, "scenes": tuple(scenes)} | film)
    parts = tuple(
        Part(scene=scene.index, first=frames.start, end=frames.stop, key=f"{scene.index}-{n}")
        for scene in scenes
        for n, frames in enumerate(cuts.spans(scene.frames))
    )
    return ShootingScript(timeline=timeline, parts=parts, reused=reused, sizes=sizes or {})


def deal(script):
    return fanout.deal(script, SETTINGS)


def cpu_seconds(script, share):
    return fanout.promise(script, share).cpu_seconds


def frames(script, share):
    return script.frames_missing(share.first, share.end)


def test_a_short_ad_is_one_task_without_a_map():
    dealt = deal(a_script(90, 90, 90))
    assert (dealt.lane, len(dealt.shares), dealt.large) == (Lane.ALONE, 1, False)


def test_a_long_film_of_slides_that_stand_still_is_one_task():
    dealt = deal(a_script(*[240] * 30, move=Move()))
    assert dealt.lane is Lane.ALONE


def test_a_film_whose_scenes_are_all_there_has_no_task():
    assert deal(a_script(90, 90, reused=(0, 1))).lane is Lane.NONE


@hypothesis_settings(deadline=None, max_examples=60)
@given(
    lengths=st.lists(st.integers(1, 900), min_size=1, max_size=60),
    move=st.sampled_from([DRIFT, Move()]),
    data=st.data(),
)
def test_every_missing_part_is_in_exactly_one_task_that_is_worth_it(lengths, move, data):
    count = sum(len(cuts.spans(length)) for length in lengths)
    reused = data.draw(st.sets(st.integers(0, count - 1)))
    script = a_script(*lengths, move=move, reused=tuple(sorted(reused)))

    dealt = deal(script)

    rendered = [n for share in dealt.shares for n in script.missing_of(share.first, share.end)]
    assert rendered == [n for n in range(count) if n not in reused]
    assert [share.index for share in dealt.shares] == list(range(len(dealt.shares)))
    assert all(one.end <= later.first for one, later in pairwise(dealt.shares))
    if len(dealt.shares) > 1:
        assert all(frames(script, share) >= fanout.TASK_FRAMES for share in dealt.shares)
        for share in dealt.shares[:-1]:
            assert cpu_seconds(script, share) >= fanout.TASK_CPU_S / 2


def test_scenes_of_three_seconds_share_tasks_of_five_to_twelve_seconds_of_work():
    script = a_script(*[90] * 40)
    dealt = deal(script)
    assert dealt.lane is Lane.INLINE
    for share in dealt.shares[:-1]:
        assert 5 <= cpu_seconds(script, share) <= 12


@pytest.mark.parametrize(("scenes", "lane"), [(1, Lane.ALONE), (30, Lane.INLINE)])
def test_a_film_of_few_scenes_runs_within_its_execution(scenes, lane):
    assert deal(a_script(*[150] * scenes)).lane is lane


@pytest.mark.parametrize("seconds", [3, 10, 60])
def test_a_film_of_a_thousand_scenes_is_dealt_within_the_limits(seconds):
    script = a_script(*[seconds * 30] * 1_000)
    dealt = deal(script)
    assert dealt.lane is Lane.SPREAD
    assert fanout.MOST_INLINE < len(dealt.shares) <= fanout.MOST_TASKS


def test_the_same_scene_twice_is_rendered_once():
    script = a_script(90, 90, 90)
    twin = script.parts[2].model_copy(update={"key": script.parts[0].key})
    script = script.model_copy(update={"parts": (*script.parts[:2], twin)})
    assert script.missing == (0, 1)


@given(st.integers(1, 20_000))
def test_a_long_scene_is_cut_where_the_encoder_starts_anew_anyway(length):
    spans = cuts.spans(length)
    assert [frame for span in spans for frame in span] == list(range(length))
    assert all(len(span) == encode.KEY_INTERVAL for span in spans[:-1])
    assert len(spans[-1]) < 1.5 * encode.KEY_INTERVAL
    assert len(spans) == 1 or len(spans[-1]) >= encode.KEY_INTERVAL / 2


def test_4k_goes_to_the_large_renderer_where_its_codec_needs_it():
    small = {"width": 1080, "height": 1920}
    huge = {"width": 3840, "height": 3840, "preset": Preset.HIGH}
    assert not deal(a_script(90, **small, codec=Codec.AV1, preset=Preset.HIGH)).large
    assert deal(a_script(90, **huge)).large
    assert deal(a_script(90, **huge, codec=Codec.AV1)).large


def test_files_that_do_not_fit_beside_each_other_go_to_the_large_renderer():
    room = SETTINGS.render_temp_mb << 20
    assert not deal(a_script(90, source=PHOTO, sizes={PHOTO.sha256: room // 2})).large
    assert deal(a_script(90, source=PHOTO, sizes={PHOTO.sha256: room})).large


def test_a_file_that_many_scenes_show_is_counted_once_in_a_task():
    script = a_script(90, 90, 90, source=PHOTO, sizes={PHOTO.sha256: 100 << 20})
    (share,) = deal(script).shares
    assert 100 < fanout.promise(script, share).temp_mb < 200


def seconds_of(**film):
    script = a_script(300, **film)
    return Estimates(script.timeline, sizes={}).of(0, range(300)).cpu_seconds


def test_more_work_is_foreseen_to_take_longer():
    words = tuple(
        CaptionWord(text="a", first_frame=n, end_frame=n + 10) for n in range(0, 300, 10)
    )
    said = (Cue(words=words, first_frame=0, end_frame=300),)
    still, worded, moving = (
        seconds_of(move=Move()),
        seconds_of(move=Move(), cues=said),
        seconds_of(),
    )
    assert still < worded < moving
    assert seconds_of(preset=Preset.DRAFT) < moving < seconds_of(preset=Preset.HIGH)
    assert moving < seconds_of(codec=Codec.HEVC)
    assert moving < seconds_of(width=2160, height=3840)
