"""The log of events: nothing missing, nothing twice, and never one before what was seen."""

import random
from datetime import timedelta

import pytest

from reelsmith.domain.events import EventType
from reelsmith.domain.jobs import JobStatus
from reelsmith.errors import Conflict
from tests.builders import EPOCH, OWNER, TENANT, an_entry, an_id
from tests.homes import at_home
from tests.table.steps import a_film, ended, moved, started, submitted


@pytest.fixture
def events(table):
    return table.repositories.events


def publish(events, found=None, *, at=EPOCH, route=lambda event: ()):
    return events.publish(
        TENANT, events.untold(limit=100) if found is None else found, at=at, route=route
    )


def read(events, after=None, **more):
    return events.page(TENANT, after=after, limit=100, **more)


def test_every_move_of_a_job_tells_of_itself_once(jobs, events):
    running = started(jobs)
    done, video = a_film(running)
    entry = an_entry(action="job.completed", resource=running.id)
    jobs.move(running, done, entry=entry, video=video)
    jobs.move(running, done, entry=entry, video=video)  # the answer was lost

    assert publish(events)

    told = read(events).events
    assert sorted(event.type for event in told) == [
        EventType.JOB_COMPLETED,
        EventType.JOB_PROCESSING,
        EventType.JOB_QUEUED,
        EventType.VIDEO_READY,
    ]
    assert events.untold(limit=10) == ()
    assert entry.id in {event.id for event in told}


def test_a_move_that_is_refused_tells_of_nothing(jobs, events):
    job = submitted(jobs)
    cancelled = ended(jobs, job, JobStatus.CANCELLED)
    with pytest.raises(Conflict):
        moved(jobs, job, job.moved_to(JobStatus.FAILED, at=EPOCH))

    publish(events)

    assert [e.type for e in read(events).events] == ["job.queued", "job.cancelled"]
    assert cancelled.status is JobStatus.CANCELLED


def test_an_event_that_lands_late_comes_after_what_was_read(jobs, events):
    submitted(jobs, created_at=EPOCH, updated_at=EPOCH + timedelta(hours=1))
    publish(events, at=EPOCH + timedelta(hours=1))
    first = read(events)
    late = submitted(jobs)  # its writer was frozen for an hour, as its clock says

    publish(events, at=EPOCH)  # by a courier whose clock is late as well

    assert [e.resource for e in read(events, after=first.after).events] == [late.id]


def test_of_two_couriers_one_publishes_and_nothing_is_there_twice(jobs, events):
    submitted(jobs)
    seen = events.untold(limit=10)

    assert publish(events, seen)
    assert not publish(events, seen)

    assert len(read(events).events) == 1


@pytest.mark.parametrize("seed", range(5))
def test_a_follower_misses_nothing_however_writers_and_couriers_interleave(
    jobs, events, table, seed
):
    choose = random.Random(seed)
    followed, after, listed, made = [], None, [], 0
    for _ in range(60):
        step = choose.choice(["write", "write", "list", "publish", "follow", "jump"])
        if step == "write":
            made += 1
            submitted(jobs, updated_at=EPOCH + timedelta(seconds=choose.randrange(3600)))
        if step == "list":
            listed.append(events.untold(limit=choose.randrange(1, 6)))
        if step == "publish" and listed:
            found = listed.pop(choose.randrange(len(listed)))
            if found:
                publish(events, found, at=table.clock())
        if step == "follow":
            page = events.page(TENANT, after=after, limit=choose.randrange(1, 4))
            followed += [event.id for event in page.events]
            after = page.after
        if step == "jump":
            table.clock.at = EPOCH + timedelta(seconds=choose.randrange(7200))
    publish(events)
    followed += [event.id for event in read(events, after=after).events]

    assert len(followed) == len(set(followed)) == made


def test_a_page_shows_what_was_asked_for_and_where_to_go_on(jobs, events):
    other = an_id("usr")
    submitted(jobs)
    started(jobs)
    publish(events)

    one = events.page(TENANT, after=None, limit=1)
    assert (len(one.events), one.more) == (1, True)
    rest = read(events, after=one.after)
    assert (len(rest.events), rest.more) == (2, False)
    assert read(events, after=rest.after).after == rest.after
    assert len(read(events, owner=OWNER).events) == 3
    assert read(events, owner=other).events == ()
    found = read(events, types=[EventType.JOB_PROCESSING])
    assert [e.type for e in found.events] == ["job.processing"]
    assert found.after == rest.after


def test_a_tenant_has_a_log_of_its_own(jobs, events, table):
    elsewhere = at_home(table.repositories, id=an_id("ten"))
    submitted(jobs, tenant=elsewhere.id)
    events.publish(elsewhere.id, events.untold(limit=9), at=EPOCH, route=lambda event: ())

    assert read(events).events == ()
    assert len(events.page(elsewhere.id, after=None, limit=9).events) == 1


def test_more_events_than_fit_into_a_transaction_are_all_published(jobs, events):
    for _ in range(60):
        submitted(jobs)

    assert publish(events)

    assert len(read(events).events) == 60
