"""How a failed job comes back in the table: exact counts, one winner, and room for it."""

from datetime import timedelta

import pytest

from reelsmith.domain.jobs import MAX_ATTEMPTS, Failure, JobStatus
from reelsmith.errors import Conflict, KeyReused, NotFound, OverQuota
from tests.builders import TENANT, a_job, an_entry
from tests.homes import at_home
from tests.table.steps import (
    LATER,
    a_film,
    a_request,
    ended,
    moved,
    started,
    submitted,
    totals,
    usage,
)

AGAIN = LATER + timedelta(hours=1)


def taken_up(jobs, job, *, entry=None, request=None):
    entry = entry or an_entry(tenant=job.tenant, action="job.resumed", resource=job.id)
    again = job.taken_up(at=AGAIN)
    return jobs.take_up(job, again, entry=entry, idempotency=request)


def failed(jobs, **changes):
    error = Failure(code="unavailable", detail="a service was busy")
    return ended(jobs, started(jobs, **changes), error=error)


def test_a_failed_job_waits_again_with_exact_counts(table, jobs):
    job = failed(jobs)

    waiting = taken_up(jobs, job).thing

    assert jobs.get(TENANT, job.id) == waiting
    assert (waiting.status, waiting.attempt, waiting.error) == (JobStatus.QUEUED, 1, None)
    assert (waiting.completed_at, waiting.queued_at) == (None, AGAIN)
    assert waiting.max_attempts == 1 + MAX_ATTEMPTS
    assert [one.id for one in jobs.queued()] == [job.id]
    assert usage(table, TENANT) == {"jobs": 1, "active": 1}
    assert totals(table) == {"tenants": 1, "users": 1, "jobs": 1, "active": 1}


def test_two_who_take_it_up_make_one_attempt(table, jobs):
    job = failed(jobs)
    taken_up(jobs, job)

    with pytest.raises(Conflict, match="no longer failed"):
        taken_up(jobs, job)

    assert usage(table, TENANT) == {"jobs": 1, "active": 1}


def test_told_twice_it_happens_once(table, jobs):
    job = failed(jobs)
    entry = an_entry(action="job.resumed", resource=job.id)
    taken_up(jobs, job, entry=entry)

    assert taken_up(jobs, job, entry=entry).replayed
    assert usage(table, TENANT) == {"jobs": 1, "active": 1}


def test_the_same_key_takes_it_up_once_however_often_it_fails(table, jobs):
    job = failed(jobs)
    waiting = taken_up(jobs, job, request=a_request("again")).thing
    failed_again = ended(jobs, started(jobs, waiting))

    answer = taken_up(jobs, failed_again, request=a_request("again"))

    assert (answer.replayed, answer.thing.status) == (True, JobStatus.FAILED)
    assert usage(table, TENANT) == {"jobs": 1, "n_failed": 1}
    with pytest.raises(KeyReused):
        taken_up(jobs, failed_again, request=a_request("again", fingerprint="0" * 64))


def test_it_needs_the_room_that_a_new_job_needs(table, jobs):
    tenant = at_home(table.repositories, id="ten_small", max_active_jobs=1)
    job = failed(jobs, tenant=tenant.id)
    submitted(jobs, tenant=tenant.id)

    with pytest.raises(OverQuota) as told:
        taken_up(jobs, job)

    assert told.value.name == "active_jobs"
    assert jobs.get(tenant.id, job.id).status is JobStatus.FAILED


def test_a_job_that_is_gone_is_not_taken_up(jobs):
    job = a_job(status=JobStatus.FAILED, attempt=1)
    with pytest.raises(NotFound):
        taken_up(jobs, job)


@pytest.mark.parametrize("status", [JobStatus.CANCELLED, JobStatus.COMPLETED])
def test_only_what_failed_is_taken_up(jobs, status):
    job = started(jobs)
    done, video = a_film(job)
    over = moved(jobs, job, done, video=video) if status is JobStatus.COMPLETED else None

    with pytest.raises(Conflict, match="only a failed job"):
        (over or ended(jobs, job, status)).taken_up(at=AGAIN)
