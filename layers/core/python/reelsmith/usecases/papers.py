"""The papers of one attempt: what its tasks hand to one another through the store."""

from typing import Self, TypeVar

from reelsmith.domain.jobs import Job, JobStatus
from reelsmith.domain.measures import Measured
from reelsmith.domain.model import Entity
from reelsmith.domain.timelines import Timeline
from reelsmith.errors import Cancelled, Stale
from reelsmith.ports import Deps
from reelsmith.storage import keys

PLAN, SCRIPT, CHECKED, FILM = "plan.json", "script.json", "checked.json", "film.mp4"

Paper = TypeVar("Paper", bound=Entity)


class ShootingScript(Entity):
    """A timeline with the content key of each scene, and which scenes were there already."""

    timeline: Timeline
    segments: tuple[str, ...]
    reused: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()


class Checked(Entity):
    """What the finished film measures, and what is remarkable about it."""

    measured: Measured
    warnings: tuple[str, ...] = ()


class Desk(Entity):
    """Where the papers of one attempt lie."""

    tenant: str
    job_id: str
    attempt: int

    @classmethod
    def of(cls, job: Job) -> Self:
        """The desk of the job's current attempt."""
        return cls(tenant=job.tenant, job_id=job.id, attempt=job.attempt)

    def key(self, name: str) -> str:
        """Where a paper lies in the store."""
        return keys.work(self.tenant, self.job_id, self.attempt, name)


def lay(deps: Deps, desk: Desk, name: str, paper: Entity) -> None:
    """Lay a paper on the desk. Laying it twice is laying it once."""
    body = paper.model_dump_json().encode()
    deps.store.write(body, desk.key(name), content_type="application/json")


def take(deps: Deps, desk: Desk, name: str, kind: type[Paper]) -> Paper:
    """Read a paper from the desk. Raises NotFound."""
    return kind.model_validate_json(deps.store.read(desk.key(name)))


def at_work(deps: Deps, desk: Desk) -> Job:
    """The job, if this attempt is still the one that works on it.

    Raises:
        Cancelled: it was called off.
        Stale: it ended, or another attempt took over.
    """
    job = deps.jobs.get(desk.tenant, desk.job_id)
    if job.cancel_requested or job.status is JobStatus.CANCELLED:
        raise Cancelled(f"job {job.id} was called off")
    if job.status is not JobStatus.PROCESSING or job.attempt != desk.attempt:
        raise Stale(f"attempt {desk.attempt} of job {job.id} is over")
    return job
