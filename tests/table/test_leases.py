"""Work that one process does at a time, and the writes of one that was frozen."""

from datetime import timedelta

import pytest

from reelsmith.domain.admission import Bid, Service
from reelsmith.domain.jobs import JobStatus, Priority
from reelsmith.errors import Conflict, Stale
from tests.builders import EPOCH, TENANT, an_entry
from tests.table.metering import Meter
from tests.table.steps import as_started, submitted

LATER = EPOCH + timedelta(seconds=31)


@pytest.fixture
def leases(table):
    return table.repositories.leases


@pytest.fixture
def turns(table):
    return table.repositories.turns


def take(leases, holder, *, at=EPOCH):
    return leases.take("work", holder=holder, seconds=30, at=at)


def start(jobs, job, lease):
    entry = an_entry(action="job.started", resource=job.id)
    return jobs.move(job, as_started(job), entry=entry, lease=lease)


def test_one_holder_at_a_time(leases):
    assert take(leases, "ana").token == 1
    assert take(leases, "eva") is None


def test_a_lease_that_is_over_goes_to_the_next_with_a_greater_token(leases):
    frozen = take(leases, "ana")
    assert take(leases, "eva", at=LATER).token == frozen.token + 1
    with pytest.raises(Stale):
        leases.renew(frozen, seconds=30, at=LATER)


def test_a_holder_whose_answer_was_lost_takes_it_again(leases):
    assert take(leases, "ana").token < take(leases, "ana").token


def test_a_lease_that_was_given_back_is_free_at_once(leases):
    assert leases.release(take(leases, "ana"))
    assert take(leases, "eva")


def test_a_renewed_lease_holds_for_longer(leases):
    leases.renew(take(leases, "ana"), seconds=60, at=EPOCH)
    assert take(leases, "eva", at=LATER) is None


def test_who_asked_in_vain_is_not_forgotten(leases):
    """Work that came after the holder's last look, and before it gave back."""
    lease = take(leases, "ana")
    take(leases, "eva")

    assert leases.release(lease) is False
    assert take(leases, "eva") is None
    assert leases.release(lease) is False
    assert leases.release(lease) is True


def test_giving_back_what_somebody_else_has_changes_nothing(leases):
    frozen = take(leases, "ana")
    take(leases, "eva", at=LATER)

    assert leases.release(frozen) is True
    assert take(leases, "ivo", at=LATER) is None


def test_a_move_under_a_lease_that_went_elsewhere_is_refused(jobs, leases):
    frozen, job = take(leases, "ana"), submitted(jobs)
    take(leases, "eva", at=LATER)

    with pytest.raises(Stale):
        start(jobs, job, frozen)

    assert jobs.get(TENANT, job.id).status is JobStatus.QUEUED


def test_a_clock_that_is_wrong_by_an_hour_lets_nobody_move_twice(jobs, leases):
    slow, job = take(leases, "ana"), submitted(jobs)
    fast = take(leases, "eva", at=EPOCH + timedelta(hours=1))

    start(jobs, job, fast)

    with pytest.raises(Stale):
        start(jobs, job, slow)
    assert jobs.get(TENANT, job.id).attempt == 1


def test_a_job_that_moved_meanwhile_is_told_from_a_lease_that_did(jobs, leases):
    lease, job = take(leases, "ana"), submitted(jobs)
    start(jobs, job, lease)

    with pytest.raises(Conflict):
        start(jobs, job, lease)


def test_the_lease_costs_two_units_a_start_and_one_to_take_or_give_back(table, jobs, leases):
    def cost(wish):
        table.database.hook = meter = Meter(table.database)
        wish()
        table.database.hook = None
        return meter.writes, meter.reads

    free, led = submitted(jobs), submitted(jobs)
    lease = take(leases, "ana")
    without, _ = cost(lambda: start(jobs, free, None))

    assert cost(lambda: start(jobs, led, lease)) == (without + 2, 0)
    assert cost(lambda: leases.release(lease)) == (1, 0)
    assert cost(lambda: take(leases, "eva")) == (1, 0)


def test_paces_are_kept_by_name(turns):
    turns.note_pace("ugc#short", 10)
    turns.note_pace("ugc#short", 20)
    turns.note_pace("ugc#long", 300)

    paces = turns.paces()

    assert {name: pace.seconds for name, pace in paces.items()} == {
        "ugc#short": 15,
        "ugc#long": 300,
    }


def test_what_tenants_had_is_saved_by_the_latest_dispatcher_only(leases, turns):
    frozen = take(leases, "ana")
    lease = take(leases, "eva", at=LATER)
    bid = Bid("job_1", TENANT, Priority.NORMAL, EPOCH, 60)
    had = Service.none().with_started([bid], at=LATER)

    assert turns.service().of(TENANT, LATER) == 0
    turns.save_service(had, lease=lease)
    with pytest.raises(Stale):
        turns.save_service(Service.none(), lease=frozen)

    assert turns.service() == had
