"""How a failed job comes back to wait for another attempt: once per idempotency key."""

from collections.abc import Callable

from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.jobs import Job
from reelsmith.domain.quotas import over
from reelsmith.errors import Conflict, NotFound
from reelsmith.ports import Idempotency, Made
from reelsmith.table import audit, counters, job_moves, once, quotas
from reelsmith.table.database import Database, Refused


def take_up(
    database: Database,
    was: Job,
    now: Job,
    *,
    entry: AuditEntry,
    idempotency: Idempotency | None,
    read: Callable[[str, str], Job],
) -> Made[Job]:
    """Let a failed job wait again; see `ports.Jobs.take_up`. `read` gets a job by its id."""
    transaction = job_moves.moving(database, was, now, entry)
    once.remember(transaction, was.tenant, idempotency, was.id, at=now.updated_at)
    try:
        transaction.commit()
    except Refused as refused:
        if not _told_before(refused, entry, idempotency):
            _explain(refused, was, now)
        return Made(read(was.tenant, was.id), replayed=True)
    return Made(now)


def _told_before(refused: Refused, entry: AuditEntry, idempotency: Idempotency | None) -> bool:
    """Whether this very operation stands in the way of itself. Raises KeyReused."""
    header = refused.stored.get("job") or {}
    known = once.earlier(refused, idempotency) or refused.stored.get(audit.ENTRY)
    return bool(known) or header.get("op") == entry.id


def _explain(refused: Refused, was: Job, now: Job) -> None:
    stored = refused.stored
    if "job" in stored:
        if stored["job"] is None:
            raise NotFound(f"no job {was.id}") from refused
        raise Conflict(f"job {was.id} is no longer {was.status}") from refused
    usage = stored.get(counters.USAGE)
    full = quotas.active(usage) if usage and usage["open"] else None
    if full:
        raise over(full, at=now.updated_at) from refused
    if counters.USAGE in stored or counters.MINE in stored:
        raise NotFound(f"no active user {was.owner}") from refused
    raise refused
