"""How a job moves, is called off and reports: each write says which attempt it comes from."""

from datetime import datetime

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path

from reelsmith.domain import events
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.jobs import Job, JobStatus, Stage
from reelsmith.domain.videos import Video
from reelsmith.errors import Conflict, NotFound, Stale, Unavailable
from reelsmith.ports import Lease
from reelsmith.table import (
    audit,
    batches,
    counters,
    job_items,
    job_shares,
    keys,
    leases,
    outbox,
    owned,
)
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, assign, changes, encode, stands, to_item
from reelsmith.table.transactions import Transaction

# Written by every move; what `was` says of stage and progress may come from the progress item.
_ALWAYS = ("status", "stage", "progress", "updated_at", "op", keys.GSI2_PK, keys.GSI2_SK)

_LEASE = "lease"


def move(
    database: Database,
    was: Job,
    now: Job,
    *,
    entry: AuditEntry,
    video: Video | None = None,
    lease: Lease | None = None,
) -> bool:
    """Write `now` where `was` stands; see `ports.Jobs.move`. False when told before."""
    for rolls in (False, True):
        transaction = moving(database, was, now, entry, video, rolls=rolls)
        if lease:
            transaction.check(_LEASE, keys.lease(lease.name), expects=leases.is_mine(lease))
        try:
            return _committed(transaction, was, entry)
        except Refused:
            continue  # another month has begun, or somebody has just noted that
    raise Unavailable("the tenant's usage is moving too fast")


def moving(
    database: Database,
    was: Job,
    now: Job,
    entry: AuditEntry,
    video: Video | None = None,
    *,
    rolls: bool = False,
) -> Transaction:
    """All that is written when a job moves, not yet committed."""
    transaction = Transaction(database)
    before, after = job_items.header(was, op=""), job_items.header(now, op=entry.id)
    transaction.update(
        "job",
        keys.job(was.tenant, was.id),
        *changes(before, after, always=_ALWAYS),
        expects=_still(was, now),
    )
    if now.status is JobStatus.PROCESSING:
        transaction.update(
            "progress",
            keys.job_progress(was.tenant, was.id),
            *job_items.fresh_progress(now),
            expects=stands(),
        )
    counted = counters.of_move(was.status, now.status)
    if counted:
        counters.count_move(transaction, was, counted, at=now.updated_at, film=video, rolls=rolls)
    batches.count_move(transaction, was, now)
    if video:
        transaction.new("video", to_item(video, "video", keys.video(video.tenant, video.id)))
        owned.point(transaction, video.tenant, video.owner, video.id)
    audit.record(transaction, entry)
    outbox.tell(transaction, events.of_job(now, event_id=entry.id))
    return transaction


def ask_to_cancel(database: Database, was: Job, *, entry: AuditEntry) -> bool:
    """Set the cancel flag; see `ports.Jobs.ask_to_cancel`. False when told before."""
    transaction = Transaction(database)
    now = was.model_copy(update={"cancel_requested": True, "updated_at": entry.at})
    flag = {name: now.model_dump(mode="json")[name] for name in ("cancel_requested", "updated_at")}
    transaction.update(
        "job",
        keys.job(was.tenant, was.id),
        *changes({}, flag | {"op": entry.id}),
        expects=stands(status=JobStatus.PROCESSING, attempt=was.attempt),
    )
    transaction.update(
        "progress",
        keys.job_progress(was.tenant, was.id),
        assign("cancel", True),
        expects=stands(attempt=was.attempt),
    )
    audit.record(transaction, entry)
    return _committed(transaction, was, entry)


def report(
    database: Database,
    tenant: str,
    job_id: str,
    *,
    attempt: int,
    stage: Stage,
    progress: float,
    at: datetime,
) -> bool:
    """Note progress and learn the cancel flag; see `ports.Jobs.report`."""
    try:
        item = database.update(
            keys.job_progress(tenant, job_id),
            [
                *(assign("stage", stage), assign("pct", progress), job_shares.beat(at)),
                *job_items.no_shares(),
            ],
            expects=stands(attempt=attempt) & (Path("pct") <= encode(progress)),
        )
    except Refused as refused:
        item = job_shares.fresh(refused, job_id, attempt)
    return bool(item["cancel"])


def _still(was: Job, now: Job) -> Condition:
    """As it was read; and a job that somebody asked to cancel meanwhile is not completed."""
    expected = stands(status=was.status, attempt=was.attempt)
    if now.status is JobStatus.COMPLETED:
        expected &= stands(cancel_requested=False)
    return expected


def _committed(transaction: Transaction, was: Job, entry: AuditEntry) -> bool:
    """Commit. False when the same operation did so before.

    Raises:
        NotFound, Conflict, Stale: as `ports.Jobs.move`.
        Refused: only the tenant's usage is not as expected.
    """
    try:
        transaction.commit()
    except Refused as refused:
        stored = refused.stored
        if _LEASE in stored:
            raise Stale("the lease went to somebody else") from refused
        if set(stored) == {counters.USAGE} and stored[counters.USAGE]:
            raise
        header: Item = stored.get("job") or {}
        if stored.get(audit.ENTRY) or header.get("op") == entry.id:
            return False
        if "job" in stored and not header:
            raise NotFound(f"no job {was.id}") from refused
        raise Conflict(f"job {was.id} is no longer {was.status}") from refused
    return True
