"""How far a job is, what its tasks took, and how soon a cancel is heard."""

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reelsmith.domain.jobs import JobStatus, Stage, Transition
from reelsmith.errors import Cancelled
from reelsmith.telemetry import MB, ProcessMeter
from reelsmith.usecases import dispatching, fanout, jobs, planning, rendering
from reelsmith.usecases.papers import Desk
from reelsmith.workflow import steps
from reelsmith.workflow.payloads import RunOf
from tests.builders import TENANT, a_caller
from tests.flow.test_films import made, queue, send
from tests.pictures import a_picture
from tests.world import a_world

QUIET = {"voice": None, "captions": "none", "transition": Transition.CUT}


@pytest.fixture
def world():
    with a_world() as made_world:
        yield made_world


@pytest.fixture
def one_task_a_scene(monkeypatch):
    monkeypatch.setattr(fanout, "ALONE_CPU_S", 0.0)
    monkeypatch.setattr(fanout, "TASK_CPU_S", 0.0)
    monkeypatch.setattr(fanout, "TASK_FRAMES", 1)


def planned(world, **spec):
    """A job up to its rendering: its desk and how it was dealt out."""
    job = queue(world, **QUIET | spec)
    dispatching.start_due(world.deps)
    desk = Desk(tenant=TENANT, job_id=job.id, attempt=1)
    planning.plan(world.deps, desk)
    return desk, fanout.share_out(world.deps, desk, planning.narrate(world.deps, desk))


def seen(world, desk):
    return world.deps.jobs.get(TENANT, desk.job_id)


def test_parallel_tasks_bring_the_job_forward_by_the_frames_that_they_have_done(
    world, one_task_a_scene
):
    pictures = tuple(send(world, a_picture((60 * n, 90, 90))) for n in range(4))
    desk, dealt = planned(world, images=pictures, text_prompt="Look.")
    assert len(dealt.shares) == 4
    heights = [seen(world, desk).progress]

    for share in reversed(dealt.shares):
        rendering.render(world.deps, desk, share)
        heights.append(seen(world, desk).progress)
    rendering.render(world.deps, desk, dealt.shares[0])  # its answer was lost

    assert heights == [10.0, 28.8, 47.5, 66.2, 85.0]
    assert (seen(world, desk).progress, seen(world, desk).stage) == (85.0, Stage.RENDERING)


def test_a_job_moves_while_a_single_task_is_at_work(world):
    desk, dealt = planned(world, text_prompt="A long sentence that takes its time. " * 3)
    world.deps = replace(world.deps, now=lambda: datetime.now(UTC))
    report = type(world.deps.jobs).report_share
    heights = []

    def watched(table, *args, **given):
        answer = report(table, *args, **given)
        heights.append(seen(world, desk).progress)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reelsmith.usecases.progress._EVERY", timedelta(seconds=0.05))
        patch.setattr("reelsmith.media.coding._PAUSE_S", 0.02)
        patch.setattr(type(world.deps.jobs), "report_share", watched)
        rendering.render(world.deps, desk, dealt.shares[0])

    assert heights == sorted(heights)
    assert len(set(heights)) >= 4
    assert heights[-1] == 85


def test_a_render_that_is_called_off_stops_within_five_seconds(world):
    desk, dealt = planned(world, text_prompt="A sentence that goes on and on for long. " * 12)
    deps = replace(world.deps, now=lambda: datetime.now(UTC))
    stopped = []

    def work():
        try:
            rendering.render(deps, desk, dealt.shares[0])
        except Cancelled:
            stopped.append(time.monotonic())

    worker = threading.Thread(target=work)
    worker.start()
    while seen(world, desk).progress <= 10:
        assert worker.is_alive()
        time.sleep(0.02)
    asked = time.monotonic()
    jobs.cancel(world.deps, caller=a_caller(), job_id=desk.job_id)
    worker.join(30)

    assert stopped
    assert stopped[0] - asked < 5


def test_a_job_says_what_its_tasks_took_all_together(world):
    job = made(world, text_prompt="Buy now.")
    assert job.status is JobStatus.COMPLETED
    tasks = world.deps.jobs.tasks(TENANT, job.id)
    rows = [t.result_data["resources"] for t in tasks if t.task_type != "publish"]
    took = job.result.resources

    assert took.cpu_seconds == pytest.approx(sum(row["cpu_seconds"] for row in rows), abs=0.1)
    assert took.peak_memory_mb == max(row["peak_memory_mb"] for row in rows)
    assert took.bytes_out == sum(row["bytes_out"] for row in rows)
    assert took.bytes_in > took.bytes_out / 2 > 0
    assert 50 < took.peak_memory_mb < 4_000


def test_a_meter_tells_memory_processor_temp_space_and_children(tmp_path):
    meter = ProcessMeter()
    before = meter.read()
    held = bytearray(80 * MB)
    sum(range(2_000_000))
    (tmp_path / "file").write_bytes(bytes(3 * MB))
    meter.holds(tmp_path)
    (tmp_path / "file").unlink()
    meter.holds(tmp_path)
    after = meter.read()
    del held

    assert after.peak_memory_mb >= before.peak_memory_mb + 70
    assert after.cpu_seconds > before.cpu_seconds
    assert after.temp_mb == 3


def test_a_task_that_holds_more_than_was_foreseen_is_told_of(world, caplog, monkeypatch):
    monkeypatch.setattr("reelsmith.media.estimates._PROCESS_MB", 1)
    made(world, text_prompt="Buy now.")
    assert "a task took more than was foreseen" in caplog.text


def test_a_task_that_is_tried_again_still_tells_what_its_first_try_took(world):
    job = queue(world, text_prompt="Buy now.")
    dispatching.start_due(world.deps)
    run = RunOf(tenant=TENANT, job_id=job.id, attempt=1)
    taken = []
    for _ in range(2):
        steps.plan(world.deps, run)
        (row,) = world.deps.jobs.tasks(TENANT, job.id)
        taken.append(row.result_data["resources"]["bytes_out"])

    assert taken[1] == 2 * taken[0] > 0
