"""The dispatcher on a real table: fair, one at a time, and harmless when it comes back late."""

import pytest

from reelsmith.domain.jobs import JobStatus, Priority
from reelsmith.domain.people import Role
from reelsmith.errors import Unavailable
from reelsmith.usecases import dispatching, erasing, jobs
from reelsmith.usecases.jobs import Wanted
from tests.builders import TENANT, a_caller, a_spec
from tests.homes import at_home
from tests.world import a_world

OTHER = TENANT[:-1] + ("0" if TENANT[-1] != "0" else "1")


@pytest.fixture
def world():
    with a_world(max_running=4) as made:
        at_home(made.table.repositories, id=OTHER)
        yield made


def queue(world, tenant=TENANT, **changes):
    wanted = Wanted(**{"title": "Ad", "spec": a_spec()} | changes)
    return jobs.submit(world.deps, caller=a_caller(tenant=tenant), wanted=wanted).thing


def due(world):
    return [job.id for job in dispatching.start_due(world.deps)]


def status(world, job):
    return world.deps.jobs.get(job.tenant, job.id).status


def at_first(world, operation, then):
    """Let something happen before the first request of a kind goes out."""
    table = world.table.database

    def hook(asked, arguments, send):
        if asked == operation and table.hook is hook:
            table.hook = None
            then()
        return send()

    table.hook = hook


def test_a_tenant_that_sends_one_job_does_not_wait_behind_anothers_ten(world):
    for _ in range(10):
        queue(world)
    one = queue(world, OTHER)

    assert one.id in due(world)


def test_a_slot_is_kept_for_an_urgent_job_that_comes_later(world):
    for _ in range(5):
        queue(world)
    assert len(due(world)) == 3
    urgent = queue(world, priority=Priority.URGENT)
    assert due(world) == [urgent.id]


def test_an_account_that_carries_less_has_fewer_slots():
    with a_world(max_running=16, scene_concurrency=3, account_concurrency=10) as world:
        for _ in range(3):
            queue(world)
        assert len(due(world)) == 1  # two slots, one of them for urgent jobs


def test_who_finds_another_dispatcher_at_work_leaves_it_to_that_one(world):
    first = queue(world)
    late = []

    def meanwhile():
        late.append(queue(world, OTHER))
        assert due(world) == []

    at_first(world, "TransactWriteItems", meanwhile)

    assert due(world) == [first.id, late[0].id]


def test_a_dispatcher_that_was_frozen_starts_nothing_when_it_comes_back(world):
    queue(world)
    queue(world)
    others = []

    def frozen():
        world.later(minutes=5)
        others.extend(due(world))

    at_first(world, "TransactWriteItems", frozen)

    assert due(world) == []
    assert len(others) == len(world.machine.runs) == 2


def test_a_job_that_was_called_off_since_it_was_listed_leaves_its_slot_to_the_next(world):
    jobs_ = [queue(world) for _ in range(4)]
    at_first(
        world,
        "TransactWriteItems",
        lambda: jobs.cancel(world.deps, caller=a_caller(), job_id=jobs_[0].id),
    )

    assert due(world) == [job.id for job in jobs_[1:]]
    assert status(world, jobs_[0]) is JobStatus.CANCELLED


def test_a_job_that_is_gone_since_it_was_listed_stops_nobody(world):
    first, second = queue(world), queue(world)

    def away():
        jobs.cancel(world.deps, caller=a_caller(), job_id=first.id)
        erasing.delete_job(world.deps, caller=a_caller(role=Role.ADMIN), job_id=first.id)

    at_first(world, "TransactWriteItems", away)

    assert due(world) == [second.id]


def test_a_job_that_the_index_lists_though_it_runs_keeps_its_slot(world, monkeypatch):
    listed = [queue(world) for _ in range(4)]
    assert len(due(world)) == 3
    monkeypatch.setattr(world.deps.jobs, "running", list)
    monkeypatch.setattr(world.deps.jobs, "queued", lambda: listed)

    assert listed[3].id not in due(world)
    assert len(world.machine.runs) == 3


def test_the_slot_of_a_job_that_is_called_off_goes_to_the_next_at_once(world):
    made = [queue(world) for _ in range(4)]
    due(world)
    calls = len(world.woken)

    jobs.cancel(world.deps, caller=a_caller(), job_id=made[0].id)

    assert len(world.woken) == calls + 1
    assert due(world) == [made[3].id]


def test_a_dispatcher_that_died_is_followed_by_another_within_a_minute(world, monkeypatch):
    first, second = queue(world), queue(world)
    monkeypatch.setattr(world.machine, "start", lambda *_: (_ for _ in ()).throw(Unavailable("x")))
    with pytest.raises(Unavailable):
        due(world)
    monkeypatch.undo()

    assert due(world) == []
    world.later(minutes=1)
    assert due(world) == [second.id]
    assert status(world, first) is JobStatus.PROCESSING  # the sweep starts its run


def test_with_a_single_slot_tenants_take_turns():
    with a_world(max_running=1) as world:
        at_home(world.table.repositories, id=OTHER)
        waiting = {job.id: job for job in [queue(world) for _ in range(3)]}
        waiting |= {job.id: job for job in [queue(world, OTHER) for _ in range(3)]}
        order = []
        while waiting:
            (started,) = due(world)
            job = waiting.pop(started)
            order.append(job.tenant)
            world.later(seconds=60)
            jobs.cancel(world.deps, caller=a_caller(tenant=job.tenant), job_id=started)

    assert order == [TENANT, OTHER] * 3
