"""Many films from one request: asked for, looked at, called off, tried again where rows failed.

A batch is stored whole before it is answered. Its rows become jobs in rounds, see `feeding`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reelsmith.domain import audit, ids, rights
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.batches import (
    ROWS_A_PART,
    Batch,
    Row,
    RowOutcome,
    RowStatus,
)
from reelsmith.domain.ids import Kind
from reelsmith.domain.jobs import Failure, Job, JobStatus
from reelsmith.domain.lists import PageOf
from reelsmith.domain.people import Caller
from reelsmith.domain.rights import Act, Reach
from reelsmith.errors import Conflict, Forbidden
from reelsmith.ports import Deps, Made
from reelsmith.recipes import kinds
from reelsmith.storage import keys
from reelsmith.usecases import feeding, orders
from reelsmith.usecases.library import ME
from reelsmith.usecases.once import Once, record
from reelsmith.usecases.orders import Checked, Order

PAGE_DEFAULT, PAGE_MOST = 50, 100
_LOOKS = 500  # rows that a page looks at before it comes back short
_CHUNK = 100
_CANCELS = 20  # jobs that a request calls off itself; the rounds go on


@dataclass(frozen=True, slots=True)
class _Plan:
    """A batch that is about to be: its title, rows and what it retries."""

    title: str
    rows: Sequence[Row]
    drop: str | None = None
    retry_of: Batch | None = None


def check(deps: Deps, *, caller: Caller, order: Order) -> Checked:
    """What would come of a batch, without making one. Raises as `submit`."""
    rights.require(caller, Act.BATCHES_CREATE)
    return orders.check(deps, caller=caller, order=order)


def submit(
    deps: Deps, *, caller: Caller, order: Order, drop: str | None = None, once: Once | None = None
) -> Made[Batch]:
    """Take a batch. When this returns, each of its rows will become one job, or say why not.

    `drop` names the drop folder that is told of its end.

    Raises:
        Forbidden: the caller makes no batches.
        Invalid: rows are wrong; see `orders.check`.
        KeyReused, NotFound: as `Batches.add`.
    """
    rights.require(caller, Act.BATCHES_CREATE)
    if once and (earlier := deps.batches.replay(caller.tenant, record(deps, caller, once))):
        return Made(earlier, replayed=True)
    checked = orders.check(deps, caller=caller, order=order)
    return _store(deps, caller, _Plan(order.title, checked.rows, drop), once=once)


def read(deps: Deps, *, caller: Caller, batch_id: str) -> Batch:
    """A batch with its progress. Raises NotFound, also for another tenant's."""
    batch = deps.batches.get(caller.tenant, batch_id)
    rights.require_on(caller, Act.BATCHES_READ, batch, called=f"batch {batch_id}")
    return batch


def page(
    deps: Deps, *, caller: Caller, owner: str | None, after: str | None, limit: int
) -> PageOf[Batch]:
    """Batches that the caller may see, newest first. The owner `me` is the caller.

    Raises:
        Forbidden: it asks for somebody else's and may see its own only.
    """
    owner = caller.owner if owner == ME else owner
    if rights.require(caller, Act.BATCHES_READ) is not Reach.TENANT:
        if owner not in (None, caller.owner):
            raise Forbidden("you see your own batches only")
        owner = caller.owner
    return deps.batches.page(caller.tenant, owner=owner, after=after, limit=min(limit, PAGE_MOST))


def rows(
    deps: Deps,
    *,
    caller: Caller,
    batch_id: str,
    status: RowStatus | None = None,
    after: int | None = None,
    limit: int = PAGE_DEFAULT,
) -> tuple[Sequence[RowOutcome], int | None]:
    """What became of rows so far, in their order, and the number to go on after.

    A page may come short and not be the last one: how many rows it looks at is bounded.
    Raises NotFound.
    """
    batch = read(deps, caller=caller, batch_id=batch_id)
    begin = 0 if after is None else after + 1
    end = min(batch.rows, begin + _LOOKS)
    found: list[RowOutcome] = []
    for first in range(begin, end, _CHUNK):
        for outcome in _outcomes(deps, batch, range(first, min(first + _CHUNK, end))):
            if status in (None, outcome.status):
                found.append(outcome)
            if len(found) == limit:
                last = outcome.number
                return found, last if last + 1 < batch.rows else None
    return found, end - 1 if end < batch.rows else None


def cancel(deps: Deps, *, caller: Caller, batch_id: str) -> Batch:
    """Take no more rows up, and call off the jobs of those that were. Twice is once.

    Raises:
        Forbidden, NotFound: as `rights.require_on`.
        Conflict: it is over already, or changed again and again while we looked.
    """
    for _ in range(5):
        batch = deps.batches.get(caller.tenant, batch_id)
        rights.require_on(caller, Act.BATCHES_CANCEL, batch, called=f"batch {batch_id}")
        if batch.cancel_requested:
            return batch
        if batch.status.final:
            raise Conflict(f"batch {batch_id} is {batch.status}, there is nothing to call off")
        asked = batch.model_copy(update={"cancel_requested": True, "updated_at": deps.now()})
        try:
            batch = deps.batches.save(
                batch, asked, entry=_entry(deps, caller, "batch.cancel_requested", batch.id)
            )
        except Conflict:
            continue  # a row was taken up, or a job of it ended, in this very moment
        feeding.call_off(deps, batch, most=_CANCELS)
        if batch.drop:  # its folder is told by a round: who answers callers writes to no folder
            deps.wake()
            return deps.batches.get(batch.tenant, batch.id)
        return feeding.close(deps, batch.tenant, batch.id)
    raise Conflict(f"batch {batch_id} is changing too fast; ask again")


