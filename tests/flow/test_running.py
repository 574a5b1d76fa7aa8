"""Jobs set going, ended and mended, without rendering anything."""

import json

import pytest

from reelsmith.domain.jobs import Failure, JobStatus, Priority
from reelsmith.domain.sweeps import Repair
from reelsmith.domain.tasks import Task, TaskStatus, task_id
from reelsmith.errors import Conflict, Unavailable
from reelsmith.ports import Run
from reelsmith.usecases import dispatching, jobs, running, sweeping
from reelsmith.usecases.jobs import Wanted
from reelsmith.workflow import endings, rounds
from tests.builders import TENANT, a_caller, a_spec
from tests.world import a_world

BROKEN = Failure(code="media_error", detail="beach.jpg is no picture")


@pytest.fixture
def world():
    with a_world(max_running=3) as made:  # one of them for urgent jobs
        yield made


def queue(world, **changes):
    wanted = Wanted(**{"title": "Ad", "spec": a_spec()} | changes)
    return jobs.submit(world.deps, caller=a_caller(), wanted=wanted).thing


def seen(world, job):
    return world.deps.jobs.get(job.tenant, job.id)


def begun(world):
    queue(world)
    return dispatching.start_due(world.deps)[0]


def test_a_new_job_wakes_the_dispatcher(world):
    queue(world)
    assert len(world.woken) == 1


def test_no_more_jobs_run_than_there_are_slots(world):
    for _ in range(3):
        queue(world)
    assert rounds.dispatch(world.deps) == {"started": 2}
    assert rounds.dispatch(world.deps) == {"started": 0}


def test_the_urgent_one_goes_first(world):
    for _ in range(2):
        queue(world)
    urgent = queue(world, priority=Priority.URGENT)
    assert dispatching.start_due(world.deps)[0].id == urgent.id


def test_a_dispatcher_that_died_before_the_start_loses_no_job(world, monkeypatch):
    queue(world)
    monkeypatch.setattr(world.machine, "start", lambda *_: (_ for _ in ()).throw(Unavailable("x")))
    with pytest.raises(Unavailable):
        dispatching.start_due(world.deps)
    monkeypatch.undo()
    world.later(minutes=1)
    assert sweeping.sweep(world.deps).repairs == {Repair.UNSTARTED: 1}
    assert len(world.machine.runs) == 1


def test_a_failed_run_fails_its_job_with_the_reason(world):
    job = begun(world)
    ended = running.end(world.deps, tenant=job.tenant, job_id=job.id, attempt=1, failure=BROKEN)
    assert (ended.status, ended.error) == (JobStatus.FAILED, BROKEN)
    assert ended.completed_at is not None


def test_an_ending_that_comes_twice_or_late_changes_nothing(world):
    job = begun(world)
    for _ in range(2):
        running.end(world.deps, tenant=job.tenant, job_id=job.id, attempt=1, failure=BROKEN)
    late = Failure(code="timeout", detail="late")
    ended = running.end(world.deps, tenant=job.tenant, job_id=job.id, attempt=1, failure=late)
    assert ended.error == BROKEN


def test_work_that_was_cut_off_is_taken_up_by_a_new_attempt(world):
    job = begun(world)
    world.machine.stop(job.run, cause="the machine went away")
    world.later(minutes=1)
    assert sweeping.sweep(world.deps).repairs == {Repair.RUN_OVER: 1}
    assert seen(world, job).status is JobStatus.QUEUED
    assert dispatching.start_due(world.deps)[0].run == f"{job.id}-r2"


def test_work_that_is_cut_off_for_ever_fails_in_the_end(world):
    job = begun(world)
    for _ in range(job.max_attempts):
        world.machine.stop(seen(world, job).run, cause="again")
        world.later(minutes=1)
        sweeping.sweep(world.deps)
        dispatching.start_due(world.deps)
    ended = seen(world, job)
    assert (ended.status, ended.error.code) == (JobStatus.FAILED, "interrupted")


def test_an_ending_of_an_older_attempt_does_not_touch_the_newer(world):
    job = begun(world)
    cut = running.interrupted("gone")
    running.end(world.deps, tenant=job.tenant, job_id=job.id, attempt=1, failure=cut)
    dispatching.start_due(world.deps)
    running.end(world.deps, tenant=job.tenant, job_id=job.id, attempt=1, failure=BROKEN)
    assert (seen(world, job).status, seen(world, job).attempt) == (JobStatus.PROCESSING, 2)


