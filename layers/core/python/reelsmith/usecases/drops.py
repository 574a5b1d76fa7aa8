"""Drop folders: files and a sidecar come in, a film goes out, and every file has its answer.

A set is a folder `in/<name>/` with pictures, perhaps music and a voice-over, and a sidecar
`reel.yaml` or `reel.json`; or a manifest of a batch in its place, see `reels`. What is in it when
it is taken counts: later changes to the folder change nothing. A sidecar may come before files
that it names; the set then waits for them, and `out/<name>/waiting.json` says for which. Results
go to `out/<name>/`. When the job is over, and not before, sources move to `done/` or `failed/`.
"""

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass

from reelsmith.domain.batches import Batch
from reelsmith.domain.jobs import Job, JobStatus
from reelsmith.domain.people import DROP_OWNER, Caller, Role
from reelsmith.domain.quotas import QuotaName
from reelsmith.errors import Invalid, NotFound, OverQuota, ReelsmithError
from reelsmith.ports import Deps, Made
from reelsmith.storage import keys
from reelsmith.usecases import jobs, papers, reels, sidecars, takings
from reelsmith.usecases.boxes import (
    ACCEPTED,
    ERROR,
    JOB,
    MANIFESTS,
    ORDERS,
    WAITING,
    Accepted,
    Boxes,
    Refused,
    Waiting,
)
from reelsmith.usecases.once import Once
from reelsmith.usecases.reels import Reels
from reelsmith.usecases.sidecars import Sidecar

_HINT = "mend what is named here, then drop the whole set again"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that appeared in a drop folder. `stamp` tells one writing of it from the next."""

    tenant: str
    name: str
    file: str
    version: str | None
    stamp: str

    @property
    def once(self) -> Once:
        """What makes the same arrival one job, however often it is told."""
        key = f"{self.name}/{self.file}/{self.stamp}"
        return Once(key=key, fingerprint=hashlib.sha256(key.encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an arrival: a job, a batch, nothing; or it has to be told again later."""

    made: Made[Job] | Made[Batch] | None = None
    again_s: int | None = None


_NOTHING = Outcome()


def parse(key: str, *, version: str | None, stamp: str) -> Arrival | None:
    """What a key in the bucket says of an arrival, or None when it is no file of a set."""
    found = re.fullmatch(rf"{keys.DROP}([^/]+)/in/([^/]+)/([^/]+)", key)
    return Arrival(found[1], found[2], found[3], version, stamp) if found else None


def accept(deps: Deps, arrival: Arrival, *, last_try: bool = False) -> Outcome:
    """Take a set in when its sidecar arrives, or the last file that it waits for.

    The same arrival twice makes one job. A set that cannot be a job moves to `failed/` with an
    `error.json`. Nothing is done for a tenant that is not there: its files stay where they are.

    Raises:
        ReelsmithError: for now; worth another try, of which this is not the last.
    """
    boxes = Boxes(deps, arrival.tenant, arrival.name)
    if arrival.file in ORDERS:
        found = arrival
    elif waiting := boxes.read("out", WAITING, Waiting):
        found = Arrival(arrival.tenant, arrival.name, waiting.file, waiting.version, waiting.stamp)
    else:
        return _NOTHING
    if not _is_open(deps, arrival.tenant):
        return _NOTHING
    its_own = found is arrival  # only the sidecar's own message comes back for it
    try:
        outcome = _take(deps, boxes, found, last_try=last_try and its_own)
    except ReelsmithError as error:
        if error.retryable and not _lasts(error, last_try=last_try):
            raise
        _turn_away(boxes, found, error)
        return _NOTHING
    return outcome if its_own else Outcome(outcome.made)


def settle(deps: Deps, job: Job) -> None:
    """Put what became of a dropped set into its folders. May be repeated at any point."""
    if not job.drop or not job.status.final:
        return
    boxes = Boxes(deps, job.tenant, job.drop)
    accepted = boxes.read("out", ACCEPTED, Accepted)
    ours = accepted if accepted and accepted.job_id in (None, job.id) else None
    files = ours.files if ours else {}
    if job.status is JobStatus.COMPLETED and job.result:
        with suppress(NotFound):  # its film was taken away before it was delivered
            _deliver(deps, boxes, job.tenant, job.result.video_id)
        boxes.note("out", JOB, job)
        boxes.move("done", files)
        boxes.make_up(job.id)
    else:
        boxes.note("failed", JOB, job)
        boxes.note("failed", ERROR, _reason(job))
        boxes.move("failed", files)
    deps.jobs.settled(job.tenant, job.id)
    if ours:
        boxes.forget("out", ACCEPTED)


