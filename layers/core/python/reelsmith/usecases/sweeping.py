"""One round of the sweep: what died half-way is brought on, and what broke is told.

A quiet system is swept without a write. Each repair is a conditional write and leaves an entry
`sweep.<repair>`. What is stamped by other machines' clocks only says where to look closer: a job
counts as silent when this sweep itself saw nothing move for so long.
"""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from reelsmith.domain import audit
from reelsmith.domain.ids import Kind
from reelsmith.domain.jobs import Failure, Job, JobStatus
from reelsmith.domain.sweeps import Memory, Repair, Watched
from reelsmith.errors import Conflict, NotFound
from reelsmith.ports import Deps, Run
from reelsmith.telemetry import log
from reelsmith.usecases import drops, film_sweep, running
from reelsmith.usecases.dispatching import payload_of

GRACE = timedelta(seconds=20)
"""A job that has just begun may not be visible as an execution yet."""
LOOK_CLOSER = timedelta(minutes=5)
NO_PROGRESS = timedelta(minutes=15)  # longer than any task may take without a report
_SETTLED = 50  # drop folders in a round


@dataclass(slots=True)
class Swept:
    """What a round found to mend."""

    repairs: Counter[Repair] = field(default_factory=Counter)
    settled: int = 0


def sweep(deps: Deps) -> Swept:
    """Mend what was left half-done: runs that are gone, over or silent, results, films."""
    swept = Swept()
    was = deps.sweeps.memory()
    watched: dict[str, Watched] = {}
    for job in filter(_executed, deps.jobs.running()):
        with suppress(Conflict, NotFound):  # it moved, or went, while we looked
            _watch(deps, job, was, watched, swept)
    now = film_sweep.advance(deps, was.model_copy(update={"watched": watched}), swept.repairs)
    if now != was:
        deps.sweeps.remember(now)
    for job in deps.jobs.unsettled(limit=_SETTLED):
        with suppress(Conflict):  # it was taken up again since it was listed
            drops.settle(deps, job)
            swept.settled += 1
    return swept


def _executed(job: Job) -> bool:
    return job.executed  # what downloads alone goes on in rounds of its own


def _watch(
    deps: Deps, job: Job, memory: Memory, watched: dict[str, Watched], swept: Swept
) -> None:
    """See to one job that is processing. Raises Conflict, NotFound."""
    age = deps.now() - job.updated_at
    if timedelta(0) <= age < GRACE:
        return
    run = deps.workflow.look(job.run)
    if run is None:
        deps.workflow.start(job.run, payload_of(job))
        _repaired(deps, job, Repair.UNSTARTED, swept)
    elif not run.open:
        _end(deps, job, _failure_of(deps, job, run))
        _repaired(deps, job, Repair.RUN_OVER, swept)
    elif seen := _standing_still(deps, job, memory):
        if deps.now() - seen.since < NO_PROGRESS:
            watched[job.id] = seen
            return
        deps.workflow.stop(job.run, cause="nothing went on")
        _end(deps, job, running.interrupted("nothing went on"))
        _repaired(deps, job, Repair.SILENT, swept)


def _standing_still(deps: Deps, listed: Job, memory: Memory) -> Watched | None:
    """Since when a job is seen to be where it is; None when it went on a moment ago."""
    job = deps.jobs.get(listed.tenant, listed.id)
    now, last = deps.now(), max(job.updated_at, job.heartbeat_at or job.updated_at)
    if job.status is not JobStatus.PROCESSING or timedelta(0) <= now - last < LOOK_CLOSER:
        return None
    mark = f"{job.attempt} {last.isoformat()} {job.progress} {_latest_task(deps, job)}"
    known = memory.watched.get(job.id)
    return known if known and known.mark == mark else Watched(mark=mark, since=now)


def _latest_task(deps: Deps, job: Job) -> datetime | None:
    """When a task of the job last began or ended."""
    return max((task.updated_at for task in deps.jobs.tasks(job.tenant, job.id)), default=None)


def _end(deps: Deps, job: Job, failure: Failure) -> None:
    running.end(deps, tenant=job.tenant, job_id=job.id, attempt=job.attempt, failure=failure)


def _failure_of(deps: Deps, job: Job, run: Run) -> Failure:
    """Why a run ended that nobody told the job of."""
    if run.error == "TIMED_OUT":
        return Failure(code="timeout", detail="the job took longer than it may")
    told = running.failure_of_a_task(deps, tenant=job.tenant, job_id=job.id, attempt=job.attempt)
    if told is None or told.retryable:  # cut off before the machine could try again
        return running.interrupted("the run was cut off")
    return told


def _repaired(deps: Deps, job: Job, repair: Repair, swept: Swept) -> None:
    swept.repairs[repair] += 1
    log.warning("mended", extra={"repair": repair, "job_id": job.id, "attempt": job.attempt})
    entry = audit.by_system(
        job.tenant,
        entry_id=deps.new_id(Kind.EVENT),
        action=f"sweep.{repair}",
        resource=job.id,
        at=deps.now(),
        attempt=job.attempt,
    )
    deps.journal.note(entry)
