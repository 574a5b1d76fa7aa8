"""Failed jobs taken up again: what was finished is not done again, and no old worker gets in."""

import pytest

from reelsmith.domain.ids import Kind
from reelsmith.domain.jobs import JobStatus, Transition
from reelsmith.errors import Conflict, KeyReused, NotFound, Stale, Unavailable
from reelsmith.usecases import dispatching, jobs, planning, returning
from reelsmith.usecases.once import Once
from reelsmith.workflow import steps
from reelsmith.workflow.payloads import RunOf
from tests.builders import TENANT, a_caller, an_id
from tests.flow.test_films import film_of, frames_of, made, queue, send, stored
from tests.pictures import a_picture
from tests.world import a_world

WORDS = "One first. Two next. Three now."
SEGMENTS = f"cache/{TENANT}/segments/"


@pytest.fixture
def world():
    with a_world() as made_world:
        yield made_world


def pictures(world):
    return tuple(send(world, a_picture((70 * n, 90, 200))) for n in range(3))


def breaks_before(world, step):
    def before(name):
        if name == step:
            raise Unavailable("a service was busy for longer than we try")

    world.machine.before = before


def failed(world, step, **spec):
    """A job of three scenes that fails where `step` begins."""
    breaks_before(world, step)
    cut = {"images": pictures(world), "transition": Transition.CUT, "text_prompt": WORDS}
    job = made(world, **cut | spec)
    world.machine.before = lambda name: None
    assert job.status is JobStatus.FAILED
    return job


def driven(world, job):
    dispatching.start_due(world.deps)
    world.machine.drive()
    return world.deps.jobs.get(TENANT, job.id)


def rows(world, job, attempt):
    tasks = world.deps.jobs.tasks(TENANT, job.id)
    return {task.task_type: task for task in tasks if task.attempt == attempt}


def test_a_resumed_job_does_nothing_again_that_was_finished(world, monkeypatch):
    job = failed(world, "assemble")
    before = stored(world, SEGMENTS)
    looked_at, spoken = [], []
    monkeypatch.setattr(
        planning.material, "inspected", lambda *_: looked_at.append(1) or (270, 480)
    )
    monkeypatch.setattr(type(world.deps.speaker), "speak", lambda *_, **__: spoken.append(1))

    returning.resume(world.deps, caller=a_caller(), job_id=job.id)
    done = driven(world, job)

    assert (done.status, done.attempt) == (JobStatus.COMPLETED, 2)
    assert (looked_at, spoken) == ([], [])
    assert (done.result.cache.hits, done.result.cache.misses) == (3, 0)
    assert "render_scene" not in rows(world, job, 2)
    assert stored(world, SEGMENTS) == before
    assert (done.error, done.started_at <= done.completed_at) == (None, True)


def test_a_resumed_film_is_the_one_that_an_undisturbed_job_makes(world):
    whole = made(world, images=pictures(world), transition=Transition.CUT, text_prompt=WORDS)
    broken = failed(world, "render_scene", fresh=True)

    returning.resume(world.deps, caller=a_caller(), job_id=broken.id)
    done = driven(world, broken)

    pairs = zip(frames_of(film_of(world, whole)), frames_of(film_of(world, done)), strict=True)
    assert all((one == other).all() for one, other in pairs)


def test_a_retry_looks_at_the_files_again_and_when_fresh_renders_all_anew(world, monkeypatch):
    job = failed(world, "check")
    looks = []
    inspected = planning.material.inspected
    monkeypatch.setattr(
        planning.material, "inspected", lambda *of: looks.append(1) or inspected(*of)
    )

    world.later(minutes=1)
    returning.retry(world.deps, caller=a_caller(), job_id=job.id, fresh=True)
    done = driven(world, job)

    assert done.status is JobStatus.COMPLETED
    assert len(looks) == 3
    assert (done.result.cache.hits, done.result.cache.misses) == (0, 3)


def test_a_worker_of_the_failed_attempt_changes_nothing_in_the_next(world):
    job = failed(world, "publish")
    returning.resume(world.deps, caller=a_caller(), job_id=job.id)
    late = RunOf(tenant=TENANT, job_id=job.id, attempt=1)

    with pytest.raises(Stale):
        steps.publish(world.deps, late)
    dispatching.start_due(world.deps)
    with pytest.raises(Stale):
        steps.publish(world.deps, late)

    assert stored(world, "videos/") == set()
    assert world.deps.jobs.get(TENANT, job.id).attempt == 2


def test_asked_twice_with_one_key_it_is_one_attempt(world):
    job = failed(world, "check")
    asked = {"caller": a_caller(), "job_id": job.id, "once": Once("again", "f" * 64)}

    first = returning.resume(world.deps, **asked)
    second = returning.resume(world.deps, **asked)

    assert (first.replayed, second.replayed) == (False, True)
    assert driven(world, job).attempt == 2
    with pytest.raises(KeyReused):
        returning.resume(world.deps, **asked | {"once": Once("again", "0" * 64)})


@pytest.mark.parametrize("take_up", [returning.resume, returning.retry])
def test_only_a_failed_job_of_the_callers_own_tenant_comes_back(world, take_up):
    waiting = queue(world)
    with pytest.raises(Conflict, match="is queued"):
        take_up(world.deps, caller=a_caller(), job_id=waiting.id)
    jobs.cancel(world.deps, caller=a_caller(), job_id=waiting.id)
    with pytest.raises(Conflict, match="is cancelled"):
        take_up(world.deps, caller=a_caller(), job_id=waiting.id)
    with pytest.raises(NotFound):
        take_up(world.deps, caller=a_caller(tenant=an_id(Kind.TENANT)), job_id=waiting.id)


def test_the_journal_tells_who_took_it_up_and_after_what(world):
    job = failed(world, "check")
    returning.resume(world.deps, caller=a_caller(), job_id=job.id)

    page = world.deps.journal.page(TENANT, resource=job.id, limit=10)

    (entry,) = [entry for entry in page.entries if entry.action == "job.resumed"]
    assert entry.actor == a_caller().owner
    assert entry.changes == {"attempt": 2, "failed_with": "unavailable"}
