"""Stories of things that may die in the middle, and what they share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reelsmith.domain.jobs import JobStatus
from reelsmith.errors import MediaError
from reelsmith.ports import Deps
from reelsmith.usecases import dispatching, jobs
from reelsmith.usecases.jobs import Wanted
from reelsmith.usecases.once import Once
from reelsmith.workflow import rounds
from reelsmith.workflow.payloads import RunOf
from tests.builders import TENANT, a_caller, a_spec
from tests.faults import promises
from tests.world import World

SIZE = {"width": 270, "height": 480}
SMALL = {"resolution": SIZE, "duration_per_image": 0.5, "captions": "none"}
ONCE = Once(key="from the client", fingerprint="a" * 64)


def _one_round(world: World) -> None:
    rounds.housekeeping(world.deps)


@dataclass(frozen=True)
class Story:
    """`given` sets a world up, `act` may die anywhere in it, and in the end something `holds`.

    With `comes_again`, whatever set it off does so once more. `mends` is the one round that is to
    mend everything. `films` says that jobs are to be completed, by real rendering; else what runs
    is cut short.
    """

    name: str
    given: Callable[[World], Any]
    act: Callable[[Deps, Any], None]
    holds: Callable[[World, Any], None]
    comes_again: bool = True
    films: bool = False
    broken: Callable[[World], list[str]] = promises.broken
    mends: Callable[[World], None] = _one_round

    def __str__(self) -> str:
        return self.name


def queue(deps: Deps, **wanted: Any) -> Any:
    """Ask for a film, always with the same key."""
    film = Wanted(**{"title": "Summer sale", "spec": a_spec(**SMALL)} | wanted)
    return jobs.submit(deps, caller=a_caller(), wanted=film, once=ONCE).thing


def begun(world: World, **wanted: Any) -> Any:
    """A job whose first attempt has begun."""
    job = queue(world.deps, **wanted)
    dispatching.start_due(world.deps)
    return job


def several(world: World) -> None:
    """Three jobs in the queue."""
    for number in range(3):
        once = Once(key=f"row {number}", fingerprint="a" * 64)
        film = Wanted(title="Ad", spec=a_spec(**SMALL))
        jobs.submit(world.deps, caller=a_caller(), wanted=film, once=once)


def run_of(job: Any) -> RunOf:
    """The first attempt of a job."""
    return RunOf(tenant=TENANT, job_id=job.id, attempt=1)


def statuses(world: World) -> list[str]:
    """How all jobs stand."""
    return [job["status"] for job in promises.jobs(world)]


def ended(status: JobStatus, count: int = 1) -> Callable[[World, Any], None]:
    """So many jobs are there, and all ended like this."""

    def holds(world: World, _: Any) -> None:
        assert statuses(world) == [status] * count

    return holds


def cut_short(step: str) -> None:
    """What runs, for stories in which nothing is rendered."""
    raise MediaError(f"{step} was not wanted")
