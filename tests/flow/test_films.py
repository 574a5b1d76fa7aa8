"""Whole jobs, from request to a film that is decoded again: small pictures, real everything."""

import errno
import hashlib
import io
import json

import av
import numpy as np
import pytest

from reelsmith.domain.assets import AssetStatus
from reelsmith.domain.jobs import JobStatus, Priority, Transition
from reelsmith.engines.espeak import EspeakSpeaker
from reelsmith.errors import Invalid, Stale, Unavailable
from reelsmith.media import wav
from reelsmith.storage import keys
from reelsmith.text import subtitles
from reelsmith.usecases import dispatching, jobs, places, running, sweeping, uploads
from reelsmith.usecases.jobs import Wanted
from reelsmith.workflow import arrivals, steps
from reelsmith.workflow.definition import STEPS
from reelsmith.workflow.payloads import RunOf
from tests.builders import TENANT, a_caller, a_spec, an_entry
from tests.pictures import a_picture, a_tone
from tests.world import a_world

SMALL = {"resolution": {"width": 270, "height": 480}, "duration_per_image": 1.0}
WORK = [step for step in STEPS if step != "finalize"]


@pytest.fixture
def world():
    with a_world() as made:
        yield made


def send(world, body, *, name="a.png", content_type="image/png"):
    """Upload a file as a caller does; gives the asset's id."""
    file = uploads.described(
        filename=name,
        content_type=content_type,
        size_bytes=len(body),
        sha256=hashlib.sha256(body).hexdigest(),
    )
    asset = places.ask(world.deps, caller=a_caller(), file=file).thing.asset
    world.deps.store.write(body, asset.key, content_type=content_type)
    return uploads.read(world.deps, caller=a_caller(), asset_id=asset.id).id


def queue(world, **spec):
    wanted = Wanted(title="Summer sale", spec=a_spec(**SMALL | spec))
    return jobs.submit(world.deps, caller=a_caller(), wanted=wanted).thing


def made(world, **spec):
    """Queue a job and let the machine run; gives the job as it ended."""
    job = queue(world, **spec)
    dispatching.start_due(world.deps)
    world.machine.drive()
    return world.deps.jobs.get(TENANT, job.id)


def film_of(world, job):
    video = world.deps.videos.get(TENANT, job.video_id)
    return world.deps.store.read(video.key)


def frames_of(film):
    """All pictures as arrays, (height, width, 3)."""
    with av.open(io.BytesIO(film)) as opened:
        return [frame.to_ndarray(format="rgb24") for frame in opened.decode(video=0)]


def stored(world, prefix):
    return {found.key for found in world.deps.store.list(prefix)}


