"""Jobs brought to their ending, however their runs ended."""

from reelsmith.domain.jobs import Failure, Job, JobStatus
from reelsmith.domain.tasks import TaskStatus
from reelsmith.errors import Conflict
from reelsmith.ports import Deps
from reelsmith.usecases import drops
from reelsmith.usecases.clearing import clear_later
from reelsmith.usecases.dispatching import entry_of

_INTERRUPTED = Failure(
    code="interrupted",
    detail="the work was cut off again and again; send the job again",
    retryable=True,
)


def end(deps: Deps, *, tenant: str, job_id: str, attempt: int, failure: Failure) -> Job:
    """Bring a job whose run ended badly to its ending. An ended or restarted job is left alone.

    A cancel that waits wins over the failure. Work that was cut off through no fault of its own
    is queued again, while attempts are left: what is finished is not done again.
    """
    job = deps.jobs.get(tenant, job_id)
    if job.status is JobStatus.PROCESSING and job.attempt == attempt:
        try:
            job = _ended(deps, job, failure)
        except Conflict:
            job = deps.jobs.get(tenant, job_id)
        deps.wake()
    if job.status.final and job.drop:
        drops.settle(deps, job)
    return job


def failure_of_a_task(deps: Deps, *, tenant: str, job_id: str, attempt: int) -> Failure | None:
    """Why a task of this attempt failed, as its row says; None when no row says so."""
    tasks = [task for task in deps.jobs.tasks(tenant, job_id) if task.attempt == attempt]
    failed = (task.error for task in tasks if task.status is TaskStatus.FAILED)
    return next((error for error in failed if error), None)


def interrupted(detail: str) -> Failure:
    """The failure of a run that was cut off from outside."""
    return Failure(code="interrupted", detail=detail, retryable=True)


def _ended(deps: Deps, job: Job, failure: Failure) -> Job:
    now = deps.now()
    if job.cancel_requested:
        over = job.moved_to(
            JobStatus.CANCELLED,
            at=now,
            completed_at=now,
            error=Failure(code="cancelled", detail="called off by its owner"),
        )
    elif failure.code == "interrupted" and job.attempt < job.max_attempts:
        over = job.moved_to(JobStatus.QUEUED, at=now, papers_of=job.attempt)
    else:
        final = _INTERRUPTED if failure.code == "interrupted" else failure
        over = job.moved_to(JobStatus.FAILED, at=now, completed_at=now, error=final)
    entry = entry_of(deps, job, f"{over.status}-{job.attempt}")
    ended = deps.jobs.move(job, over, entry=entry)
    if ended.status is JobStatus.CANCELLED:
        clear_later(deps, ended)
    return ended
