"""What a history tells: where tasks ran, how long, why they were tried again, what they took."""

import pytest

from reelsmith.domain.jobs import JobStatus
from reelsmith.errors import Unavailable
from reelsmith.http.views.jobs import ResourceUsage, TaskView
from reelsmith.telemetry import log
from reelsmith.usecases import dispatching, planning
from reelsmith.workflow import steps
from reelsmith.workflow.payloads import RunOf
from tests.builders import TENANT, a_job
from tests.flow.test_films import made, queue
from tests.world import a_world


@pytest.fixture
def world():
    with a_world() as made_world:
        yield made_world


def begun(world):
    job = queue(world, text_prompt="Buy now.")
    dispatching.start_due(world.deps)
    return job, RunOf(tenant=TENANT, job_id=job.id, attempt=1)


def the_row(world, job):
    (row,) = world.deps.jobs.tasks(TENANT, job.id)
    return TaskView.of(row)


def test_a_task_tells_which_function_ran_it_and_how_its_logs_are_found(world, monkeypatch):
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "reelsmith-dev-plan")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "2048")
    job, run = begun(world)
    log.append_keys(function_request_id="req-17")

    steps.plan(world.deps, run)

    log.remove_keys(["function_request_id"])
    place = the_row(world, job).place
    assert (place.function, place.memory_mb) == ("reelsmith-dev-plan", 2048)
    assert place.request_id == "req-17"


def test_a_task_tells_why_each_of_its_retries_was_needed(world, monkeypatch):
    job, run = begun(world)
    plan, ends = planning.plan, [Unavailable("the store is busy"), SystemExit()]

    def planned(*given):
        world.later(seconds=3)
        if ends:
            raise ends.pop(0)
        return plan(*given)

    monkeypatch.setattr(planning, "plan", planned)
    for error in (Unavailable, SystemExit):
        with pytest.raises(error):
            steps.plan(world.deps, run)
    steps.plan(world.deps, run)

    row = the_row(world, job)
    assert [why.code for why in row.earlier] == ["unavailable", "cut_off"]
    assert (row.retries, row.status, row.duration_seconds) == (2, "completed", 3.0)


def test_a_finished_job_tells_what_it_took(world):
    job = made(world, text_prompt="Buy now.")
    assert job.status is JobStatus.COMPLETED

    usage = ResourceUsage.of(job, world.deps.jobs.tasks(TENANT, job.id))

    assert usage.cpu_time_seconds > 0
    assert usage.peak_memory_mb > 50
    assert usage.disk_space_used_mb > 0
    assert usage.generation_time_seconds == 0.0  # the clock of a test stands still


def test_a_clock_that_was_set_back_makes_no_negative_time(world):
    job = a_job(started_at=world.clock.at, completed_at=world.clock.at.replace(year=2029))
    assert ResourceUsage.of(job, ()).generation_time_seconds == 0.0


def test_a_job_tells_when_its_work_last_went_on_while_it_does(world):
    job, run = begun(world)
    assert world.deps.jobs.get(TENANT, job.id).heartbeat_at is None
    world.later(seconds=7)
    steps.plan(world.deps, run)

    assert world.deps.jobs.get(TENANT, job.id).heartbeat_at == world.clock.at
    world.machine.drive()
    assert world.deps.jobs.get(TENANT, job.id).heartbeat_at is None
