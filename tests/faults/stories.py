"""What may die in the middle: a job from its request to its end, and all other stories."""

import json
from typing import Any

from reelsmith.domain.jobs import JobStatus
from reelsmith.ports import Deps
from reelsmith.usecases import dispatching, jobs, returning, sweeping
from reelsmith.usecases.once import Once
from reelsmith.workflow import endings, rounds
from tests.builders import TENANT, a_caller, a_spec
from tests.faults import batch_stories, file_stories, promises
from tests.faults.file_stories import begun_set, set_left_its_box, waiting_picture
from tests.faults.runs import here, patient, walk
from tests.faults.telling import Story, begun, ended, queue, run_of, several
from tests.world import World


def _queued(world: World) -> Any:
    return queue(world.deps)


def _submits(deps: Deps, asset: Any) -> None:
    queue(deps, spec=a_spec(images=(asset.id,)))


def _one_at_most(world: World, _: Any) -> None:
    assert len(promises.jobs(world)) <= 1


def _dispatches(deps: Deps, _: Any) -> None:
    rounds.dispatch(deps)


def _fails(deps: Deps, job: Any) -> None:
    said = {"Error": "MediaError", "Cause": json.dumps({"errorMessage": "a.png is no picture"})}
    endings.handle(deps, run_of(job).model_dump() | {"error": said})


def _is_cut_off(deps: Deps, job: Any) -> None:
    said = {"Error": "ABORTED", "Cause": ""}
    deps.workflow.stop(job.id, cause="the machine went away")
    endings.handle(deps, run_of(job).model_dump() | {"error": said})


def _calls_off(deps: Deps, job: Any) -> None:
    jobs.cancel(deps, caller=a_caller(), job_id=job.id)


def _failed(world: World) -> Any:
    job = begun(world)
    _fails(world.deps, job)
    return job


def _resumes(deps: Deps, job: Any) -> None:
    again = Once(key="again", fingerprint="b" * 64)
    returning.resume(deps, caller=a_caller(), job_id=job.id, once=again)


def _taken_up_once(world: World, job: Any) -> None:
    assert world.deps.jobs.get(TENANT, job.id).attempt == 2


def _left_alone(world: World) -> Any:
    """One job whose run is over, one whose run never began, one that goes on."""
    over, unstarted, _ = several(world) or dispatching.start_due(world.deps)
    world.machine.stop(over.run, cause="the machine went away")
    del world.machine.runs[unstarted.run]
    world.later(minutes=1)


def _sweeps(deps: Deps, _: Any) -> None:
    sweeping.sweep(deps)


def _runs(deps: Deps, job: Any) -> None:
    walk(patient(here(deps)), run_of(job))


def _runs_once(deps: Deps, job: Any) -> None:
    walk(here(deps), run_of(job))


STORIES = (
    Story("submit", waiting_picture, _submits, ended(JobStatus.FAILED)),
    Story("submit, never repeated", waiting_picture, _submits, _one_at_most, comes_again=False),
    Story("dispatch", several, _dispatches, ended(JobStatus.FAILED, 3), comes_again=False),
    Story("finalize", begun, _fails, ended(JobStatus.FAILED), comes_again=False),
    Story("finalize a dropped set", begun_set, _fails, set_left_its_box, comes_again=False),
    Story("take up again", begun, _is_cut_off, ended(JobStatus.FAILED), comes_again=False),
    Story("cancel", begun, _calls_off, ended(JobStatus.CANCELLED)),
    Story("cancel in the queue", _queued, _calls_off, ended(JobStatus.CANCELLED)),
    Story("resume", _failed, _resumes, _taken_up_once),
    Story("sweep", _left_alone, _sweeps, ended(JobStatus.FAILED, 3), comes_again=False),
    *batch_stories.STORIES,
    *file_stories.STORIES,
)
FILM = Story("a film", begun, _runs, ended(JobStatus.COMPLETED), False, films=True)
CUT_OFF = Story(
    "a film, its execution cut off",
    begun,
    _runs_once,
    ended(JobStatus.COMPLETED),
    comes_again=False,
    films=True,
)
