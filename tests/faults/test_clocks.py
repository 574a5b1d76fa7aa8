"""F8: workers whose clocks are an hour apart, and clocks that are set back while they work."""

import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from reelsmith.domain.jobs import JobStatus, Stage
from reelsmith.errors import Cancelled
from reelsmith.usecases import dispatching, jobs, sweeping, vanishing
from reelsmith.usecases.papers import Desk
from reelsmith.usecases.progress import Reporter, ShareReporter
from reelsmith.workflow import rounds, steps
from tests.builders import TENANT, a_caller
from tests.faults.test_cancel import QUIET
from tests.flow.test_films import queue
from tests.table.steps import usage
from tests.world import a_world

HOUR = timedelta(hours=1)
SKEWS = (-HOUR, timedelta(0), HOUR)
WORK = ("plan", "narrate", "render_scene", "assemble", "check", "publish")


@pytest.fixture
def world():
    with a_world() as made_world:
        yield made_world


def off_by(world, skew):
    """The same world as somebody sees it whose clock is wrong."""
    return replace(world.deps, now=lambda: world.clock.at + skew)


def with_skewed_workers(patch, world, skews):
    """Each step runs on another machine, with the next of these clocks."""
    for number, step in enumerate(WORK):
        real, skew = getattr(steps, step), skews[number % len(skews)]

        def skewed(deps, given, real=real, skew=skew):
            return real(off_by(world, skew), given)

        patch.setattr(steps, step, skewed)


@pytest.mark.parametrize("skews", [(HOUR, -HOUR), (-HOUR, HOUR, timedelta(0)), (-HOUR,)])
def test_a_job_whose_workers_disagree_about_the_time_ends_as_any_other(
    world, monkeypatch, skews, capsys
):
    with_skewed_workers(monkeypatch, world, skews)
    job = queue(world, text_prompt="Buy.", **QUIET)
    dispatching.start_due(off_by(world, skews[-1]))
    world.machine.drive()
    for skew in SKEWS:
        sweeping.sweep(off_by(world, skew))

    done = world.deps.jobs.get(TENANT, job.id)
    with capsys.disabled():
        sys.stdout.write(f"\nF8: clocks off by {[str(s) for s in skews]}: {done.status}\n")
    assert (done.status, done.attempt) == (JobStatus.COMPLETED, 1)
    assert done.completed_at >= done.started_at
    assert usage(world.table, TENANT)["n_completed"] == 1


@pytest.mark.parametrize("skew", SKEWS, ids=str)
def test_a_sweep_whose_clock_is_wrong_stops_no_job_that_goes_on(world, skew):
    job = queue(world)
    dispatching.start_due(world.deps)
    repairs = Counter()
    for minute in range(25):
        world.later(minutes=1)
        world.deps.jobs.report(
            TENANT, job.id, attempt=1, stage=Stage.RENDERING, progress=10 + minute
        )
        repairs += sweeping.sweep(off_by(world, skew)).repairs

    assert repairs == {}
    assert world.deps.jobs.get(TENANT, job.id).attempt == 1


@pytest.mark.parametrize("skew", SKEWS, ids=str)
def test_a_sweep_whose_clock_is_wrong_still_finds_the_job_in_which_nothing_goes_on(world, skew):
    job = queue(world)
    dispatching.start_due(off_by(world, -skew))
    minutes = 0
    while world.deps.jobs.get(TENANT, job.id).status is JobStatus.PROCESSING:
        world.later(minutes=1)
        minutes += 1
        sweeping.sweep(off_by(world, skew))
        assert minutes < 30

    assert minutes >= sweeping.NO_PROGRESS.total_seconds() / 60


def test_sweeps_that_disagree_about_the_time_stop_no_job_that_goes_on(world):
    job = queue(world)
    dispatching.start_due(world.deps)
    for minute in range(25):
        world.later(minutes=1)
        world.deps.jobs.report(
            TENANT, job.id, attempt=1, stage=Stage.RENDERING, progress=10 + minute
        )
        found = sweeping.sweep(off_by(world, SKEWS[minute % 3])).repairs
        assert found == {}, minute


@pytest.mark.parametrize("reporter", [Reporter, ShareReporter])
def test_a_worker_whose_clock_is_set_back_still_hears_that_it_is_called_off(world, reporter):
    job = queue(world)
    dispatching.start_due(world.deps)
    desk = Desk(tenant=TENANT, job_id=job.id, attempt=1)
    world.deps.jobs.share_out(
        TENANT, job.id, attempt=1, stage=Stage.RENDERING, begin=10, end=85, shares=[1_000]
    )
    report = (
        Reporter(world.deps, desk, Stage.RENDERING)
        if reporter is Reporter
        else ShareReporter(world.deps, desk, task=0, tasks=1)
    )
    amounts = (0.2, 0.3) if reporter is Reporter else (10, 20)
    report(amounts[0])
    jobs.cancel(world.deps, caller=a_caller(), job_id=job.id)
    world.clock.at -= HOUR

    with pytest.raises(Cancelled):
        report(amounts[1])


@pytest.mark.parametrize("skew", SKEWS, ids=str)
def test_two_dispatchers_with_different_clocks_start_a_job_once(world, skew):
    job = queue(world)

    started = [*dispatching.start_due(world.deps), *dispatching.start_due(off_by(world, skew))]

    assert [one.id for one in started] == [job.id]
    assert len(world.machine.runs) == 1


@pytest.mark.parametrize("skew", SKEWS, ids=str)
def test_a_house_kept_by_a_wrong_clock_loses_nothing(world, skew):
    deps = off_by(world, skew)
    job = queue(world, text_prompt="Buy.", **QUIET)
    for _ in range(3):
        rounds.housekeeping(deps)
        vanishing.advance(deps, seconds=1)
        world.later(minutes=1)
    world.machine.drive()

    done = world.deps.jobs.get(TENANT, job.id)
    assert done.status is JobStatus.COMPLETED
    assert world.deps.store.head(world.deps.videos.get(TENANT, done.video_id).key)
