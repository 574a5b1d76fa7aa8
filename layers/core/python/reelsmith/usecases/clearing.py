"""What the work of a job that was called off leaves in the store, and when it goes."""

from reelsmith.domain.jobs import Job
from reelsmith.ports import Deps
from reelsmith.ports.erasing import Leftover
from reelsmith.storage import keys
from reelsmith.usecases.erasing import LATE


def clear_later(deps: Deps, job: Job) -> None:
    """Have the papers of a cancelled job removed, once no worker of it can write any more.

    Twice is once. Should we die before this, the bucket forgets them after two days, as it does
    those of a failed job, which may be taken up again until then.
    """
    if job.attempt:
        leftover = Leftover(job.tenant, keys.desk(job.tenant, job.id))
        deps.erasure.leave(leftover, at=job.updated_at + LATE)