def test_a_cancel_stops_the_run_and_ends_the_job(world):
    job = begun(world)
    gone = jobs.cancel(world.deps, caller=a_caller(), job_id=job.id)
    assert gone.status is JobStatus.CANCELLED
    assert not world.machine.look(job.run).open


def test_a_cancel_that_died_half_way_is_brought_to_its_end(world, monkeypatch):
    job = begun(world)
    monkeypatch.setattr(world.machine, "stop", lambda *_, **__: (_ for _ in ()).throw(OSError))
    with pytest.raises(OSError):
        jobs.cancel(world.deps, caller=a_caller(), job_id=job.id)
    ended = running.end(world.deps, tenant=job.tenant, job_id=job.id, attempt=1, failure=BROKEN)
    assert ended.status is JobStatus.CANCELLED


def test_a_finished_job_cannot_be_called_off(world):
    job = begun(world)
    running.end(world.deps, tenant=job.tenant, job_id=job.id, attempt=1, failure=BROKEN)
    with pytest.raises(Conflict, match="is failed"):
        jobs.cancel(world.deps, caller=a_caller(), job_id=job.id)


def test_a_run_that_goes_on_is_left_alone(world):
    begun(world)
    world.later(hours=1)
    assert sweeping.sweep(world.deps) == sweeping.Swept()


def test_a_run_that_took_too_long_is_told_so(world):
    job = begun(world)
    world.machine.runs[job.run] = Run(open=False, succeeded=False, error="TIMED_OUT")
    world.later(minutes=1)
    sweeping.sweep(world.deps)
    assert seen(world, job).error.code == "timeout"


def lambda_error(kind, message):
    return {"Error": kind, "Cause": json.dumps({"errorMessage": message, "errorType": kind})}


@pytest.mark.parametrize(
    ("caught", "code", "detail"),
    [
        (lambda_error("MediaError", "a.jpg is text"), "media_error", "a.jpg is text"),
        (lambda_error("Invalid", "no voice for xx"), "invalid_request", "no voice for xx"),
        (lambda_error("KeyError", "'secret-path'"), "internal", "something broke here"),
        ({"Error": "States.Timeout", "Cause": ""}, "timeout", "a step took longer"),
        ({"Error": "Lambda.Unknown", "Cause": "exit 137"}, "internal", "something broke here"),
    ],
)
def test_the_owner_is_told_what_helps_and_nothing_else(world, caught, code, detail):
    job = begun(world)
    run = {"tenant": job.tenant, "job_id": job.id, "attempt": 1}
    endings.handle(world.deps, run | {"error": caught})
    error = seen(world, job).error
    assert (error.code, error.detail.startswith(detail)) == (code, True)


def test_what_failed_in_a_map_of_its_own_is_told_by_the_row_of_its_task(world):
    """Step Functions only says that more executions failed than may."""
    job = begun(world)
    run = {"tenant": job.tenant, "job_id": job.id, "attempt": 1}
    row = Task(
        id=task_id("render_scene", 7),
        job_id=job.id,
        task_type="render_scene",
        index=7,
        timeout_s=60,
        status=TaskStatus.FAILED,
        error=Failure(code="media_error", detail="playa.jpg is damaged"),
        created_at=job.created_at,
        updated_at=job.created_at,
    )
    world.deps.jobs.save_task(TENANT, row, expects=None)

    endings.handle(
        world.deps, run | {"error": {"Error": "States.ExceedToleratedFailureThreshold"}}
    )

    assert seen(world, job).error == row.error


def test_an_execution_that_ends_any_other_way_is_reported_by_its_event(world):
    job = begun(world)
    run = {"tenant": job.tenant, "job_id": job.id, "attempt": 1}
    event = {"detail-type": "Step Functions Execution Status Change", "source": "aws.states"}
    detail = {"name": job.run, "status": "TIMED_OUT", "input": json.dumps(run)}
    endings.handle(world.deps, event | {"detail": detail})
    assert seen(world, job).error.code == "timeout"


def test_an_event_of_a_foreign_execution_is_ignored(world):
    detail = {"name": "x", "status": "FAILED", "input": json.dumps({"other": 1})}
    assert endings.handle(world.deps, {"detail": detail}) == {"status": "ignored"}


def test_housekeeping_says_what_it_did(world):
    queue(world)
    assert rounds.housekeeping(world.deps) == {
        "started": 1,
        "repaired": {},
        "settled": 0,
        "expired": 0,
        "erased": 0,
        "exported": 0,
    }
