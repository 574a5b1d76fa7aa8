"""Failed jobs taken up again: from where they failed, or from the beginning.

Either is a new attempt under a new number, so that what a worker of the old one still does is
refused everywhere. It waits in the queue like any other.
"""

from reelsmith.domain import audit, rights
from reelsmith.domain.ids import Kind
from reelsmith.domain.jobs import Job
from reelsmith.domain.people import Caller
from reelsmith.domain.rights import Act
from reelsmith.ports import Deps, Made
from reelsmith.usecases import jobs
from reelsmith.usecases.once import Once, record


def resume(deps: Deps, *, caller: Caller, job_id: str, once: Once | None = None) -> Made[Job]:
    """Let a failed job go on from the task that failed: what is finished is not done again.

    Its plan is taken over; lines that were spoken and segments that were rendered are found by
    their content.

    Raises:
        Conflict: the job has not failed, or somebody took it up in this moment.
        Forbidden, NotFound: as `rights.require_on`.
        KeyReused, OverQuota: as `Jobs.take_up`.
    """
    if once and (earlier := jobs.replayed(deps, caller=caller, once=once)):
        return earlier
    job = _failed(deps, caller, job_id)
    again = job.taken_up(at=deps.now(), papers_of=job.attempt or None)
    return _take_up(deps, caller, job, again, action="job.resumed", once=once)


def retry(
    deps: Deps, *, caller: Caller, job_id: str, fresh: bool = False, once: Once | None = None
) -> Made[Job]:
    """Let a failed job begin again; its files are looked at and its film is planned anew.

    When `fresh` its scenes are rendered anew too, else those that are stored are used.

    Raises:
        Conflict, Forbidden, KeyReused, NotFound, OverQuota: as `resume`.
    """
    if once and (earlier := jobs.replayed(deps, caller=caller, once=once)):
        return earlier
    job = _failed(deps, caller, job_id)
    now = deps.now()
    since = now if fresh else job.fresh_since
    again = job.taken_up(at=now, papers_of=None, fresh_since=since)
    return _take_up(deps, caller, job, again, action="job.retried", once=once)


def _failed(deps: Deps, caller: Caller, job_id: str) -> Job:
    job = deps.jobs.get(caller.tenant, job_id)
    rights.require_on(caller, Act.JOBS_RESUME, job, called=f"job {job_id}")
    return job


def _take_up(
    deps: Deps, caller: Caller, was: Job, again: Job, *, action: str, once: Once | None
) -> Made[Job]:
    entry = audit.by_caller(
        caller,
        entry_id=deps.new_id(Kind.EVENT),
        action=action,
        resource=was.id,
        at=again.updated_at,
        attempt=was.attempt + 1,
        failed_with=was.error.code if was.error else None,
    )
    made = deps.jobs.take_up(was, again, entry=entry, idempotency=record(deps, caller, once))
    deps.wake()
    return made
