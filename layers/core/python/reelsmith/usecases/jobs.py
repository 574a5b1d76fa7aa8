"""Ask for a film, look at it, call it off."""

from dataclasses import dataclass

from reelsmith.domain import audit, rights
from reelsmith.domain.ids import Kind
from reelsmith.domain.jobs import (
    Failure,
    Job,
    JobStatus,
    Priority,
    echo_of,
)
from reelsmith.domain.people import Caller
from reelsmith.domain.rights import Act
from reelsmith.domain.specs import Spec
from reelsmith.domain.tasks import Task
from reelsmith.errors import Conflict
from reelsmith.ports import Deps, Made
from reelsmith.recipes import kinds
from reelsmith.usecases import ingredients
from reelsmith.usecases.clearing import clear_later
from reelsmith.usecases.once import Once, record


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job stands in a batch, and the id that it has by that."""

    batch: str
    row: int
    job_id: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request for a film, as any entrance hands it over."""

    title: str
    spec: Spec
    priority: Priority = Priority.NORMAL
    drop: str | None = None
    place: Place | None = None


def submit(deps: Deps, *, caller: Caller, wanted: Wanted, once: Once | None = None) -> Made[Job]:
    """Queue one film. When this returns, the job is stored and will come to an end.

    Raises:
        Forbidden: the caller makes no jobs.
        Invalid: an asset that is not there, not ready or of another type; every one is named.
        KeyReused, OverQuota, NotFound: as `Jobs.create`.
    """
    rights.require(caller, Act.JOBS_CREATE)
    if once and (earlier := replayed(deps, caller=caller, once=once)):
        return earlier
    ingredients.check(deps, caller=caller, spec=wanted.spec)
    created = store(deps, caller=caller, wanted=wanted, once=once)
    deps.wake()
    return created


def store(deps: Deps, *, caller: Caller, wanted: Wanted, once: Once | None = None) -> Made[Job]:
    """Store a job whose material was looked at; somebody has to wake the dispatcher.

    Raises KeyReused, OverQuota, NotFound, Conflict as `Jobs.create`.
    """
    job = _new_job(deps, caller, wanted)
    entry = audit.by_caller(
        caller,
        entry_id=deps.new_id(Kind.EVENT),
        action="job.created",
        resource=job.id,
        at=job.created_at,
        kind=job.kind,
        priority=job.priority,
    )
    return deps.jobs.create(job, wanted.spec, entry=entry, idempotency=record(deps, caller, once))


def replayed(deps: Deps, *, caller: Caller, once: Once) -> Made[Job] | None:
    """The job that this key made before, if any. Raises KeyReused."""
    earlier = deps.jobs.replay(caller.tenant, record(deps, caller, once))
    return Made(earlier, replayed=True) if earlier else None


def read(deps: Deps, *, caller: Caller, job_id: str) -> tuple[Job, Spec, tuple[Task, ...]]:
    """A job with what was asked for and its tasks. Raises NotFound, also for another tenant's."""
    job = deps.jobs.get(caller.tenant, job_id)
    rights.require_on(caller, Act.JOBS_READ, job, called=f"job {job_id}")
    return job, *around(deps, job)


def around(deps: Deps, job: Job) -> tuple[Spec, tuple[Task, ...]]:
    """What was asked for, and the tasks of a job. Raises NotFound."""
    tasks = deps.jobs.tasks(job.tenant, job.id)
    return deps.jobs.spec(job.tenant, job.id), tuple(task.beside(job) for task in tasks)


def cancel(deps: Deps, *, caller: Caller, job_id: str) -> Job:
    """Call a job off, in whatever state it is. A cancelled job answers as it stands.

    Raises:
        Forbidden, NotFound: as `rights.require_on`.
        Conflict: it is completed or failed already, or moved again and again while we looked.
    """
    for _ in range(5):
        job = deps.jobs.get(caller.tenant, job_id)
        rights.require_on(caller, Act.JOBS_CANCEL, job, called=f"job {job_id}")
        if job.status is JobStatus.CANCELLED:
            return job
        try:
            gone = _called_off(deps, caller, job)
        except Conflict:
            if job.status.final:
                raise
        else:
            clear_later(deps, gone)
            deps.wake()  # its slot is free
            return gone
    raise Conflict(f"job {job_id} is changing too fast; ask again")


def _new_job(deps: Deps, caller: Caller, wanted: Wanted) -> Job:
    now, place = deps.now(), wanted.place
    return Job(
        id=place.job_id if place else deps.new_id(Kind.JOB),
        tenant=caller.tenant,
        owner=caller.owner,
        kind=wanted.spec.kind,
        title=wanted.title,
        priority=wanted.priority,
        estimated_duration=kinds.estimated_seconds(wanted.spec),
        drop=wanted.drop,
        metadata=echo_of(wanted.spec.metadata),
        batch=place.batch if place else None,
        row=place.row if place else None,
        created_at=now,
        updated_at=now,
    )


def _called_off(deps: Deps, caller: Caller, job: Job) -> Job:
    now = deps.now()
    over = job.moved_to(
        JobStatus.CANCELLED,
        at=now,
        completed_at=now,
        error=Failure(code="cancelled", detail="called off by its owner"),
    )
    if job.status is JobStatus.PROCESSING:
        # the flag first: a worker sees it with its next report, however the rest goes
        asked = audit.by_caller(
            caller,
            entry_id=deps.new_id(Kind.EVENT),
            action="job.cancel_requested",
            resource=job.id,
            at=now,
        )
        deps.jobs.ask_to_cancel(job, entry=asked)
        deps.workflow.stop(job.run, cause="called off by its owner")
    entry = audit.by_caller(
        caller,
        entry_id=deps.new_id(Kind.EVENT),
        action="job.cancelled",
        resource=job.id,
        at=now,
    )
    return deps.jobs.move(job, over.model_copy(update={"cancel_requested": True}), entry=entry)