def test_words_alone_make_a_film_with_voice_and_captions(world):
    job = made(world, text_prompt="Compra ya. Es verano.", language="es")
    assert job.status is JobStatus.COMPLETED
    film = film_of(world, job)
    with av.open(io.BytesIO(film)) as opened:
        video, audio = opened.streams.video[0], opened.streams.audio[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (video.width, video.height, video.average_rate) == (270, 480, 30)
        assert (audio.codec_context.name, audio.rate) == ("aac", 48_000)
    assert len(frames_of(film)) == job.result.frames
    assert job.result.sha256 == hashlib.sha256(film).hexdigest()
    assert abs(job.result.loudness_lufs + 14) <= 0.5
    assert abs(job.result.av_offset_ms) < 10
    assert job.result.voice_engine == "espeak"
    assert job.progress == 100


def test_pictures_follow_one_another_in_the_order_of_the_request(world):
    colours = [(200, 30, 30), (30, 160, 30), (30, 30, 200)]
    ids = tuple(send(world, a_picture(colour)) for colour in colours)
    music = send(world, a_tone(), name="bed.wav", content_type="audio/wav")
    job = made(world, images=ids, music=music, captions="none", transition=Transition.CUT)
    assert job.status is JobStatus.COMPLETED, job.error
    frames = frames_of(film_of(world, job))
    middles = [frames[(2 * n + 1) * len(frames) // 6][240, 135] for n in range(3)]
    for seen, colour in zip(middles, colours, strict=True):
        assert abs(seen.astype(int) - colour).max() <= 6
    assert all(world.deps.assets.get(TENANT, asset_id).is_processed for asset_id in ids)


def test_the_same_film_again_renders_nothing(world):
    first, again = made(world), made(world)
    assert (first.result.scenes_reused, again.result.scenes_reused) == (0, first.result.scenes)
    assert film_of(world, first) == film_of(world, again)


def test_a_changed_last_sentence_renders_only_what_shows_it(world):
    picture = (send(world, a_picture((90, 90, 90))), send(world, a_picture((20, 90, 90))))
    made(world, text_prompt="Buy one now. Get two.", images=picture, transition=Transition.CUT)
    other = made(
        world, text_prompt="Buy one now. Get six.", images=picture, transition=Transition.CUT
    )
    assert (other.result.scenes, other.result.scenes_reused) == (2, 1)


def test_a_damaged_picture_fails_the_job_and_is_named(world):
    whole = a_picture((9, 9, 9), format="JPEG", size=(900, 900))
    picture = send(world, whole[: len(whole) // 2], name="playa.jpg", content_type="image/jpeg")
    job = made(world, images=(picture,))
    assert (job.status, job.error.code) == (JobStatus.FAILED, "media_error")
    assert "playa.jpg" in job.error.detail
    assert stored(world, keys.VIDEOS) == set()


def test_a_language_that_nobody_speaks_fails_the_job_with_a_remedy(world):
    job = made(world, language="tlh")
    assert (job.status, job.error.code) == (JobStatus.FAILED, "invalid_request")
    assert "tlh" in job.error.detail


def test_a_film_may_be_silent(world):
    job = made(world, voice=None, text_prompt="Read me. Slowly.")
    assert job.status is JobStatus.COMPLETED, job.error
    assert (job.result.loudness_lufs, job.result.voice_engine) == (None, None)


def test_a_voice_over_is_used_as_it_is(world):
    voice = send(world, a_tone(seconds=3), name="take 2.wav", content_type="audio/wav")
    job = made(world, voice_over=voice)
    assert job.status is JobStatus.COMPLETED, job.error
    assert job.result.duration_seconds >= 3
    assert job.result.voice_engine == "voice-over"
    assert "estimated" in job.result.warnings[0]


def test_captions_follow_the_words_of_a_voice_over_that_has_no_subtitles(world, tmp_path):
    text = "Compra ya las mejores baterías. Mañana suben de precio."
    spoken = EspeakSpeaker().speak(text, language="es", voice="m3", out=tmp_path / "raw.wav")
    samples, rate = wav.read(tmp_path / "raw.wav")
    wav.write(tmp_path / "take.wav", np.pad(samples[:, 0], (2 * rate, rate)), rate=rate)
    voice = send(
        world, (tmp_path / "take.wav").read_bytes(), name="take.wav", content_type="audio/wav"
    )
    job = made(world, voice_over=voice, text_prompt=text)
    assert job.status is JobStatus.COMPLETED, job.error
    assert not any("estimated" in warning for warning in job.result.warnings)
    video = world.deps.videos.get(TENANT, job.video_id)
    written = world.deps.store.read(keys.beside(video.key, "captions.srt"))
    shown = subtitles.parse(written, name="captions.srt")
    second = next(word.start for word in spoken.words if word.text == "Mañana")
    lead = 0.3  # a picture is seen before its words are heard
    assert shown[0].start_ms / 1000 == pytest.approx(2 + lead, abs=0.1)
    starts = {one.text.split()[0]: one.start_ms / 1000 for one in shown}
    assert starts["Mañana"] == pytest.approx(2 + second + lead, abs=0.1)


def test_a_voice_over_in_a_language_that_we_do_not_read_is_still_used(world):
    voice = send(world, a_tone(seconds=3), name="take.wav", content_type="audio/wav")
    job = made(world, voice_over=voice, language="tlh")
    assert job.status is JobStatus.COMPLETED, job.error
    assert "not one that we read" in job.result.warnings[0]


def test_subtitles_beside_a_voice_over_say_when_its_words_are_shown(world):
    voice = send(world, a_tone(seconds=3), name="take 2.wav", content_type="audio/wav")
    times = (
        b"1\n00:00:00,500 --> 00:00:01,000\nHola.\n\n2\n00:00:02,000 --> 00:00:02,600\n{\\b1}Ya.\n"
    )
    timed = send(world, times, name="voz.srt", content_type="application/x-subrip")
    job = made(world, voice_over=voice, captions_file=timed, text_prompt="Hola. Ya.")
    assert job.status is JobStatus.COMPLETED, job.error
    assert not any("estimated" in warning for warning in job.result.warnings)
    video = world.deps.videos.get(TENANT, job.video_id)
    written = world.deps.store.read(keys.beside(video.key, "captions.srt"))
    shown = subtitles.parse(written, name="captions.srt")
    lead = 300  # a picture is seen before its words are heard
    assert [one.text for one in shown] == ["Hola.", "Ya."]
    assert [one.start_ms for one in shown] == [500 + lead, 2_000 + lead]


def test_subtitles_need_a_voice_over_that_they_belong_to(world):
    body = b"WEBVTT\n\n00:01.000 --> 00:02.000\nHola\n"
    timed = send(world, body, name="voz.vtt", content_type="text/vtt")
    with pytest.raises(Invalid) as refused:
        queue(world, captions_file=timed)
    assert refused.value.faults[0].pointer == "/captions_file"


def test_subtitles_without_times_fail_the_job_and_are_named(world):
    voice = send(world, a_tone(), name="take.wav", content_type="audio/wav")
    broken = b"WEBVTT\n\nNOTE nothing is said here\n"
    timed = send(world, broken, name="voz.vtt", content_type="text/vtt")
    job = made(world, voice_over=voice, captions_file=timed)
    assert (job.status, job.error.code) == (JobStatus.FAILED, "invalid_request")
    assert "voz.vtt" in job.error.detail


@pytest.mark.parametrize("step", WORK)
def test_a_task_that_is_done_twice_is_done_once(world, step, monkeypatch):
    once = getattr(steps, step)
    monkeypatch.setattr(steps, step, lambda *given: [once(*given), once(*given)][-1])
    if step == "publish":
        monkeypatch.setattr(steps, step, lambda *given: [once(*given), _late(once, given)][0])
    job = made(world)
    assert job.status is JobStatus.COMPLETED
    films = [key for key in stored(world, keys.VIDEOS) if key.endswith("film.mp4")]
    assert len(films) == 1
    rows = {task.task_type: task for task in world.deps.jobs.tasks(TENANT, job.id)}
    assert step == "publish" or rows[step].retries == 1


def _late(work, given):
    with pytest.raises(Stale):
        work(*given)


@pytest.mark.parametrize("step", WORK)
def test_a_run_that_dies_at_any_step_is_taken_up_and_finished(world, step):
    def die(now):
        if now == step:
            raise SystemExit

    world.machine.before = die
    job = queue(world)
    dispatching.start_due(world.deps)
    with pytest.raises(SystemExit):
        world.machine.drive()
    world.machine.before = lambda _: None
    world.machine.stop(job.id, cause="the machine went away")
    world.later(minutes=1)
    sweeping.sweep(world.deps)
    dispatching.start_due(world.deps)
    world.machine.drive()
    ended = world.deps.jobs.get(TENANT, job.id)
    assert (ended.status, ended.attempt) == (JobStatus.COMPLETED, 2)
    rendered = WORK.index(step) > WORK.index("render_scene")
    assert ended.result.scenes_reused == (ended.result.scenes if rendered else 0)


@pytest.mark.parametrize("step", WORK)
def test_a_job_called_off_before_any_step_publishes_nothing(world, step):
    def call_off(now):
        if now == step:
            (job,) = world.deps.jobs.running()
            jobs.cancel(world.deps, caller=a_caller(), job_id=job.id)

    world.machine.before = call_off
    job = made(world)
    assert job.status is JobStatus.CANCELLED
    assert stored(world, keys.VIDEOS) == set()
    assert job.result is None


def test_a_cancel_in_the_very_moment_of_completion_wins(world, monkeypatch):
    job = queue(world)
    dispatching.start_due(world.deps)
    copy = world.deps.store.__class__.copy

    def call_off_first(store, source, target, **given):
        copy(store, source, target, **given)
        if target.startswith(keys.VIDEOS):
            now = world.deps.jobs.get(TENANT, job.id)
            world.deps.jobs.ask_to_cancel(now, entry=an_entry(resource=job.id))

    monkeypatch.setattr(world.deps.store.__class__, "copy", call_off_first)
    world.machine.drive()
    assert world.deps.jobs.get(TENANT, job.id).status is JobStatus.CANCELLED
    assert stored(world, keys.VIDEOS) == set()


def test_a_worker_of_an_attempt_that_is_over_publishes_nothing(world):
    job = queue(world)
    dispatching.start_due(world.deps)
    cut = running.interrupted("gone")
    running.end(world.deps, tenant=TENANT, job_id=job.id, attempt=1, failure=cut)
    dispatching.start_due(world.deps)
    for step in ("plan", "assemble", "publish"):
        with pytest.raises(Stale):
            getattr(steps, step)(world.deps, RunOf(tenant=TENANT, job_id=job.id, attempt=1))


def test_the_tasks_of_a_job_wait_in_its_lane(world):
    job = queue(world)
    jobs_seen = {}
    urgent = jobs.submit(
        world.deps,
        caller=a_caller(),
        wanted=Wanted(title="Now", spec=a_spec(**SMALL), priority=Priority.URGENT),
    ).thing
    dispatching.start_due(world.deps)
    world.machine.drive()
    for one in (job, urgent):
        _, _, tasks = jobs.read(world.deps, caller=a_caller(), job_id=one.id)
        jobs_seen[one.id] = {task.priority for task in tasks}
    assert jobs_seen == {job.id: {Priority.NORMAL}, urgent.id: {Priority.URGENT}}


def test_a_busy_service_is_told_as_one_that_may_be_tried_again(world, monkeypatch):
    job = queue(world)
    dispatching.start_due(world.deps)

    def busy(*_, **__):
        raise Unavailable("the store is busy")

    monkeypatch.setattr(world.deps.store.__class__, "write", busy)
    with pytest.raises(Unavailable):
        steps.plan(world.deps, RunOf(tenant=TENANT, job_id=job.id, attempt=1))
    (row,) = world.deps.jobs.tasks(TENANT, job.id)
    assert (row.status, row.error.retryable) == ("failed", True)


def test_a_task_that_finds_no_temp_space_is_told_as_one_that_may_be_tried_again(
    world, monkeypatch
):
    job = queue(world)
    dispatching.start_due(world.deps)

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(world.deps.store.__class__, "write", full)
    with pytest.raises(Unavailable, match="temp space"):
        steps.plan(world.deps, RunOf(tenant=TENANT, job_id=job.id, attempt=1))
    (row,) = world.deps.jobs.tasks(TENANT, job.id)
    assert (row.status, row.error.retryable) == ("failed", True)


def test_a_dropped_set_comes_out_as_a_film(world):
    for file, body in (
        ("1 playa.png", a_picture((200, 30, 30))),
        ("música.wav", a_tone()),
        ("reel.yaml", json.dumps({"text_prompt": "Hola.", "title": "¡Sí!"} | SMALL).encode()),
    ):
        key = keys.drop(TENANT, "in", "año & 1", file)
        version = world.deps.store.write(body, key, content_type="x/y").version
    detail = {"object": {"key": key, "version-id": version, "sequencer": "01"}}
    arrivals.handle(
        world.deps, {"Records": [{"messageId": "1", "body": json.dumps({"detail": detail})}]}
    )
    dispatching.start_due(world.deps)
    world.machine.drive()
    (job,) = world.deps.jobs.page(TENANT, after=None, limit=2).jobs
    assert job.status is JobStatus.COMPLETED, job.error
    below = f"drop/{TENANT}/"
    assert stored(world, below) == {
        f"{below}done/año & 1/1 playa.png",
        f"{below}done/año & 1/música.wav",
        f"{below}done/año & 1/reel.yaml",
        f"{below}out/año & 1/captions.srt",
        f"{below}out/año & 1/captions.vtt",
        f"{below}out/año & 1/film.mp4",
        f"{below}out/año & 1/job.json",
    }
    assert world.deps.store.read(f"{below}out/año & 1/film.mp4") == film_of(world, job)


def test_an_asset_whose_time_is_over_goes_and_so_do_its_bytes(world):
    picture = send(world, a_picture((1, 2, 3)))
    asset = world.deps.assets.get(TENANT, picture)
    assert asset.status is AssetStatus.READY
    world.later(days=31)
    assert uploads.expire(world.deps) == 1
    assert uploads.expire(world.deps) == 0
    assert stored(world, keys.MEDIA) == set()


def test_bytes_collected_as_unused_while_they_are_sent_again_are_not_lost(world, monkeypatch):
    body = a_picture((9, 8, 7))
    first = world.deps.assets.get(TENANT, send(world, body))
    world.later(days=31)
    assets = world.deps.assets.__class__
    ready = assets.ready

    def collect_first(table, was, now, **told):
        monkeypatch.setattr(assets, "ready", ready)
        uploads.expire(world.deps)
        return ready(table, was, now, **told)

    monkeypatch.setattr(assets, "ready", collect_first)
    again = world.deps.assets.get(TENANT, send(world, body))
    assert (again.status, again.key) == (AssetStatus.READY, first.key)
    assert world.deps.store.read(again.key) == body
