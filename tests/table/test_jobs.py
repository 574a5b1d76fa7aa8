"""The life of a job in the table."""

from datetime import timedelta

import pytest

from reelsmith.domain.ids import Kind
from reelsmith.domain.job_filters import JobFilter
from reelsmith.domain.jobs import Failure, JobStatus, Priority, Stage
from reelsmith.errors import Conflict, NotFound, OverQuota, Stale
from tests.builders import EPOCH, TENANT, a_job, a_spec, an_entry, an_id
from tests.homes import at_home
from tests.table.steps import (
    LATER,
    a_film,
    as_started,
    ended,
    history,
    moved,
    started,
    submitted,
    totals,
    usage,
)


def test_what_was_asked_for_reads_back_as_it_came(jobs):
    spec = a_spec(
        voice=None,
        images=("ast_1", "ast_2"),
        metadata={"campaign": {"deep": [1, 2.5, None, True]}, "none": None, "big": 10**60},
    )
    job = a_job(title="Sale: 50 % off & more", drop="my folder", priority=Priority.URGENT)

    jobs.create(job, spec, entry=an_entry(resource=job.id), idempotency=None)

    assert jobs.get(TENANT, job.id) == job
    assert jobs.spec(TENANT, job.id) == spec


def test_a_job_goes_from_request_to_film(table, jobs):
    job = started(jobs)
    assert not jobs.report(TENANT, job.id, attempt=1, stage=Stage.RENDERING, progress=40)
    seen = jobs.get(TENANT, job.id)
    assert (seen.stage, seen.progress) == (Stage.RENDERING, 40)

    done, video = a_film(seen)
    moved(jobs, seen, done, video=video)

    assert jobs.get(TENANT, job.id) == done
    assert table.repositories.videos.get(TENANT, video.id) == video
    assert usage(table, TENANT) == {"jobs": 1, "n_completed": 1, "bytes": video.size_bytes}
    made = {"out_ms": 9000, "out_bytes": video.size_bytes}
    assert totals(table) == {"tenants": 1, "users": 1, "jobs": 1, "n_completed": 1} | made
    assert history(table, job.id) == ["job.created", "job.processing", "job.completed"]


def test_a_failed_job_shows_how_far_it_came_and_why_it_failed(jobs):
    job = started(jobs)
    jobs.report(TENANT, job.id, attempt=1, stage=Stage.RENDERING, progress=37.5)
    reason = Failure(code="media_error", detail="the second picture is broken", task="render")

    ended(jobs, jobs.get(TENANT, job.id), error=reason)

    seen = jobs.get(TENANT, job.id)
    assert (seen.status, seen.stage, seen.progress) == ("failed", Stage.RENDERING, 37.5)
    assert seen.error == reason


def test_only_one_of_two_movers_wins(table, jobs):
    job = submitted(jobs)
    moved(jobs, job, as_started(job))

    with pytest.raises(Conflict):
        ended(jobs, job, JobStatus.CANCELLED)
    with pytest.raises(Conflict):
        moved(jobs, job, as_started(job))

    assert jobs.get(TENANT, job.id).status == JobStatus.PROCESSING
    assert usage(table, TENANT) == {"jobs": 1, "active": 1}


def test_an_old_attempt_can_neither_finish_nor_report(jobs):
    first = started(jobs)
    again = moved(jobs, first, first.moved_to(JobStatus.QUEUED, at=LATER))
    second = started(jobs, again)

    with pytest.raises(Conflict):
        ended(jobs, first)
    with pytest.raises(Stale):
        jobs.report(TENANT, first.id, attempt=1, stage=Stage.RENDERING, progress=99)

    seen = jobs.get(TENANT, first.id)
    assert (seen.status, seen.attempt, seen.progress) == ("processing", second.attempt, 0)


