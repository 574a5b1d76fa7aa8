"""The steps of a job, as its history shows them."""

from datetime import timedelta

import pytest

from reelsmith.domain.ids import Kind
from reelsmith.domain.jobs import Failure, JobStatus
from reelsmith.domain.tasks import Task, TaskStatus, task_id
from reelsmith.errors import NotFound, Stale
from tests.builders import EPOCH, TENANT, an_id
from tests.table.steps import LATER, moved, started


def a_task(job_id: str, kind: str, index: int = 0, *, after_s: int = 0, **changes) -> Task:
    at = EPOCH + timedelta(seconds=after_s)
    given = {
        "id": task_id(kind, index),
        "job_id": job_id,
        "task_type": kind,
        "index": index,
        "timeout_s": 60,
        "status": TaskStatus.PROCESSING,
        "created_at": at,
        "updated_at": at,
    }
    return Task(**given | changes)


def as_done(task: Task) -> Task:
    result = {"video": {"seconds": 9.5}, "none": None}
    return task.model_copy(
        update={"status": TaskStatus.COMPLETED, "updated_at": LATER, "result_data": result}
    )


def test_tasks_are_listed_in_running_order(jobs):
    job = started(jobs)
    tasks = [
        a_task(job.id, "plan", after_s=0),
        a_task(job.id, "narrate", after_s=1),
        a_task(job.id, "render_scene", 1, after_s=2),
        a_task(job.id, "render_scene", 0, after_s=3),
        a_task(job.id, "assemble", after_s=4),
    ]
    for task in tasks:
        jobs.save_task(TENANT, task, expects=None)

    names = [task.id for task in jobs.tasks(TENANT, job.id)]

    assert names == [
        "00000#plan",
        "00000#narrate",
        "00000#render_scene",
        "00001#render_scene",
        "00000#assemble",
    ]


def test_a_finished_task_keeps_its_result(jobs):
    job = started(jobs)
    task = jobs.save_task(TENANT, a_task(job.id, "plan"), expects=None)

    done = jobs.save_task(TENANT, as_done(task), expects=task)

    assert jobs.tasks(TENANT, job.id) == (done,)


def test_two_runs_of_a_task_cannot_both_write(jobs):
    job = started(jobs)
    task = jobs.save_task(TENANT, a_task(job.id, "plan"), expects=None)
    jobs.save_task(TENANT, as_done(task), expects=task)

    failed = task.model_copy(
        update={"status": TaskStatus.FAILED, "error": Failure(code="x", detail="late")}
    )
    with pytest.raises(Stale):
        jobs.save_task(TENANT, failed, expects=task)
    with pytest.raises(Stale):
        jobs.save_task(TENANT, failed, expects=None)

    assert jobs.tasks(TENANT, job.id)[0].status == TaskStatus.COMPLETED


def test_the_same_write_again_is_no_error(jobs):
    job = started(jobs)
    task = a_task(job.id, "plan")

    for _ in range(2):
        jobs.save_task(TENANT, task, expects=None)
    for _ in range(2):
        jobs.save_task(TENANT, as_done(task), expects=task)

    assert jobs.tasks(TENANT, job.id) == (as_done(task),)


def test_a_new_attempt_shows_its_own_tasks_and_silences_the_old_ones(jobs):
    job = started(jobs)
    old = jobs.save_task(TENANT, a_task(job.id, "plan"), expects=None)
    again = moved(jobs, job, job.moved_to(JobStatus.QUEUED, at=LATER))
    started(jobs, again)

    new = jobs.save_task(TENANT, a_task(job.id, "plan", attempt=2), expects=old)

    assert jobs.tasks(TENANT, job.id) == (new,)
    with pytest.raises(Stale):
        jobs.save_task(TENANT, a_task(job.id, "narrate", attempt=1), expects=None)


def test_a_task_needs_a_job(jobs):
    with pytest.raises(NotFound):
        jobs.save_task(TENANT, a_task(an_id(Kind.JOB), "plan"), expects=None)
