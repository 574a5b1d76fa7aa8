"""Batches fed row by row, in rounds: each row becomes one job when there is room for it.

The cursor of a batch moves in the transaction that makes a job, so a round may be cut off
anywhere, come twice or overlap with another one: a row is taken up once.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from reelsmith import aws
from reelsmith.domain import audit, events, ids
from reelsmith.domain.batches import ROWS_A_PART, Batch, Row
from reelsmith.domain.ids import Kind
from reelsmith.domain.jobs import Failure
from reelsmith.domain.people import Caller, Role
from reelsmith.errors import Conflict, NotFound, OverQuota, ReelsmithError
from reelsmith.ports import Deps
from reelsmith.storage import keys
from reelsmith.telemetry import log
from reelsmith.usecases import ingredients, jobs
from reelsmith.usecases.boxes import JOB, Boxes
from reelsmith.usecases.jobs import Place, Wanted

_BATCHES = 50  # in a round
_ROWS = 100  # of one batch in a round, so that every batch has its turn
_KEPT = 10  # one in so many places of a tenant stays free of batches
_CHUNK = 100
_PATIENCE = timedelta(hours=1)  # a batch waits so long for bytes that were announced
_CANCELS = 100


@dataclass(slots=True)
class Fed:
    """What a round did: rows that became jobs, rows that could not, batches that ended."""

    submitted: int = 0
    refused: int = 0
    ended: int = 0


def advance(deps: Deps, *, seconds: float, calls_off: bool = False) -> Fed:
    """Feed every batch, close those that are over. One that is in trouble holds up no other.

    With `calls_off` the jobs of cancelled batches are called off, too.
    """
    done, until = Fed(), deps.now() + timedelta(seconds=seconds)
    waiting = deps.batches.due(limit=_BATCHES)
    while waiting and deps.now() < until:
        waiting = [one for one in waiting if _turn(deps, one, done, until, calls_off=calls_off)]
    return done


def _turn(deps: Deps, batch: Batch, done: Fed, until: datetime, *, calls_off: bool) -> bool:
    """The turn of one batch in a round; whether another one may bring it on."""
    before = done.submitted + done.refused
    if deps.now() >= until:
        return False
    try:
        _advance_one(deps, batch, done, until, calls_off=calls_off)
    except (ReelsmithError, *aws.FAILURES):
        log.exception("a batch halts", extra={"batch_id": batch.id})
        return False
    return done.submitted + done.refused > before


def feed(deps: Deps, batch: Batch, done: Fed, *, until: datetime) -> None:
    """Make jobs of the next rows of a batch while its tenant has room and time is left."""
    room = min(_ROWS, _room(deps, batch))
    caller = Caller(tenant=batch.tenant, owner=batch.owner, role=batch.role)
    last = min(batch.rows, batch.fed + room)
    for row in rows_of(deps, batch, range(batch.fed, last)):
        if deps.now() >= until:
            return
        try:
            if not _take_up(deps, caller, batch, row, done):
                return
        except (Conflict, OverQuota, NotFound) as wait:
            # somebody else feeds it, it was called off, or its owner has no room just now
            log.info("a batch waits", extra={"batch_id": batch.id, "reason": wait.code})
            return


def close(deps: Deps, tenant: str, batch_id: str) -> Batch:
    """The batch; ended, if nothing of it is left to be done. Raises NotFound.

    The folder that it was dropped into is told first: a round that is cut off there comes again.
    """
    batch = deps.batches.get(tenant, batch_id)
    if batch.status.final or not batch.over:
        return batch
    ended = batch.ended(at=deps.now())
    if ended.drop:
        Boxes(deps, tenant, ended.drop).note("out", JOB, ended.told())
    entry = audit.by_system(
        tenant,
        entry_id=ids.derived(Kind.EVENT, batch.created_at, batch.id, "ended"),
        action=f"batch.{ended.status}",
        resource=batch.id,
        at=deps.now(),
        completed=batch.completed,
        failed=batch.failed + batch.refused,
        cancelled=batch.cancelled,
    )
    with suppress(Conflict):  # another round closed it
        told = events.of_batch(ended, event_id=entry.id)
        saved = deps.batches.save(batch, ended, entry=entry, event=told)
        deps.post.wake()
        return saved
    return deps.batches.get(tenant, batch_id)


def call_off(deps: Deps, batch: Batch, *, most: int) -> int:
    """Call off unfinished jobs of a batch, the latest first; how many."""
    by = Caller(tenant=batch.tenant, owner=audit.SYSTEM, role=Role.ADMIN)
    called, left = 0, batch.at_work
    for end in range(batch.fed, 0, -_CHUNK):
        if called >= min(most, left):
            break
        numbers = range(max(0, end - _CHUNK), end)
        found = deps.jobs.get_many(batch.tenant, [batch.job_id(n) for n in numbers])
        unfinished = [job.id for job in found.values() if not job.status.final]
        for job_id in unfinished[: most - called]:
            with suppress(Conflict, NotFound):  # it ended, or went, in this very moment
                jobs.cancel(deps, caller=by, job_id=job_id)
            called += 1
    return called


def rows_of(deps: Deps, batch: Batch, numbers: Sequence[int]) -> Iterator[Row]:
    """These rows of a batch, as they are kept; numbers are in order. Raises NotFound."""
    part, lines = -1, []
    for number in numbers:
        if number // ROWS_A_PART != part:
            part = number // ROWS_A_PART
            body = deps.store.read(keys.batch(batch.tenant, batch.id, part))
            lines = body.split(b"\n")
        yield Row.model_validate(json.loads(lines[number % ROWS_A_PART]))


def _advance_one(
    deps: Deps, listed: Batch, done: Fed, until: datetime, *, calls_off: bool
) -> None:
    batch = deps.batches.get(listed.tenant, listed.id)
    if not batch.cancel_requested:
        feed(deps, batch, done, until=until)
    elif calls_off:
        call_off(deps, batch, most=_CANCELS)
    done.ended += close(deps, batch.tenant, batch.id).status.final


def _take_up(deps: Deps, caller: Caller, batch: Batch, row: Row, done: Fed) -> bool:
    """Make a job of a row, or note why not; false when it has to wait.

    Raises Conflict, OverQuota, NotFound as `Jobs.create`.
    """
    found = deps.assets.get_many(batch.tenant, list(row.spec.material))
    wrong = ingredients.faults_of(row.spec, found, caller=caller, waits=True)
    late = ingredients.faults_of(row.spec, found, caller=caller)
    if late and not wrong and deps.now() < batch.created_at + _PATIENCE:
        return False
    if wrong or late:
        fault = (wrong or late)[0]
        failure = Failure(code="invalid_request", detail=f"{fault.pointer}: {fault.detail}")
        taken = deps.batches.refuse(batch, row.number, failure)
        done.refused += taken
        return taken
    wanted = Wanted(
        title=row.title,
        spec=row.spec,
        priority=row.priority,
        place=Place(batch.id, row.number, batch.job_id(row.number)),
    )
    jobs.store(deps, caller=caller, wanted=wanted)
    done.submitted += 1
    return True


def _room(deps: Deps, batch: Batch) -> int:
    """How many more jobs of batches a tenant may have: single requests keep some places."""
    limit = deps.people.tenant(batch.tenant).max_active_jobs
    used = deps.usage.used(batch.tenant, at=deps.now()).active_jobs
    return max(0, limit - limit // _KEPT - used)
