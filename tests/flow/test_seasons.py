"""Many files by their URLs in one job: each download a task, each failure told."""

import pytest

from reelsmith.domain.jobs import JobStatus
from reelsmith.domain.specs import SeasonSpec
from reelsmith.domain.tasks import TaskStatus
from reelsmith.errors import Conflict, Invalid
from reelsmith.usecases import jobs, returning, seasons, uploads
from reelsmith.usecases.jobs import Wanted
from reelsmith.workflow import rounds
from tests.builders import TENANT, a_caller, an_entry
from tests.table.steps import as_ready
from tests.world import a_world

URLS = tuple(f"https://example.com/{n}.mp4" for n in range(4))


@pytest.fixture
def world():
    with a_world() as made:
        yield made


def asked(world, urls=URLS):
    wanted = Wanted(title="Season 1", spec=SeasonSpec(urls=urls, data={"show": "X"}))
    return jobs.submit(world.deps, caller=a_caller(), wanted=wanted).thing


def go_on(world):
    return seasons.advance(world.deps, seconds=60)


def seen(world, job):
    return world.deps.jobs.get(TENANT, job.id)


def downloads(world, job):
    return world.deps.jobs.tasks(TENANT, job.id)


def comes(world, task):
    asset = world.deps.assets.get(TENANT, task.result_data["asset_id"])
    known = asset.model_copy(update={"sha256": f"{task.index:064x}", "size_bytes": 10})
    world.deps.assets.ready(asset, as_ready(known), entry=an_entry())


def fails(world, task):
    asset = world.deps.assets.get(TENANT, task.result_data["asset_id"])
    uploads.reject(world.deps, asset, "the server says 404")


def test_each_url_is_a_task_and_progress_is_the_share_that_is_done(world):
    job = asked(world)
    go_on(world)
    go_on(world)
    assert [order["url"] for order in world.deps.errands.orders[:4]] == list(URLS)
    assert len({order["asset_id"] for order in world.deps.errands.orders}) == 4

    first, second, *rest = downloads(world, job)
    comes(world, first)
    fails(world, second)
    go_on(world)

    half = seen(world, job)
    assert (half.status, half.stage, half.progress) == (JobStatus.PROCESSING, "downloading", 50)
    states = [task.status for task in downloads(world, job)]
    assert states[:2] == [TaskStatus.COMPLETED, TaskStatus.FAILED]

    for task in rest:
        comes(world, task)
    assert go_on(world) == 1
    over = seen(world, job)
    assert (over.status, over.progress) == (JobStatus.COMPLETED, 100)
    assert downloads(world, job)[1].error.detail == "the server says 404"


def test_only_when_all_fail_the_job_does_and_it_can_be_taken_up(world):
    job = asked(world)
    go_on(world)
    for task in downloads(world, job):
        fails(world, task)
    go_on(world)
    assert seen(world, job).status is JobStatus.FAILED

    returning.resume(world.deps, caller=a_caller(), job_id=job.id)
    go_on(world)

    assert seen(world, job).attempt == 2
    for task in downloads(world, job):
        comes(world, task)
    go_on(world)
    assert seen(world, job).status is JobStatus.COMPLETED


def test_what_does_not_come_in_time_has_failed(world):
    job = asked(world, URLS[:1])
    go_on(world)
    world.later(hours=5)
    go_on(world)
    assert seen(world, job).status is JobStatus.FAILED


def test_no_execution_and_no_slot_is_used_and_no_sweep_takes_it_for_stuck(world):
    job = asked(world)
    rounds.dispatch(world.deps)
    go_on(world)
    world.later(hours=1)
    rounds.housekeeping(world.deps)
    assert world.machine.runs == {}
    assert seen(world, job).status is JobStatus.PROCESSING


def test_a_job_that_is_called_off_goes_on_no_more(world):
    job = asked(world)
    go_on(world)
    jobs.cancel(world.deps, caller=a_caller(), job_id=job.id)
    for task in downloads(world, job):
        comes(world, task)
    assert go_on(world) == 0
    assert seen(world, job).status is JobStatus.CANCELLED


def test_downloads_of_a_job_that_is_called_off_are_called_off_with_it(world):
    job = asked(world)
    go_on(world)
    first, second, *_ = downloads(world, job)
    comes(world, first)
    fails(world, second)
    go_on(world)
    jobs.cancel(world.deps, caller=a_caller(), job_id=job.id)

    over, _, tasks = jobs.read(world.deps, caller=a_caller(), job_id=job.id)
    assert [task.status for task in tasks] == ["completed", "failed", "cancelled", "cancelled"]
    assert tasks[3].completed_at == over.completed_at


def test_what_came_in_part_is_completed_and_is_not_taken_up_again(world):
    job = asked(world)
    go_on(world)
    first, *rest = downloads(world, job)
    comes(world, first)
    for task in rest:
        fails(world, task)
    go_on(world)
    for again in (returning.retry, returning.resume):
        with pytest.raises(Conflict, match="completed"):
            again(world.deps, caller=a_caller(), job_id=job.id)


def test_urls_that_we_do_not_go_to_are_named(world):
    with pytest.raises(Invalid) as refused:
        asked(world, ("https://example.com/1.mp4", "file:///etc/passwd", "http://127.0.0.1/x"))
    assert "/urls/1" in {fault.pointer for fault in refused.value.faults}
