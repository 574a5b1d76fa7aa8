"""What was rendered once is not rendered again, whoever asks, and whatever became of the store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from reelsmith.domain.jobs import JobStatus, Transition
from reelsmith.storage import keys
from reelsmith.usecases import cache, dispatching, fanout, planning, rendering
from reelsmith.usecases.papers import Desk
from tests.builders import TENANT
from tests.flow.test_films import film_of, frames_of, made, queue, send, stored
from tests.pictures import a_picture
from tests.world import a_world

TEN = (
    "One first. Two next. Three now. Four more. Five up. Six on. Seven in. Eight so. Nine to. Ten."
)
OTHER = TEN.replace("Five up", "Five downwards")
SEGMENTS = f"cache/{TENANT}/segments/"
QUIET = {"voice": None, "captions": "none"}


@pytest.fixture
def world():
    with a_world() as made_world:
        yield made_world


def ten_pictures(world):
    return tuple(send(world, a_picture((25 * n, 90, 200 - 20 * n))) for n in range(10))


def row(world, job, kind):
    (task,) = (t for t in world.deps.jobs.tasks(TENANT, job.id) if t.task_type == kind)
    return task


def segments(world):
    return sorted(stored(world, SEGMENTS))


def spoil(world, key, change):
    body = world.deps.store.read(key)
    world.deps.store.write(change(body), key, content_type="application/octet-stream")


def same_frames(film, other):
    pairs = zip(frames_of(film), frames_of(other), strict=True)
    return all(np.array_equal(one, two) for one, two in pairs)


def test_a_changed_word_in_a_film_of_ten_scenes_renders_one_and_looks_as_if_all_were_new(world):
    cut = {"images": ten_pictures(world), "transition": Transition.CUT}
    first = made(world, text_prompt=TEN, **cut)
    assert (first.result.cache.hits, first.result.cache.misses) == (0, 10)

    changed = made(world, text_prompt=OTHER, **cut)

    assert (changed.result.cache.hits, changed.result.cache.misses) == (9, 1)
    assert changed.result.scenes_reused == 9
    cold = made(world, text_prompt=OTHER, fresh=True, **cut)
    assert (cold.result.cache.hits, cold.result.cache.misses) == (0, 10)
    assert same_frames(film_of(world, changed), film_of(world, cold))


def test_a_job_that_wants_no_stored_scenes_renders_all_and_stores_them_for_others(world):
    made(world, **QUIET)
    before = segments(world)
    for key in before:
        spoil(world, key, lambda body: b"spoiled")

    fresh = made(world, fresh=True, **QUIET)

    assert fresh.status is JobStatus.COMPLETED
    assert row(world, fresh, "render_scene").result_data["found"] == 0
    assert row(world, fresh, "assemble").result_data["repaired"] == 0
    assert segments(world) == before
    after = made(world, **QUIET)
    assert after.result.cache.misses == 0
    assert row(world, after, "assemble").result_data["repaired"] == 0


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda body: b"", id="nothing is left"),
        pytest.param(lambda body: body[:-100], id="the end is missing"),
        pytest.param(lambda body: body[:-9] + b"123456789", id="a few bytes are others"),
        pytest.param(lambda body: b"GARBAGE" + body[7:], id="it is something else"),
    ],
)
def test_a_stored_scene_that_was_damaged_is_rendered_again_and_the_film_is_as_it_was(
    world, damage
):
    good = made(world, **QUIET)
    spoil(world, segments(world)[0], damage)

    again = made(world, **QUIET)

    assert again.status is JobStatus.COMPLETED, again.error
    assert row(world, again, "assemble").result_data["repaired"] == 1
    assert film_of(world, again) == film_of(world, good)
    assert row(world, made(world, **QUIET), "assemble").result_data["repaired"] == 0


def test_a_stored_scene_that_goes_while_a_job_counts_on_it_is_rendered_again(world):
    good = made(world, **QUIET)

    def sweep_away(step):
        if step == "assemble":
            world.deps.store.delete(segments(world)[0])

    world.machine.before = sweep_away
    again = made(world, **QUIET)

    assert again.status is JobStatus.COMPLETED, again.error
    assert film_of(world, again) == film_of(world, good)


def test_two_jobs_that_render_the_same_scenes_at_once_both_get_their_film(world, monkeypatch):
    """Each is planned before the other has rendered, and neither sees what the other stores."""
    monkeypatch.setattr(cache, "holds", lambda *_, **__: False)
    jobs = [queue(world, **QUIET), queue(world, **QUIET)]
    dispatching.start_due(world.deps)
    world.machine.drive()

    done = [world.deps.jobs.get(TENANT, job.id) for job in jobs]

    assert [job.status for job in done] == [JobStatus.COMPLETED] * 2
    assert [job.result.cache.hits for job in done] == [0, 0]
    assert film_of(world, done[0]) == film_of(world, done[1])
    assert len(segments(world)) == done[0].result.scenes


def test_a_job_finds_what_another_rendered_after_it_was_planned(world):
    late, early = queue(world, **QUIET), queue(world, **QUIET)
    dispatching.start_due(world.deps)
    planned = [_planned(world, job) for job in (late, early)]

    found = [rendering.render(world.deps, *each).found for each in (planned[1], planned[0])]

    assert found[0] == 0
    assert found[1] == len(segments(world)) > 0


def _planned(world, job):
    """A started job up to its rendering: its desk, and the share of its only task."""
    desk = Desk(tenant=TENANT, job_id=job.id, attempt=1)
    planning.plan(world.deps, desk)
    script = planning.narrate(world.deps, desk)
    (share,) = fanout.share_out(world.deps, desk, script).shares
    return desk, share


@pytest.mark.parametrize(("days", "renewed"), [(1, False), (14, False), (16, True)])
def test_what_is_used_is_not_forgotten_after_thirty_days(world, days, renewed):
    """The bucket counts from when an object was written; a use in its second half counts anew."""
    key = keys.segment(TENANT, "f" * 64)
    world.deps.store.write(b"segment", key, content_type="application/octet-stream")
    now = datetime.now(UTC) + timedelta(days=days)
    deps = replace(world.deps, now=lambda: now)
    before = deps.store.head(key)

    assert cache.holds(deps, key)

    after = deps.store.head(key)
    assert (after.version != before.version) == renewed
    assert deps.store.read(key) == b"segment"
