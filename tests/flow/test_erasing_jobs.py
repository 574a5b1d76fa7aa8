"""A job is deleted: its rows, its pointer, its counts, its papers, and its film if wished."""

import pytest

from reelsmith import aws
from reelsmith.domain.people import Role
from reelsmith.errors import Conflict, Forbidden, NotFound
from reelsmith.table.reconcile import reconcile
from reelsmith.usecases import erasing, vanishing
from reelsmith.workflow import endings
from tests.builders import OWNER, TENANT, a_caller, a_user
from tests.erasing import Hoard, hoard, left_of, objects
from tests.homes import moved_in
from tests.table.steps import a_film, ended, moved, started, submitted
from tests.world import BUCKET, a_world


@pytest.fixture
def world():
    with a_world() as made:
        yield made


def a_finished_job(world, **changes):
    running = started(world.deps.jobs, **changes)
    done, video = a_film(running)
    moved(world.deps.jobs, running, done, video=video)
    for key in (video.key, f"work/{TENANT}/{done.id}/1/plan.json"):
        aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"x")
    return done, video


def test_a_deleted_job_leaves_nothing_but_its_history(world):
    job, video = a_finished_job(world)

    erasing.delete_job(world.deps, caller=a_caller(), job_id=job.id)
    world.later(hours=1)
    vanishing.advance(world.deps, seconds=10)

    left = left_of(world.table, job.id)
    assert {item["et"] for item in left} == {"video", "told"}  # its events are history
    assert objects(BUCKET) == {video.key}
    assert reconcile(world.table.database, TENANT) == {}


def test_its_film_goes_with_it_when_that_is_asked_for(world):
    job, video = a_finished_job(world)

    erasing.delete_job(world.deps, caller=a_caller(), job_id=job.id, film=True)

    assert not [item for item in left_of(world.table, video.id) if item["et"] == "video"]
    assert reconcile(world.table.database, TENANT) == {}


def test_an_unfinished_job_is_not_deleted(world):
    for job in (submitted(world.deps.jobs), started(world.deps.jobs)):
        with pytest.raises(Conflict, match="call it off"):
            erasing.delete_job(world.deps, caller=a_caller(), job_id=job.id)


def test_papers_wait_until_no_task_can_write_any_more(world):
    running = started(world.deps.jobs)
    job = ended(world.deps.jobs, running)
    world.clock.at = job.updated_at
    paper = f"work/{TENANT}/{job.id}/1/plan.json"
    erasing.delete_job(world.deps, caller=a_caller(), job_id=job.id)
    aws.client("s3").put_object(Bucket=BUCKET, Key=paper, Body=b"late")

    vanishing.advance(world.deps, seconds=10)
    assert objects(BUCKET) == {paper}
    world.later(minutes=16)
    vanishing.advance(world.deps, seconds=10)

    assert objects(BUCKET) == set()


def test_a_deleted_job_is_not_found_and_nobody_else_deletes_it(world):
    job, _ = a_finished_job(world)
    other = moved_in(world.table.repositories, a_user(id="usr_other"))

    with pytest.raises(NotFound):
        erasing.delete_job(world.deps, caller=a_caller(owner=other.id), job_id=job.id)
    with pytest.raises(NotFound):
        erasing.delete_job(world.deps, caller=a_caller(tenant="ten_other"), job_id=job.id)
    with pytest.raises(Forbidden):
        erasing.delete_job(world.deps, caller=a_caller(role=Role.VIEWER), job_id=job.id)
    erasing.delete_job(world.deps, caller=a_caller(role=Role.ADMIN, owner="x"), job_id=job.id)
    with pytest.raises(NotFound):
        erasing.delete_job(world.deps, caller=a_caller(), job_id=job.id)


def test_a_job_with_more_tasks_than_a_transaction_holds_is_deleted(world):
    hoard(world.table, OWNER, Hoard(jobs=1, tasks=230, videos=0, assets=0, keys=0, sessions=0))
    (job,) = [item["id"] for item in world.table.items() if item.get("et") == "job"]

    erasing.delete_job(world.deps, caller=a_caller(), job_id=job)

    assert [item["et"] for item in left_of(world.table, job)] == ["leftover"]
    assert reconcile(world.table.database, TENANT) == {}


def test_a_run_that_ends_after_its_job_was_deleted_troubles_nobody(world):
    job = ended(world.deps.jobs, started(world.deps.jobs))
    erasing.delete_job(world.deps, caller=a_caller(), job_id=job.id)
    run = {"tenant": TENANT, "job_id": job.id, "attempt": 1, "error": {"Error": "ABORTED"}}

    assert endings.handle(world.deps, run) == {"status": "gone"}
