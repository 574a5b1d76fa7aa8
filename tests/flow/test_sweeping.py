"""The sweep: what died half-way goes on, what is silent is taken up, what broke is told."""

from datetime import UTC, datetime, timedelta

import pytest

from reelsmith.domain.jobs import Failure, JobStatus, Stage
from reelsmith.domain.sweeps import Repair
from reelsmith.domain.tasks import TaskStatus
from reelsmith.domain.videos import Video
from reelsmith.ports import Run
from reelsmith.usecases import dispatching, film_sweep, sweeping
from reelsmith.usecases.film_sweep import EVERY
from tests.builders import TENANT
from tests.faults.rows import a_row
from tests.flow.test_running import begun, queue, seen
from tests.table.steps import a_film, moved
from tests.world import a_world

NOTHING = sweeping.Swept()


@pytest.fixture
def world():
    with a_world() as made:
        yield made


def swept(world, **span):
    world.later(**span)
    return sweeping.sweep(world.deps)


def report(world, job, progress):
    world.deps.jobs.report(
        TENANT, job.id, attempt=job.attempt, stage=Stage.RENDERING, progress=progress
    )


def told(world, thing):
    """What the journal says that the sweep did with a thing."""
    entries = world.deps.journal.page(TENANT, resource=thing.id, limit=50).entries
    return [entry.action for entry in reversed(entries) if entry.action.startswith("sweep.")]


def finished(world) -> Video:
    """A film with its row, as a job left it."""
    job = begun(world)
    done, video = a_film(job)
    moved(world.deps.jobs, job, done, video=video)
    world.deps.store.write(b"film", video.key, content_type="video/mp4")
    return video


def a_day_later(world):
    """The store stamps by the real clock."""
    world.clock.at = max(world.clock.at, datetime.now(UTC)) + EVERY + timedelta(seconds=1)


def test_a_quiet_system_is_swept_without_a_write(world):
    finished(world)
    queue(world)
    job = begun(world)
    report(world, job, 20)
    sweeping.sweep(world.deps)  # today's pass over the films
    before = world.table.items()

    assert [swept(world, minutes=1) for _ in range(3)] == [NOTHING] * 3
    assert world.table.items() == before


def test_a_job_in_which_nothing_goes_on_is_stopped_and_taken_up_again(world):
    job = begun(world)
    report(world, job, 40)

    rounds = [swept(world, minutes=5) for _ in range(5)]

    assert [one.repairs for one in rounds] == [{}, {}, {}, {Repair.SILENT: 1}, {}]
    assert not world.machine.look(job.run).open
    again = seen(world, job)
    assert (again.status, again.papers_of) == (JobStatus.QUEUED, 1)
    assert told(world, job) == ["sweep.silent"]
    assert dispatching.start_due(world.deps)[0].attempt == 2


def test_a_job_that_goes_on_however_slowly_is_left_alone(world):
    job = begun(world)
    for progress in range(20):
        report(world, job, progress)
        assert swept(world, minutes=14) == NOTHING
    assert seen(world, job).attempt == 1


def test_what_a_task_does_again_counts_as_going_on(world):
    """It reports nothing until it has come farther than the one that crashed."""
    job = begun(world)
    report(world, job, 40)
    for minute in range(0, 60, 6):
        row = a_row(job, index=minute, at=world.clock.at)
        world.deps.jobs.save_task(TENANT, row, expects=None)
        assert swept(world, minutes=6) == NOTHING


def test_a_run_that_died_without_a_word_is_told_of_in_the_journal(world):
    job = begun(world)
    world.machine.runs[job.run] = Run(open=False, succeeded=False, error="FAILED")

    assert swept(world, minutes=1).repairs == {Repair.RUN_OVER: 1}
    assert swept(world, minutes=1) == NOTHING
    assert told(world, job) == ["sweep.run_over"]


def test_a_run_that_was_cut_off_before_its_task_could_try_again_goes_on(world):
    job = begun(world)
    busy = Failure(code="unavailable", detail="the store did not answer", retryable=True)
    row = a_row(job, at=world.clock.at, status=TaskStatus.FAILED, error=busy)
    world.deps.jobs.save_task(TENANT, row, expects=None)
    world.machine.runs[job.run] = Run(open=False, succeeded=False, error="FAILED")

    assert swept(world, minutes=1).repairs == {Repair.RUN_OVER: 1}
    assert seen(world, job).status is JobStatus.QUEUED


def test_a_film_whose_file_is_gone_says_so_until_it_is_back(world):
    video = finished(world)
    assert sweeping.sweep(world.deps) == NOTHING
    world.deps.store.delete(video.key)
    assert swept(world, hours=1) == NOTHING  # one pass a day

    assert swept(world, days=1).repairs == {Repair.FILM_MISSING: 1}
    assert world.deps.videos.get(TENANT, video.id).missing
    assert swept(world, days=1) == NOTHING
    world.deps.store.write(b"film", video.key, content_type="video/mp4")
    assert swept(world, days=1).repairs == {Repair.FILM_FOUND: 1}
    assert not world.deps.videos.get(TENANT, video.id).missing
    assert told(world, video) == ["sweep.film_missing", "sweep.film_found"]


def test_a_film_that_belongs_to_nothing_goes_after_a_day(world):
    kept = finished(world)
    orphan = f"videos/{TENANT}/vid_{'f' * 32}/film.mp4"
    world.clock.at = datetime.now(UTC)
    world.deps.store.write(b"film", orphan, content_type="video/mp4")
    assert sweeping.sweep(world.deps) == NOTHING
    a_day_later(world)

    assert sweeping.sweep(world.deps).repairs == {Repair.FILM_UNOWNED: 1}

    assert [one.key for one in world.deps.store.list("videos/")] == [kept.key]


@pytest.mark.parametrize(("objects", "rows"), [(1_000, 250), (3, 2), (2, 1), (1_000, 1), (3, 250)])
def test_films_are_compared_piece_by_piece_with_nothing_left_out(
    world, monkeypatch, objects, rows
):
    monkeypatch.setattr(film_sweep, "_OBJECTS", objects)
    monkeypatch.setattr(film_sweep, "_ROWS", rows)
    films = [finished(world) for _ in range(5)]
    for video in films:
        world.deps.store.write(b"{}", f"{video.key}.json", content_type="application/json")
    for video in films[::2]:
        world.deps.store.delete(video.key)

    found = [swept(world, minutes=1).repairs[Repair.FILM_MISSING] for _ in range(3)]

    assert sum(found) == 3
