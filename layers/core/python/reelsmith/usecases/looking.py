"""Look at jobs: lists of them, and one until something happens to it."""

import time
from collections.abc import Callable

from reelsmith.domain import rights
from reelsmith.domain.job_filters import JobFilter
from reelsmith.domain.jobs import Job, Page
from reelsmith.domain.people import Caller
from reelsmith.domain.rights import Act, Reach
from reelsmith.errors import Forbidden
from reelsmith.ports import Deps
from reelsmith.usecases.library import ME

PAGE_DEFAULT, PAGE_MOST = 50, 100
WAIT_MOST_S = 20  # API Gateway answers for us after 30 s
_LOOK_EVERY_S = 1.0


def seen_by(caller: Caller, wanted: JobFilter) -> JobFilter:
    """The filter with what the caller may see: its own jobs only, unless it reaches further.

    The owner `me` is the caller.

    Raises:
        Forbidden: it asks for somebody else's, or may not look at jobs at all.
    """
    if wanted.owner == ME:
        wanted = wanted.model_copy(update={"owner": caller.owner})
    if rights.require(caller, Act.JOBS_READ) is Reach.TENANT:
        return wanted
    if wanted.owner not in (None, caller.owner):
        raise Forbidden("you see your own jobs only")
    return wanted.model_copy(update={"owner": caller.owner})


def page(
    deps: Deps,
    *,
    caller: Caller,
    wanted: JobFilter,
    after: str | None = None,
    limit: int = PAGE_DEFAULT,
) -> Page:
    """Jobs newest first, never more than `PAGE_MOST`. Raises Forbidden as `seen_by`.

    A page may come short, even empty, and still have an `after`: how far it looks is bounded.
    """
    return deps.jobs.page(
        caller.tenant, wanted=seen_by(caller, wanted), after=after, limit=min(limit, PAGE_MOST)
    )


def marks(job: Job) -> tuple[str, ...]:
    """What tells a look at a job from a later one at which something has happened."""
    return (
        job.id,
        str(job.attempt),
        job.status,
        job.stage or "",
        f"{job.progress:.2f}",
        str(job.cancel_requested),
        job.updated_at.isoformat(),
    )


def wait(
    deps: Deps,
    *,
    caller: Caller,
    job_id: str,
    seconds: int,
    is_news: Callable[[Job], bool] | None = None,
) -> Job:
    """A job as soon as it is news, or over; after `seconds`, at most `WAIT_MOST_S`, as it is.

    Left out, news is what differs from the first look. Each second costs one look.

    Raises:
        NotFound: there is no such job for the caller.
    """
    first = job = _visible(deps, caller, job_id)
    news = is_news or (lambda seen: marks(seen) != marks(first))
    for _ in range(min(seconds, WAIT_MOST_S)):
        if job.status.final or news(job):
            break
        time.sleep(_LOOK_EVERY_S)
        job = _visible(deps, caller, job_id)
    return job


def _visible(deps: Deps, caller: Caller, job_id: str) -> Job:
    job = deps.jobs.get(caller.tenant, job_id)
    rights.require_on(caller, Act.JOBS_READ, job, called=f"job {job_id}")
    return job
