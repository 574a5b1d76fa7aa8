"""Whole jobs on the stage: over HTTP, through the deployed machine, into a film on the disk."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from reelsmith.media.check import measure
from tests.pictures import a_picture

pytestmark = pytest.mark.stage

AD = {
    "title": "Oferta",
    "text_prompt": "Compra ya. Es verano.",
    "resolution": {"width": 270, "height": 480},
}
FINAL = {"completed", "failed", "cancelled"}


def ended(stage, job_id, within_s=120.0):
    """The job when it came to its end."""
    return stage.api.follow(job_id, within_s=within_s)


def rendering(stage, *job_ids):
    """Wait until one of these jobs is being rendered."""
    until = time.monotonic() + 60
    while not any(look(stage, job_id)["stage"] == "rendering" for job_id in job_ids):
        assert time.monotonic() < until
        time.sleep(0.05)


def look(stage, job_id):
    return stage.api.ask("GET", f"/v1/jobs/{job_id}")


def test_a_film_is_made_of_uploaded_pictures_and_words(stage, tmp_path):
    picture = tmp_path / "-playa & año 100 %.png"
    picture.write_bytes(a_picture((200, 80, 30)))
    image = stage.api.upload(picture, "image/png")
    queued = stage.api.submit(AD | {"images": [image], "metadata": {"order": 7}})
    job = ended(stage, queued["id"])
    assert job["status"] == "completed", job["error"]
    assert job["metadata"] == {"order": 7}
    assert [task["task_type"] for task in job["tasks"]] == [
        "plan",
        "narrate",
        "render_scene",
        "assemble",
        "check",
        "publish",
    ]
    measured = measure(stage.api.download(job["video_id"], tmp_path / "film.mp4"))
    assert (measured.frames, measured.sha256) == (
        job["result"]["frames"],
        job["result"]["sha256"],
    )
    assert abs(measured.av_offset_ms) < 10


def test_a_hundred_creates_by_twenty_threads_with_ten_keys_make_ten_jobs(stage):
    def create(n):
        return stage.api.submit(AD, once=f"twenty-{n % 10}")["id"]

    with ThreadPoolExecutor(20) as pool:
        made = Counter(pool.map(create, range(100)))
    assert sorted(made.values()) == [10] * 10
    for job_id in made:
        called_off = stage.api.send("POST", f"/v1/jobs/{job_id}/cancel").status
        assert called_off in {200, 409}  # 409: it was done before
        assert ended(stage, job_id)["status"] in {"cancelled", "completed"}


def test_nothing_accepted_is_lost_when_everything_is_killed_in_mid_render(stage):
    long = AD | {"text_prompt": "Una frase que dura lo suyo y sigue. " * 6}
    jobs = [stage.api.submit(long | {"title": f"{n}"})["id"] for n in range(4)]
    rendering(stage, *jobs)
    stage.kill()
    stage.start()
    for job_id in jobs:
        job = ended(stage, job_id, within_s=240)
        assert job["status"] == "completed", job["error"]


def test_a_job_called_off_in_mid_render_stays_called_off(stage):
    long = AD | {"text_prompt": "Otra frase que dura lo suyo y sigue. " * 6}
    job_id = stage.api.submit(long)["id"]
    rendering(stage, job_id)
    assert stage.api.ask("POST", f"/v1/jobs/{job_id}/cancel")["status"] == "cancelled"
    time.sleep(3)
    job = look(stage, job_id)
    assert (job["status"], job["video_id"]) == ("cancelled", None)


def test_what_happened_can_be_seen_in_cloudwatch(stage):
    ended(stage, stage.api.submit(AD)["id"])
    wanted = {"Jobs", "JobsCreated", "TaskSeconds", "OutputSeconds", "RealtimeFactor"}
    until = time.monotonic() + 20
    while not wanted <= seen(stage):
        assert time.monotonic() < until, wanted - seen(stage)
        time.sleep(0.3)


def seen(stage):
    listed = stage.aws("cloudwatch").list_metrics(Namespace="Reelsmith")["Metrics"]
    return {metric["MetricName"] for metric in listed}
