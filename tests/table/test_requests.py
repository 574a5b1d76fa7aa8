"""The same request again: one job, however often and from however many callers it comes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from reelsmith.domain.ids import Kind
from reelsmith.errors import KeyReused, OverQuota
from tests.builders import EPOCH, TENANT, a_job, a_spec, an_entry, an_id
from tests.homes import at_home
from tests.table.steps import a_request, ended, history, started, submitted, usage


def create(jobs, request, job=None):
    job = job or a_job()
    entry = an_entry(tenant=job.tenant, action="job.created", resource=job.id)
    return jobs.create(job, a_spec(), entry=entry, idempotency=request)


def test_the_same_key_gives_the_same_job(table, jobs):
    first = create(jobs, a_request())
    second = create(jobs, a_request())

    assert (first.replayed, second.replayed) == (False, True)
    assert first.thing == second.thing == jobs.replay(TENANT, a_request())
    assert usage(table, TENANT) == {"jobs": 1, "active": 1}


def test_a_replay_shows_the_job_as_it_is_now(jobs):
    made = create(jobs, a_request()).thing
    over = ended(jobs, started(jobs, made))

    assert create(jobs, a_request()).thing == over


def test_a_key_cannot_stand_for_two_requests(jobs):
    create(jobs, a_request())

    with pytest.raises(KeyReused):
        create(jobs, a_request(fingerprint="0" * 64))
    with pytest.raises(KeyReused):
        jobs.replay(TENANT, a_request(fingerprint="0" * 64))


def test_a_key_is_forgotten_when_its_time_is_over_even_if_its_record_is_still_there(table, jobs):
    first = create(jobs, a_request(hours=1)).thing
    table.clock.at = later = EPOCH + timedelta(hours=1)

    assert jobs.replay(TENANT, a_request()) is None
    second = create(jobs, a_request(hours=25), a_job(created_at=later, updated_at=later))

    assert not second.replayed
    assert second.thing.id != first.id
    assert jobs.replay(TENANT, a_request()) == second.thing


def test_a_replay_is_answered_even_when_the_tenant_is_over_its_quota(table, jobs):
    small = at_home(table.repositories, id=an_id(Kind.TENANT), max_active_jobs=1)
    first = create(jobs, a_request(), a_job(tenant=small.id)).thing

    assert create(jobs, a_request(), a_job(tenant=small.id)).thing == first
    with pytest.raises(OverQuota):
        create(jobs, a_request("tuesday"), a_job(tenant=small.id))


def test_a_job_with_an_id_made_of_its_source_is_made_once_without_a_key(table, jobs):
    job = a_job(drop="beach")

    assert not create(jobs, None, job).replayed
    assert create(jobs, None, job).replayed

    assert usage(table, TENANT) == {"jobs": 1, "active": 1}
    assert history(table, job.id) == ["job.created"]


def test_twenty_callers_with_ten_keys_make_ten_jobs(table, jobs):
    def call(number):
        return create(jobs, a_request(f"key {number % 10}")).thing.id

    with ThreadPoolExecutor(20) as callers:
        answers = list(callers.map(call, range(100)))

    assert len(set(answers)) == 10
    assert all(answers[n] == answers[n % 10] for n in range(100))
    assert usage(table, TENANT) == {"jobs": 10, "active": 10}


def test_a_quota_holds_against_callers_at_the_same_moment(table, jobs):
    small = at_home(table.repositories, id=an_id(Kind.TENANT), max_active_jobs=5)

    def call(_):
        try:
            return submitted(jobs, tenant=small.id).id
        except OverQuota:
            return None

    with ThreadPoolExecutor(8) as callers:
        made = [job_id for job_id in callers.map(call, range(20)) if job_id]

    assert len(made) == 5
    assert usage(table, small.id) == {"jobs": 5, "active": 5}
