"""Small films made step by step in a cloud, and what is looked at when they are done."""

import hashlib
import io
import time
from typing import Any

import av

from reelsmith.domain.jobs import Job, JobStatus
from reelsmith.storage import keys
from reelsmith.usecases import dispatching, jobs
from reelsmith.usecases.jobs import Wanted
from reelsmith.usecases.once import Once
from reelsmith.workflow.payloads import RunOf
from tests.builders import TENANT, a_caller, a_spec
from tests.faults.cloud import Desk
from tests.faults.runs import Do, walk
from tests.faults.telling import SMALL


def sent(desk: Desk, key: str) -> Job:
    """Ask for a film; the same key again asks for the same one."""
    wanted = Wanted(title="Ad", spec=a_spec(**SMALL, text_prompt="Buy one now. Get two."))
    once = Once(key=key, fingerprint="a" * 64)
    return jobs.submit(desk.deps, caller=a_caller(), wanted=wanted, once=once).thing


def begun(desk: Desk, key: str) -> Job:
    """A job whose first attempt has begun."""
    job = sent(desk, key)
    dispatching.start_due(desk.deps)
    return seen(desk, job)


def seen(desk: Desk, job: Job) -> Job:
    """The job as it stands now."""
    return desk.deps.jobs.get(TENANT, job.id)


def run_of(desk: Desk, job: Job) -> RunOf:
    """What the steps of the job's current attempt are given."""
    return RunOf.of(seen(desk, job))


def forget(desk: Desk) -> None:
    """Delete all films and all that is kept for the next ones."""
    for prefix in (keys.VIDEOS, keys.CACHE):
        desk.deps.store.delete_all([found.key for found in desk.deps.store.list(prefix)])


def bodies(desk: Desk) -> set[str]:
    """SHA-256 of everything that stands under a final name."""
    store = desk.deps.store
    found = (one.key for prefix in (keys.VIDEOS, keys.CACHE) for one in store.list(prefix))
    return {hashlib.sha256(store.read(key)).hexdigest() for key in found}


def frames(desk: Desk, job: Job) -> list[str]:
    """A digest of each picture of the job's film."""
    video = desk.deps.videos.get(TENANT, job.video_id or "")
    with av.open(io.BytesIO(desk.deps.store.read(video.key))) as film:
        return [
            hashlib.md5(picture.to_ndarray().tobytes()).hexdigest()
            for picture in film.decode(video=0)
        ]


class Undisturbed:
    """How long each step took, and what came of it, when nothing went wrong."""

    def __init__(self, desk: Desk, do: Do) -> None:
        self.seconds: dict[str, float] = {}

        def timed(step: str, given: Any) -> Any:
            began = time.monotonic()
            done = do(step, given)
            self.seconds[step] = time.monotonic() - began
            return done

        job = begun(desk, "undisturbed")
        walk(timed, run_of(desk, job))
        ended = seen(desk, job)
        assert ended.status is JobStatus.COMPLETED, ended.error
        self.frames, self.bodies = frames(desk, ended), bodies(desk)
        forget(desk)