def test_a_new_attempt_starts_from_nothing(jobs):
    first = started(jobs)
    jobs.report(TENANT, first.id, attempt=1, stage=Stage.ASSEMBLING_VIDEO, progress=80)
    again = moved(jobs, first, first.moved_to(JobStatus.QUEUED, at=LATER, stage=None, progress=0))
    assert jobs.get(TENANT, first.id).progress == 0

    started(jobs, again)

    seen = jobs.get(TENANT, first.id)
    assert (seen.attempt, seen.stage, seen.progress) == (2, None, 0)


def test_the_same_move_told_twice_counts_once(table, jobs):
    job = started(jobs)
    entry = an_entry(action="job.failed", resource=job.id)
    now = job.moved_to(JobStatus.FAILED, at=LATER)

    first = moved(jobs, job, now, entry=entry)
    second = moved(jobs, job, now, entry=entry)

    assert first == second == jobs.get(TENANT, job.id)
    assert usage(table, TENANT) == {"jobs": 1, "n_failed": 1}
    assert history(table, job.id).count("job.failed") == 1


def test_a_move_is_known_again_after_the_job_moved_on(jobs):
    job = submitted(jobs)
    entry = an_entry(action="job.processing", resource=job.id)
    running = moved(jobs, job, as_started(job), entry=entry)
    over = ended(jobs, running)

    assert moved(jobs, job, as_started(job), entry=entry) == over


def test_reports_may_arrive_out_of_order(jobs):
    job = started(jobs)

    for progress in (30, 50, 20):
        jobs.report(TENANT, job.id, attempt=1, stage=Stage.RENDERING, progress=progress)

    assert jobs.get(TENANT, job.id).progress == 50


def test_a_worker_learns_from_its_report_that_it_is_to_stop(table, jobs):
    job = started(jobs)
    jobs.report(TENANT, job.id, attempt=1, stage=Stage.RENDERING, progress=50)

    asked = jobs.ask_to_cancel(job, entry=an_entry(action="job.cancel_asked", resource=job.id))

    assert asked.cancel_requested
    for progress in (60, 55):
        assert jobs.report(TENANT, job.id, attempt=1, stage=Stage.RENDERING, progress=progress)
    assert "job.cancel_asked" in history(table, job.id)


def test_a_wish_to_cancel_survives_a_move_that_did_not_know_of_it(jobs):
    job = started(jobs)
    jobs.ask_to_cancel(job, entry=an_entry(resource=job.id))

    again = moved(jobs, job, job.moved_to(JobStatus.QUEUED, at=LATER))

    assert jobs.get(TENANT, job.id).cancel_requested
    running = started(jobs, jobs.get(TENANT, again.id))
    assert jobs.report(TENANT, job.id, attempt=2, stage=Stage.RENDERING, progress=1)
    assert running.cancel_requested


def test_a_job_that_was_called_off_is_not_completed_any_more(table, jobs):
    job = started(jobs)
    jobs.ask_to_cancel(job, entry=an_entry(resource=job.id))

    done, video = a_film(job)
    with pytest.raises(Conflict):
        moved(jobs, job, done, video=video)

    with pytest.raises(NotFound):
        table.repositories.videos.get(TENANT, video.id)
    ended(jobs, job, JobStatus.CANCELLED)
    assert usage(table, TENANT) == {"jobs": 1, "n_cancelled": 1}


def test_a_job_that_does_not_run_cannot_be_asked_to_stop(jobs):
    waiting, over = submitted(jobs), ended(jobs, started(jobs))

    for job in (waiting, over):
        with pytest.raises(Conflict):
            jobs.ask_to_cancel(job, entry=an_entry(resource=job.id))


def test_a_tenant_has_no_more_unfinished_jobs_than_it_may(table, jobs):
    small = at_home(table.repositories, id=an_id(Kind.TENANT), max_active_jobs=2)
    first, _ = submitted(jobs, tenant=small.id), submitted(jobs, tenant=small.id)

    with pytest.raises(OverQuota, match="2 jobs"):
        submitted(jobs, tenant=small.id)

    ended(jobs, first, JobStatus.CANCELLED)
    submitted(jobs, tenant=small.id)
    assert usage(table, small.id) == {"jobs": 3, "active": 2, "n_cancelled": 1}


