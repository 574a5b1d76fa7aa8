"""Queued jobs set going while slots are free."""

from collections.abc import Sequence

from reelsmith.domain import audit, ids
from reelsmith.domain.ids import Kind
from reelsmith.domain.jobs import Job, JobStatus
from reelsmith.errors import Conflict
from reelsmith.ports import Deps


def start_due(deps: Deps) -> Sequence[Job]:
    """Start queued jobs of all tenants, most urgent first, while slots are free."""
    free = deps.settings.max_running - len(deps.jobs.running())
    started: list[Job] = []
    if free <= 0:
        return started
    for job in deps.jobs.queued(limit=free * 2):
        if len(started) == free:
            break
        try:
            started.append(start(deps, job))
        except Conflict:
            continue  # called off, or started by another round, since it was listed
    return started


def start(deps: Deps, job: Job) -> Job:
    """Begin the next attempt of a queued job.

    The row moves first, so that a slot is never given twice; should we die before the execution
    starts, the sweep starts it. Raises Conflict when the job moved meanwhile.
    """
    now = deps.now()
    attempt = job.attempt + 1
    begun = job.moved_to(
        JobStatus.PROCESSING,
        at=now,
        attempt=attempt,
        started_at=job.started_at or now,
        progress=0.0,
    )
    running = deps.jobs.move(job, begun, entry=entry_of(deps, job, f"started-{attempt}"))
    deps.workflow.start(running.run, payload_of(running))
    return running


def entry_of(deps: Deps, job: Job, what: str) -> audit.AuditEntry:
    """The entry of a move; its id follows from the move, so a repeated one is the same one."""
    action, _, attempt = what.partition("-")
    return audit.by_system(
        job.tenant,
        entry_id=ids.derived(Kind.EVENT, job.created_at, job.id, what),
        action=f"job.{action}",
        resource=job.id,
        at=deps.now(),
        attempt=int(attempt),
    )


def payload_of(job: Job) -> dict[str, object]:
    """What the execution of a job's attempt is given."""
    return {"tenant": job.tenant, "job_id": job.id, "attempt": job.attempt}