def retry(deps: Deps, *, caller: Caller, batch_id: str, once: Once | None = None) -> Made[Batch]:
    """Another batch of the rows that failed, and of no others. Twice is once.

    Raises:
        Forbidden, NotFound: as `rights.require_on`.
        Conflict: the batch is not over yet, or none of its rows failed.
        KeyReused: the key stands for another request.
    """
    batch = deps.batches.get(caller.tenant, batch_id)
    rights.require_on(caller, Act.BATCHES_RETRY, batch, called=f"batch {batch_id}")
    if batch.retried_by:
        return Made(deps.batches.get(batch.tenant, batch.retried_by), replayed=True)
    if not batch.status.final:
        raise Conflict(f"batch {batch_id} is {batch.status}; wait for its end, or call it off")
    failed = _failed(deps, batch)
    if not failed:
        raise Conflict(f"no row of batch {batch_id} failed")
    again = [
        row.model_copy(update={"number": place, "of_row": row.number})
        for place, row in enumerate(feeding.rows_of(deps, batch, failed))
    ]
    return _store(deps, caller, _Plan(batch.title, again, retry_of=batch), once=once)


def _failed(deps: Deps, batch: Batch) -> list[int]:
    """The numbers of rows that failed, or of which no job could be made."""
    found: set[int] = set()
    for first in range(0, batch.fed if batch.failed else 0, _CHUNK):
        ids_of = {batch.job_id(n): n for n in range(first, min(first + _CHUNK, batch.fed))}
        jobs = deps.jobs.get_many(batch.tenant, list(ids_of))
        found |= {ids_of[j.id] for j in jobs.values() if j.status is JobStatus.FAILED}
    if batch.refused:
        found |= set(deps.batches.refusals(batch.tenant, batch.id, first=0, last=batch.fed))
    return sorted(found)


def _outcomes(deps: Deps, batch: Batch, numbers: range) -> Iterable[RowOutcome]:
    job_ids = {number: batch.job_id(number) for number in numbers if number < batch.fed}
    jobs = deps.jobs.get_many(batch.tenant, list(job_ids.values())) if job_ids else {}
    refused = (
        deps.batches.refusals(batch.tenant, batch.id, first=numbers[0], last=numbers[-1])
        if batch.refused
        else {}
    )
    for row in feeding.rows_of(deps, batch, numbers):
        yield _outcome(batch, row, jobs.get(job_ids.get(row.number, "")), refused.get(row.number))


def _outcome(batch: Batch, row: Row, job: Job | None, refused: Failure | None) -> RowOutcome:
    known = RowOutcome(
        number=row.number,
        external_id=row.external_id,
        title=row.title,
        status=RowStatus.WAITING,
    )
    if job:
        return known.model_copy(
            update={
                "status": RowStatus(job.status.value),
                "job_id": job.id,
                "video_id": job.video_id,
                "error": job.error,
            }
        )
    if refused:
        return known.model_copy(update={"status": RowStatus.FAILED, "error": refused})
    if row.number < batch.fed:
        deleted = {"status": RowStatus.DELETED, "job_id": batch.job_id(row.number)}
        return known.model_copy(update=deleted)
    called_off = {"status": RowStatus.CANCELLED} if batch.cancel_requested else {}
    return known.model_copy(update=called_off)


def _store(deps: Deps, caller: Caller, plan: _Plan, *, once: Once | None) -> Made[Batch]:
    """The rows first, then what names them: what is lost in between is found by nobody."""
    now, origin = deps.now(), plan.retry_of
    batch = Batch(
        id=ids.derived(Kind.BATCH, origin.completed_at or now, origin.id, "retry")
        if origin
        else deps.new_id(Kind.BATCH),
        tenant=caller.tenant,
        owner=origin.owner if origin else caller.owner,
        role=origin.role if origin else caller.role,
        title=plan.title,
        rows=len(plan.rows),
        drop=plan.drop,
        film_seconds=round(sum(kinds.estimated_seconds(r.spec) or 0.0 for r in plan.rows), 1),
        retry_of=origin.id if origin else None,
        created_at=now,
        updated_at=now,
    )
    for part, first in enumerate(range(0, len(plan.rows), ROWS_A_PART)):
        some = plan.rows[first : first + ROWS_A_PART]
        body = "".join(f"{row.model_dump_json()}\n" for row in some)
        key = keys.batch(batch.tenant, batch.id, part)
        deps.store.write(body.encode(), key, content_type="application/x-ndjson")
    made = deps.batches.add(
        batch,
        entry=_entry(deps, caller, "batch.created", batch.id, rows=batch.rows),
        idempotency=record(deps, caller, once),
    )
    deps.wake()
    return made


def _entry(
    deps: Deps, caller: Caller, action: str, resource: str, **changes: object
) -> AuditEntry:
    return audit.by_caller(
        caller,
        entry_id=deps.new_id(Kind.EVENT),
        action=action,
        resource=resource,
        at=deps.now(),
        **changes,
    )