def test_a_tenant_that_is_not_there_or_not_active_gets_no_jobs(table, jobs):
    closed = at_home(table.repositories, id=an_id(Kind.TENANT), active=False)

    for tenant in (closed.id, an_id(Kind.TENANT)):
        with pytest.raises(NotFound):
            submitted(jobs, tenant=tenant)


@pytest.mark.parametrize("status", [None, JobStatus.QUEUED])
def test_pages_neither_skip_nor_repeat_while_jobs_come_in(jobs, status):
    made = [submitted(jobs).id for _ in range(7)]
    ended(jobs, started(jobs))

    first = jobs.page(TENANT, wanted=JobFilter(status=status), after=None, limit=3)
    submitted(jobs)
    second = jobs.page(TENANT, wanted=JobFilter(status=status), after=first.after, limit=3)
    third = jobs.page(TENANT, wanted=JobFilter(status=status), after=second.after, limit=3)

    seen = [job.id for page in (first, second, third) for job in page.jobs]
    ours = [job_id for job_id in seen if job_id in made]
    assert ours == sorted(made, reverse=True)
    assert third.after is None


def test_a_list_shows_the_live_progress_of_what_runs(jobs):
    running, _ = started(jobs), submitted(jobs)
    jobs.report(TENANT, running.id, attempt=1, stage=Stage.CHECKING, progress=88)

    page = jobs.page(TENANT, after=None, limit=50)

    assert [(job.stage, job.progress) for job in page.jobs] == [(None, 0), (Stage.CHECKING, 88)]


def test_the_queue_is_by_lane_and_then_by_age(jobs):
    by_lane = {
        lane: [submitted(jobs, priority=lane).id for _ in range(3)] for lane in reversed(Priority)
    }
    started(jobs)

    queue = [job.id for job in jobs.queued(limit=50)]

    lanes = [Priority.URGENT, Priority.HIGH, Priority.NORMAL, Priority.LOW]
    assert queue == [job_id for lane in lanes for job_id in by_lane[lane]]
    assert [job.id for job in jobs.queued(limit=4)] == queue[:4]


def test_what_runs_is_listed_until_it_ends(jobs):
    first, second = started(jobs), started(jobs)
    assert {job.id for job in jobs.running()} == {first.id, second.id}

    ended(jobs, first)

    assert [job.id for job in jobs.running()] == [second.id]
    assert jobs.queued(limit=9) == ()


def test_a_finished_drop_is_remembered_until_its_folder_is_settled(jobs):
    dropped, sent = started(jobs, drop="beach"), started(jobs)
    assert jobs.unsettled(limit=9) == ()
    ended(jobs, dropped)
    ended(jobs, sent)
    assert [job.id for job in jobs.unsettled(limit=9)] == [dropped.id]

    jobs.settled(TENANT, dropped.id)
    jobs.settled(TENANT, dropped.id)

    assert jobs.unsettled(limit=9) == ()
    assert jobs.get(TENANT, dropped.id).status == JobStatus.FAILED


def test_settling_cannot_take_an_unfinished_job_out_of_the_queue(jobs):
    job = submitted(jobs, drop="beach")

    with pytest.raises(Conflict):
        jobs.settled(TENANT, job.id)

    assert [waiting.id for waiting in jobs.queued(limit=9)] == [job.id]


def test_the_longest_running_is_listed_first(jobs):
    early, late = submitted(jobs), submitted(jobs)
    moved(jobs, late, late.moved_to(JobStatus.PROCESSING, at=LATER, attempt=1))
    sooner = EPOCH + timedelta(seconds=1)
    moved(jobs, early, early.moved_to(JobStatus.PROCESSING, at=sooner, attempt=1))

    assert [job.id for job in jobs.running()] == [early.id, late.id]
