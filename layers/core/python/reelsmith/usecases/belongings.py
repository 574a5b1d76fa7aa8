"""How the things of somebody who is being erased go, kind by kind.

Objects go before the rows that know them, so that nothing is forgotten when a round is cut short.
What cannot go yet, such as a job that is being called off, stays for a later round and holds up
nothing else.
"""

from collections.abc import Callable, Container, Sequence

from reelsmith.domain import audit
from reelsmith.domain.jobs import Job, JobStatus
from reelsmith.domain.people import Caller, Role
from reelsmith.errors import Conflict, NotFound
from reelsmith.ports import Deps
from reelsmith.storage import keys
from reelsmith.usecases import jobs
from reelsmith.usecases.erasing import LATE

Remove = Callable[[Deps, str, str, Sequence[str]], int]
_OBJECTS = 1000  # S3: DeleteObjects, most keys in a request


def clear(deps: Deps, prefix: str, *, may_go_on: Callable[[], bool] = lambda: True) -> bool:
    """Delete all objects below a prefix; false when the time was over before."""
    some: list[str] = []
    for found in deps.store.list(prefix):
        some.append(found.key)
        if len(some) == _OBJECTS:
            deps.store.delete_all(some)
            some = []
            if not may_go_on():
                return False
    deps.store.delete_all(some)
    return True


def remove_jobs(deps: Deps, tenant: str, owner: str, job_ids: Sequence[str]) -> int:
    """Delete those of these jobs that are over, and call the others off; how many rows went."""
    found = {job.id: job for job in deps.erasure.jobs(tenant, job_ids)}
    over = [job for one in found.values() if (job := _over(deps, one))]
    for job in over:
        clear(deps, keys.desk(tenant, job.id))
    return deps.erasure.remove_jobs(over) + _forget(deps, tenant, owner, job_ids, found)


def remove_batches(deps: Deps, tenant: str, owner: str, batch_ids: Sequence[str]) -> int:
    """Delete those of these batches whose jobs have ended, with their rows; how many went."""
    found = deps.batches.get_many(tenant, batch_ids)
    over = [batch for batch in found.values() if not batch.at_work]
    for batch in over:
        clear(deps, keys.batch(tenant, batch.id))
    return deps.erasure.remove_batches(over) + _forget(deps, tenant, owner, batch_ids, found)


def remove_videos(deps: Deps, tenant: str, owner: str, video_ids: Sequence[str]) -> int:
    """Delete these videos with their objects; how many rows went."""
    found = {video.id: video for video in deps.erasure.videos(tenant, video_ids)}
    for video in found.values():
        clear(deps, keys.beside(video.key, ""))
    gone = deps.erasure.remove_videos(tuple(found.values()))
    return gone + _forget(deps, tenant, owner, video_ids, found)


def remove_assets(deps: Deps, tenant: str, owner: str, asset_ids: Sequence[str]) -> int:
    """Delete these assets; bytes that nothing uses any more are collected like all such bytes."""
    found = deps.assets.get_many(tenant, asset_ids)
    deps.store.delete_all([keys.upload(tenant, one) for one in found])
    gone = deps.erasure.remove_assets(tuple(found.values()), at=deps.now())
    return gone + _forget(deps, tenant, owner, asset_ids, found)


def remove_exports(deps: Deps, tenant: str, owner: str) -> None:
    """Delete what was exported of the owner's data; the rows go with its other records."""
    for export in deps.exports.of(tenant, owner):
        clear(deps, keys.export(tenant, export.id))


KINDS: tuple[tuple[str, int, Remove], ...] = (
    ("job", 12, remove_jobs),
    ("bat", 20, remove_batches),
    ("vid", 40, remove_videos),
    ("ast", 28, remove_assets),
)
"""Prefix of the ids, how many go in one transaction, and how; jobs go first: they use the rest."""


def _over(deps: Deps, job: Job) -> Job | None:
    """The job when nothing will happen to it any more; else it is called off, if it is not yet."""
    if not job.status.final:
        system = Caller(tenant=job.tenant, owner=audit.SYSTEM, role=Role.ADMIN)
        try:
            job = jobs.cancel(deps, caller=system, job_id=job.id)
        except (Conflict, NotFound):
            return None
    ran = job.attempt > 0 and job.status is not JobStatus.COMPLETED
    return None if ran and deps.now() < job.updated_at + LATE else job


def _forget(
    deps: Deps, tenant: str, owner: str, wanted: Sequence[str], found: Container[str]
) -> int:
    """Delete pointers that lead nowhere."""
    return deps.erasure.forget(tenant, owner, [one for one in wanted if one not in found])
