"""Progress of tasks that run side by side: it adds up exactly, and once."""

from random import Random

import pytest

from reelsmith.domain.jobs import JobStatus, Stage
from reelsmith.errors import Stale
from tests.builders import TENANT, an_entry
from tests.table.metering import Meter
from tests.table.steps import LATER, moved, started


def share_out(jobs, job, shares, *, attempt=1):
    jobs.share_out(
        TENANT,
        job.id,
        attempt=attempt,
        stage=Stage.RENDERING,
        begin=10.0,
        end=85.0,
        shares=shares,
    )


def told(jobs, job, task, done, *, attempt=1):
    return jobs.report_share(TENANT, job.id, attempt=attempt, task=task, done=done)


def progress(jobs, job):
    return jobs.get(TENANT, job.id).progress


def test_what_parallel_tasks_have_done_adds_up(jobs):
    job = started(jobs)
    share_out(jobs, job, (100, 200, 100))
    assert progress(jobs, job) == 10

    told(jobs, job, 1, 100)
    told(jobs, job, 2, 100)

    assert progress(jobs, job) == 10 + 75 / 2
    assert jobs.get(TENANT, job.id).stage is Stage.RENDERING


def test_reports_in_any_order_and_repeated_tasks_count_once(jobs):
    job = started(jobs)
    shares = (30, 50, 20)
    share_out(jobs, job, shares)
    reports = [
        (task, done) for task, most in enumerate(shares) for done in range(10, most + 1, 10)
    ]
    Random(7).shuffle(reports)
    seen = []

    for task, done in [*reports, *reports]:  # each task is done again by a retry
        told(jobs, job, task, done)
        seen.append(progress(jobs, job))

    assert seen == sorted(seen)
    assert seen[-1] == 85


def test_a_task_learns_from_its_report_that_it_is_to_stop(jobs):
    job = started(jobs)
    share_out(jobs, job, (10,))
    assert not told(jobs, job, 0, 5)

    jobs.ask_to_cancel(job, entry=an_entry(resource=job.id))

    assert told(jobs, job, 0, 6)
    assert told(jobs, job, 0, 6)


def test_a_straggler_changes_nothing_once_the_next_stage_has_begun(jobs):
    job = started(jobs)
    share_out(jobs, job, (10, 10))
    told(jobs, job, 0, 10)
    jobs.report(TENANT, job.id, attempt=1, stage=Stage.ASSEMBLING_VIDEO, progress=85.0)

    assert not told(jobs, job, 1, 10)
    share_out(jobs, job, (10, 10))

    now = jobs.get(TENANT, job.id)
    assert (now.stage, now.progress) == (Stage.ASSEMBLING_VIDEO, 85)


def test_a_new_attempt_begins_at_nothing_and_hears_no_old_task(jobs):
    job = started(jobs)
    share_out(jobs, job, (10,))
    told(jobs, job, 0, 10)
    again = moved(jobs, job, job.moved_to(JobStatus.QUEUED, at=LATER))
    started(jobs, again)

    assert progress(jobs, job) == 0
    with pytest.raises(Stale):
        told(jobs, job, 0, 10)
    with pytest.raises(Stale):
        share_out(jobs, job, (10,))


@pytest.mark.parametrize(("tasks", "units"), [(1, 1), (200, 1), (1_000, 4)])
def test_a_report_costs_one_unit_up_to_two_hundred_tasks(table, jobs, tasks, units):
    job = started(jobs)
    share_out(jobs, job, (300,) * tasks)
    for task in range(0, tasks, 7):
        told(jobs, job, task, 299)

    table.database.hook = meter = Meter(table.database)
    told(jobs, job, 0, 300)

    assert (meter.writes, meter.reads) == (units, 0)
