"""Beside each film stands what a person or a program wants to know of it."""

import json

import pytest

from reelsmith.domain.jobs import CaptionStyle, JobStatus
from reelsmith.domain.manifests import Manifest
from reelsmith.domain.quality import Report
from reelsmith.storage import keys
from reelsmith.text import subtitles
from reelsmith.usecases import dispatching, videos
from reelsmith.usecases.papers import FILM, REPORT, Desk
from tests.builders import TENANT, a_caller
from tests.flow.test_films import made, queue, stored
from tests.flow.test_streams import asked
from tests.world import a_world

TEXT = "Compra ya. Es verano."


@pytest.fixture(scope="module")
def finished():
    """A world with one finished film, and its job."""
    with a_world() as world:
        yield world, made(world, text_prompt=TEXT, language="es")


def beside(world, job, name):
    video = world.deps.videos.get(TENANT, job.video_id)
    return world.deps.store.read(keys.beside(video.key, name))


def test_the_report_says_that_every_promise_was_kept(finished):
    world, job = finished

    report = Report.model_validate_json(beside(world, job, "report.json"))

    assert job.status is JobStatus.COMPLETED, job.error
    assert all(promise.kept for promise in report.promises)
    assert report.measured.sha256 == job.result.sha256
    assert report.wording.coverage > 0.9
    assert job.result.warnings == report.warnings == ()


def test_the_job_says_the_report_in_short(finished):
    _, job = finished
    quality = job.result.quality

    assert quality.promises_kept > 10
    assert abs(quality.av_offset_ms) < 1
    assert quality.caption_coverage > 0.9
    assert (quality.black_seconds, quality.frozen_seconds) == (0, 0)
    assert quality.missing_glyphs == ()


def test_the_words_of_the_film_are_there_as_subtitle_files(finished):
    world, job = finished

    for name in ("captions.srt", "captions.vtt"):
        found = subtitles.parse(beside(world, job, name), name=name)
        assert " ".join(one.text for one in found) == TEXT
        assert found[-1].end_ms <= 1_000 * job.result.duration_seconds + 1


def test_whoever_fetches_the_film_can_fetch_what_is_beside_it(finished):
    world, job = finished

    fetched = videos.read(world.deps, caller=a_caller(), video_id=job.video_id)

    assert set(fetched.beside) == {
        "report.json",
        "manifest.json",
        "captions.srt",
        "captions.vtt",
    }
    status, _, body = asked(world, f"/v1/videos/{job.video_id}")
    seen = json.loads(body)
    assert status == 200
    assert "captions.srt" in seen["captions"]["srt"]
    assert "captions.vtt" in seen["captions"]["vtt"]
    assert "report.json" in seen["report_url"]
    assert "manifest.json" in seen["manifest_url"]


def test_a_second_cold_render_has_the_same_manifest(finished):
    world, job = finished

    again = made(world, text_prompt=TEXT, language="es", fresh=True)

    first, second = (beside(world, one, "manifest.json") for one in (job, again))
    assert again.result.scenes_reused == 0
    assert first == second
    assert Manifest.model_validate_json(first).voice.engine == "espeak"
    for name in (job.id, TENANT, job.video_id):
        assert name not in first.decode()


def test_a_film_without_captions_on_the_picture_still_has_subtitle_files(finished):
    world, _ = finished

    job = made(world, text_prompt=TEXT, language="es", captions=CaptionStyle.NONE)

    assert subtitles.parse(beside(world, job, "captions.srt"), name="a")
    assert job.result.quality.caption_coverage is None


def test_a_character_that_no_font_has_is_told_in_the_result(finished):
    world, _ = finished

    job = made(world, text_prompt="Hola ཀ.", voice=None)

    assert job.status is JobStatus.COMPLETED, job.error
    assert job.result.quality.missing_glyphs == ("U+0F40 ཀ",)
    assert any("U+0F40" in warning for warning in job.result.warnings)


def test_chinese_is_drawn_in_parts_and_whole(finished):
    world, _ = finished

    job = made(world, text_prompt="今天开始新的一天，马上购买！", language="zh", voice=None)

    found = subtitles.parse(beside(world, job, "captions.srt"), name="a")
    assert "".join(one.text for one in found) == "今天开始新的一天，马上购买！"
    assert job.result.quality.missing_glyphs == ()
    assert job.result.warnings == ()


def test_a_film_that_is_not_what_was_promised_fails_its_job_and_leaves_its_report(finished):
    world, other = finished
    film = world.deps.store.read(world.deps.videos.get(TENANT, other.video_id).key)
    before = stored(world, keys.VIDEOS)

    def swap(step):
        if step == "check":
            (job,) = world.deps.jobs.running()
            world.deps.store.write(film, Desk.of(job).key(FILM), content_type="video/mp4")

    job = queue(world, text_prompt="Otra cosa, y mucho más larga que la de antes.", language="es")
    world.machine.before = swap
    dispatching.start_due(world.deps)
    world.machine.drive()
    world.machine.before = lambda _: None

    ended = world.deps.jobs.get(TENANT, job.id)
    report = json.loads(world.deps.store.read(Desk.of(ended).key(REPORT)))
    assert (ended.status, ended.error.code) == (JobStatus.FAILED, "broken_promise")
    assert "frames: promised" in ended.error.detail
    assert [one["name"] for one in report["promises"] if not one["kept"]][0] == "frames"
    assert stored(world, keys.VIDEOS) == before
