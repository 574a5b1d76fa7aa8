"""What a queued job tells: its place, when it is expected to start, and what it cannot know."""

import random
from datetime import timedelta
from heapq import heappop, heappush

import pytest

from reelsmith.domain.jobs import JobStatus, Priority
from reelsmith.domain.specs import SeasonSpec
from reelsmith.usecases import dispatching, jobs, waiting
from reelsmith.usecases.jobs import Wanted
from reelsmith.usecases.waiting import Reason, Survey
from tests.builders import TENANT, a_caller, a_spec, an_entry
from tests.calling import Api
from tests.homes import at_home
from tests.world import a_world

OTHER = TENANT[:-1] + ("0" if TENANT[-1] != "0" else "1")

MINUTE = timedelta(minutes=1)


@pytest.fixture
def world():
    with a_world(max_running=3) as made:
        at_home(made.table.repositories, id=OTHER)
        yield made


def queue(world, tenant=TENANT, **changes):
    wanted = Wanted(**{"title": "Ad", "spec": a_spec()} | changes)
    return jobs.submit(world.deps, caller=a_caller(tenant=tenant), wanted=wanted).thing


def standing(world, job):
    return waiting.standing(world.deps, world.deps.jobs.get(job.tenant, job.id))


def finish(world, job):
    now = world.clock.at
    done = job.moved_to(JobStatus.COMPLETED, at=now, completed_at=now)
    world.deps.jobs.move(job, done, entry=an_entry(tenant=job.tenant, resource=job.id))
    waiting.note_pace(world.deps, job, done)


def measured(world, seconds):
    """A first job has shown how long they take."""
    queue(world)
    (job,) = dispatching.start_due(world.deps)
    world.later(seconds=seconds)
    finish(world, job)


def test_a_job_for_which_a_slot_is_free_starts_now(world):
    seen = standing(world, queue(world))
    assert (seen.reason, seen.place, seen.ahead, seen.estimated_wait_s) == (
        Reason.STARTING,
        1,
        0,
        0.0,
    )


def test_callers_see_it_with_the_job_while_it_waits(world):
    api = Api(world.deps)
    job = queue(world)

    assert api("GET", f"/v1/jobs/{job.id}")[1]["queue"] == {
        "place": 1,
        "ahead": 0,
        "estimated_start_at": "2030-01-01T00:00:00Z",
        "estimated_wait_s": 0.0,
        "reason": "starting",
    }
    dispatching.start_due(world.deps)
    assert api("GET", f"/v1/jobs/{job.id}")[1]["queue"] is None


def test_without_any_history_the_place_is_told_and_no_time_is_made_up(world):
    made = [queue(world) for _ in range(4)]
    dispatching.start_due(world.deps)

    seen = standing(world, made[3])

    assert (seen.reason, seen.place, seen.ahead) == (Reason.NO_HISTORY, 2, 1)
    assert (seen.estimated_start_at, seen.estimated_wait_s) == (None, None)


def test_the_wait_is_foreseen_by_the_time_that_jobs_took(world):
    measured(world, 60)
    made = [queue(world) for _ in range(5)]
    dispatching.start_due(world.deps)
    world.later(seconds=20)

    seen = [standing(world, job) for job in made[2:]]

    assert [one.place for one in seen] == [1, 2, 3]
    assert [one.estimated_wait_s for one in seen] == [40, 40, 100]
    assert {one.reason for one in seen} == {Reason.KEPT_FOR_URGENT}
    assert seen[0].estimated_start_at == world.clock.at + timedelta(seconds=40)


def test_a_job_of_another_tenant_steps_in_front_and_the_place_says_so(world):
    measured(world, 60)
    made = [queue(world) for _ in range(4)]
    dispatching.start_due(world.deps)
    assert standing(world, made[2]).place == 1
    one = queue(world, OTHER)
    world.later(seconds=5)

    assert standing(world, one).place == 1
    assert standing(world, made[2]).place == 2


def test_when_even_the_kept_slot_is_taken_that_is_the_reason(world):
    measured(world, 60)
    for _ in range(2):
        queue(world)
    queue(world, priority=Priority.URGENT)
    late = queue(world)
    assert len(dispatching.start_due(world.deps)) == 3
    assert standing(world, late).reason is Reason.SLOTS_TAKEN


def test_a_job_that_runs_or_is_over_stands_in_no_queue(world):
    job = queue(world)
    dispatching.start_due(world.deps)
    assert standing(world, job) is None


def test_the_whole_queue_is_measured(world):
    for n in range(120):
        queue(world, TENANT if n % 2 else OTHER)
    world.later(seconds=90)
    dispatching.start_due(world.deps)

    assert waiting.survey(world.deps) == Survey(waiting=118, running=2, oldest_s=90)


def test_downloads_take_no_slot_so_nobody_waits_for_them_and_they_for_nobody(world):
    measured(world, 60)
    seasons = [
        queue(world, spec=SeasonSpec(urls=[f"https://example.com/{n}.mp4"])) for n in range(9)
    ]
    seen = standing(world, queue(world))

    assert (seen.reason, seen.place, seen.ahead) == (Reason.STARTING, 1, 0)
    assert standing(world, seasons[0]) is None
    assert waiting.survey(world.deps).waiting == 1


def test_many_looks_within_two_seconds_read_the_queue_once(world):
    made = [queue(world) for _ in range(3)]
    standing(world, made[0])
    asked = []
    world.table.database.hook = lambda operation, arguments, send: (
        asked.append(operation) or send()
    )
    for job in made:
        standing(world, job)
    assert "Query" not in asked


def test_a_queue_too_long_to_be_played_through_says_so(world, monkeypatch):
    monkeypatch.setattr(waiting, "_LOOKED_AT", 2)
    made = [queue(world) for _ in range(3)]
    seen = standing(world, made[0])
    assert (seen.reason, seen.place, seen.estimated_wait_s) == (Reason.LONG_QUEUE, None, None)


@pytest.mark.parametrize("seed", range(3))
def test_with_steady_jobs_the_wait_is_between_half_and_double_of_what_was_told(world, seed):
    """Jobs take a minute, give or take a quarter of it, and none comes in between."""
    dice = random.Random(seed)
    measured(world, 60)
    queued = [queue(world, OTHER if n % 3 else TENANT) for n in range(12)]
    began, ends, waited = world.clock.at, [], {}
    told = None
    while len(waited) < len(queued):
        for job in dispatching.start_due(world.deps):
            waited[job.id] = (world.clock.at - began).total_seconds()
            heappush(ends, (world.clock.at + dice.uniform(0.75, 1.25) * MINUTE, job.id, job))
        told = told or {job.id: standing(world, job).estimated_wait_s for job in queued[2:]}
        world.clock.at, _, over = heappop(ends)
        finish(world, over)

    later = {job_id: wait for job_id, wait in waited.items() if wait}
    assert set(later) == set(told)
    assert all(later[job_id] / 2 <= told[job_id] <= later[job_id] * 2 for job_id in later)
