"""F10: a worker freezes, its job is taken up by another, and then it comes back.

Whatever it still tries is refused by the number of its attempt: rows, progress, results, films.
What it laid down before it froze lies under its own number, or under the content that it is.
"""

import os
import sys

import pytest

from reelsmith.domain.jobs import JobStatus, Stage
from reelsmith.domain.tasks import TaskStatus
from reelsmith.errors import Conflict, ReelsmithError, Stale
from reelsmith.storage import keys
from reelsmith.storage.s3 import S3Store
from reelsmith.table.jobs import JobTable
from reelsmith.usecases import cache, dispatching, returning, running, sweeping
from reelsmith.workflow import endings, steps
from reelsmith.workflow.definition import STEPS
from reelsmith.workflow.payloads import RunOf, SceneTask
from tests.builders import TENANT, a_caller
from tests.faults.rows import a_row
from tests.faults.test_cancel import QUIET
from tests.flow.test_films import film_of, frames_of, made, queue, stored
from tests.table.steps import usage
from tests.world import a_world

LATE = RunOf(tenant=TENANT, job_id="", attempt=1)
WORK = [step for step in STEPS if step != "finalize"]
CUT = running.interrupted("the worker froze")


@pytest.fixture
def world():
    with a_world() as made_world:
        yield made_world


def begun(world):
    job = queue(world, text_prompt="Buy.", **QUIET)
    dispatching.start_due(world.deps)
    return world.deps.jobs.get(TENANT, job.id)


def taken_over(world, job):
    """The job as the second attempt works on it."""
    running.end(world.deps, tenant=TENANT, job_id=job.id, attempt=1, failure=CUT)
    dispatching.start_due(world.deps)
    return world.deps.jobs.get(TENANT, job.id)


def writes(world, job):
    """Everything that a worker of the first attempt may still write, by name."""
    table = world.deps.jobs
    at = {"attempt": 1}
    row = a_row(job, at=world.clock.at)
    done = row.model_copy(update={"status": TaskStatus.COMPLETED, "progress": 100.0})
    film = job.moved_to(JobStatus.COMPLETED, at=world.clock.at)
    entry = dispatching.entry_of(world.deps, job, "completed-1")
    return {
        "progress": lambda: table.report(
            TENANT, job.id, **at, stage=Stage.RENDERING, progress=99.0
        ),
        "share of progress": lambda: table.report_share(TENANT, job.id, **at, task=0, done=10_000),
        "shares": lambda: table.share_out(
            TENANT, job.id, **at, stage=Stage.RENDERING, begin=10, end=85, shares=[1]
        ),
        "a new row of a task": lambda: table.save_task(TENANT, row, expects=None),
        "the end of a task": lambda: table.save_task(TENANT, done, expects=row),
        "the film": lambda: table.move(job, film, entry=entry),
    }


NAMES = ("progress", "share of progress", "shares", "a new row of a task", "the end of a task")


@pytest.mark.parametrize("name", [*NAMES, "the film"])
def test_each_write_of_the_old_attempt_is_refused(world, name):
    job = begun(world)
    late = writes(world, job)[name]
    taken_over(world, job)
    before = world.table.items()

    with pytest.raises(Conflict):
        late()

    assert world.table.items() == before


@pytest.mark.parametrize("step", WORK)
def test_no_step_of_the_old_attempt_begins(world, step):
    job = begun(world)
    late = LATE.model_copy(update={"job_id": job.id})
    taken_over(world, job)

    with pytest.raises(Stale):
        getattr(steps, step)(world.deps, _scene(late) if step == "render_scene" else late)


def _scene(run):
    return SceneTask(**run.model_dump(), index=0, first=0, end=1)