def _deliver(deps: Deps, boxes: Boxes, tenant: str, video_id: str) -> None:
    """Copy a film and its subtitles to the set's `out`. Raises NotFound."""
    video = deps.videos.get(tenant, video_id)
    deps.store.copy(video.key, boxes.key("out", "film.mp4"))
    for paper in (papers.SRT, papers.VTT):
        if paper in video.beside:
            deps.store.copy(keys.beside(video.key, paper), boxes.key("out", paper))


def _reason(job: Job) -> Refused:
    return Refused(
        code=job.error.code if job.error else job.status,
        detail=job.error.detail if job.error else "",
        hint="drop the set again" if job.error and job.error.retryable else _HINT,
        status=job.status,
        job_id=job.id,
        retryable=bool(job.error and job.error.retryable),
    )


def _is_open(deps: Deps, tenant: str) -> bool:
    try:
        return deps.people.tenant(tenant).active
    except NotFound:
        return False


def _take(deps: Deps, boxes: Boxes, arrival: Arrival, *, last_try: bool) -> Outcome:
    caller = Caller(tenant=arrival.tenant, owner=DROP_OWNER, role=Role.USER)
    if earlier := _replayed(deps, caller, boxes, arrival):
        return Outcome(earlier)
    sidecar = boxes.head(arrival.file)
    if sidecar is None or (arrival.version and sidecar.version != arrival.version):
        # taken back, or written anew: then its own event comes, or came
        if sidecar is None:
            boxes.forget("out", WAITING)
        return _NOTHING
    told = boxes.read("failed", ERROR, Refused)
    if told and told.stamp == arrival.stamp:  # we died while it was turned away
        boxes.move("failed")
        return _NOTHING
    body = deps.store.read(sidecar.key, version=arrival.version)
    is_batch = arrival.file in MANIFESTS
    reading = reels.read if is_batch else sidecars.read
    order = reading(body, file=arrival.file)
    files = takings.material(boxes)
    if missing := order.missing(files):
        waiting = boxes.wait(
            missing, file=arrival.file, version=arrival.version, stamp=arrival.stamp
        )
        files = takings.material(boxes)  # one that came while it was written down is seen here
        if order.missing(files) and not last_try and deps.now() < waiting.until:
            return Outcome(again_s=waiting.pause_s(deps.now()))
    made = _submit(deps, caller, boxes, arrival, order)
    boxes.forget("out", WAITING)
    return Outcome(made)


def _replayed(
    deps: Deps, caller: Caller, boxes: Boxes, arrival: Arrival
) -> Made[Job] | Made[Batch] | None:
    if arrival.file not in MANIFESTS:
        return jobs.replayed(deps, caller=caller, once=arrival.once)
    batch = reels.replayed(deps, caller=caller, once=arrival.once)
    if batch:
        reels.put_away(boxes, batch.thing)
    return batch


def _submit(
    deps: Deps, caller: Caller, boxes: Boxes, arrival: Arrival, order: Sidecar | Reels
) -> Made[Job] | Made[Batch]:
    accepted = Accepted(stamp=arrival.stamp, files={arrival.file: arrival.version})
    if isinstance(order, Reels):
        return reels.submit(deps, caller, boxes, order, accepted=accepted, once=arrival.once)
    files = takings.material(boxes)
    chosen = sidecars.choose(order, files)
    pinned = takings.pin(boxes, files)
    taken = {
        file: takings.keep(deps, caller, pinned.get(file), file=file, wanted=wanted)
        for file, wanted in chosen.files.items()
    }
    wanted = jobs.Wanted(
        title=order.title or boxes.title,
        spec=order.spec(chosen, {file: asset.id for file, asset in taken.items()}),
        priority=order.priority,
        drop=arrival.name,
    )
    versions = {file: stored.version for file, stored in pinned.items()} | accepted.files
    accepted = accepted.model_copy(update={"files": versions})
    boxes.note("out", ACCEPTED, accepted)  # before the job: it may be over at any time from then
    made = jobs.submit(deps, caller=caller, wanted=wanted, once=arrival.once)
    if not made.replayed:
        boxes.note("out", ACCEPTED, accepted.model_copy(update={"job_id": made.thing.id}))
    return made


def _lasts(error: ReelsmithError, *, last_try: bool) -> bool:
    """Whether it outlasts the tries of the queue: a day's, a month's or the store's quota does."""
    return isinstance(error, OverQuota) and (last_try or error.name != QuotaName.ACTIVE_JOBS)


def _turn_away(boxes: Boxes, arrival: Arrival, error: ReelsmithError) -> None:
    """The reason first: it stands there whenever the files are found to have moved."""
    faults = error.faults if isinstance(error, Invalid) else ()
    receipt = Refused(
        code=error.code,
        detail=error.detail,
        hint=faults[0].remedy if len(faults) == 1 else _HINT,
        stamp=arrival.stamp,
        retryable=error.retryable,
        errors=tuple(fault.model_dump() for fault in faults),
    )
    boxes.note("failed", ERROR, receipt)
    boxes.move("failed")
    boxes.forget("out", WAITING)