def freezes_at(world, call):
    """A whole first attempt that freezes at one call of table or store, and then goes on.

    While it is frozen the sweep notices, and a second attempt does all the work.
    """
    job, seen = begun(world), {"calls": 0, "away": False}

    def go_on_without_it():
        world.machine.stop(job.run, cause="nothing went on")
        world.later(minutes=1)
        sweeping.sweep(world.deps)
        dispatching.start_due(world.deps)
        world.machine.drive()

    with pytest.MonkeyPatch.context() as patch:
        for kind, names in ((JobTable, WRITERS), (S3Store, ("write", "put", "copy"))):
            for name in names:
                _freezing(patch, kind, name, seen, call, go_on_without_it)
        world.machine.runs[job.run] = world.machine.look(job.run)
        world.machine.drive()
    return world.deps.jobs.get(TENANT, job.id), seen["calls"]


WRITERS = ("report", "report_share", "share_out", "save_task", "move")


def _freezing(patch, kind, name, seen, call, meanwhile):
    real = getattr(kind, name)

    def slow(port, *given, **named):
        if not seen["away"]:
            seen["calls"] += 1
            if seen["calls"] == call:
                seen["away"] = True
                meanwhile()
        return real(port, *given, **named)

    patch.setattr(kind, name, slow)


def test_frozen_at_any_write_there_is_one_film_with_the_frames_of_an_undisturbed_job(capsys):
    with a_world() as world:
        whole = made(world, text_prompt="Buy.", **QUIET)
        wanted = frames_of(film_of(world, whole))
    with a_world() as world:
        _, calls = freezes_at(world, None)
    ends, films, active = [], [], []
    step = 1 if os.environ.get("REELSMITH_FAULTS") == "long" else 5
    for call in range(1, calls + 1, step):
        with a_world() as world:
            job, _ = freezes_at(world, call)
            ends.append((job.status, job.attempt))
            films.append(len([k for k in stored(world, keys.VIDEOS) if k.endswith("film.mp4")]))
            active.append(usage(world.table, TENANT).get("active", 0))
            same = zip(wanted, frames_of(film_of(world, job)), strict=True)
            assert all((one == other).all() for one, other in same)

    with capsys.disabled():
        sys.stdout.write(
            f"\nF10: frozen at {len(ends)} of {calls} writes of a run: {ends.count(ends[0])} ended"
            f" as {ends[0][0]} by attempt {ends[0][1]}, {sum(films)} films, all of equal frames\n"
        )
    assert set(ends) <= {(JobStatus.COMPLETED, 2), (JobStatus.COMPLETED, 1)}
    assert set(films) == {1}
    assert set(active) == {0}


def test_an_end_that_is_told_late_does_not_end_the_next_attempt(world):
    job = begun(world)
    now = taken_over(world, job)
    run = {"tenant": TENANT, "job_id": job.id, "attempt": 1, "error": {"Error": "MediaError"}}

    endings.handle(world.deps, run)

    assert world.deps.jobs.get(TENANT, job.id) == now


def test_a_worker_of_a_failed_attempt_is_refused_by_the_one_that_was_resumed(world):
    job = begun(world)
    failure = CUT.model_copy(update={"code": "media_error"})
    running.end(world.deps, tenant=TENANT, job_id=job.id, attempt=1, failure=failure)
    late = writes(world, job)
    returning.resume(world.deps, caller=a_caller(), job_id=job.id)
    dispatching.start_due(world.deps)

    for write in late.values():
        with pytest.raises(Conflict):
            write()


def test_what_a_late_worker_puts_into_the_cache_is_what_its_key_says(world):
    """It needs no fence: the same key is the same picture, whoever wrote it."""
    first = made(world, text_prompt="Buy.", **QUIET)
    (key,) = [one for one in stored(world, keys.CACHE) if one.endswith(".seg")]
    before = world.deps.store.read(key)
    again = made(world, text_prompt="Buy.", fresh=True, **QUIET)

    assert (first.status, again.status) == (JobStatus.COMPLETED, JobStatus.COMPLETED)
    assert world.deps.store.read(key) == before
    assert cache.holds(world.deps, key)


def test_an_error_of_the_late_worker_is_not_the_jobs(world):
    job = begun(world)
    late = LATE.model_copy(update={"job_id": job.id})
    now = taken_over(world, job)

    with pytest.raises(ReelsmithError):
        steps.publish(world.deps, late)

    assert world.deps.jobs.get(TENANT, job.id) == now
