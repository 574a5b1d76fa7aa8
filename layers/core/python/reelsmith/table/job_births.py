"""How a job comes to be: everything about it in one transaction, once per idempotency key."""

from collections.abc import Callable

from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.jobs import Job, UgcSpec
from reelsmith.errors import NotFound, OverQuota
from reelsmith.ports import Idempotency, Made
from reelsmith.table import audit, counters, job_items, keys, once, owned
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import to_item
from reelsmith.table.transactions import Transaction


def create(
    database: Database,
    job: Job,
    spec: UgcSpec,
    *,
    entry: AuditEntry,
    idempotency: Idempotency | None,
    read: Callable[[str, str], Job],
) -> Made[Job]:
    """Store a queued job; see `ports.Jobs.create`. `read` gets a job by tenant and id."""
    transaction = Transaction(database)
    transaction.new("job", job_items.header(job, op=entry.id))
    transaction.new("spec", to_item(spec, "spec", keys.job_spec(job.tenant, job.id)))
    transaction.new("progress", job_items.progress(job))
    counters.count_birth(transaction, job)
    owned.point(transaction, job.tenant, job.owner, job.id)
    audit.record(transaction, entry)
    once.remember(transaction, job.tenant, idempotency, job.id, at=job.created_at)
    try:
        transaction.commit()
    except Refused as refused:
        return Made(read(job.tenant, _earlier(refused, job, idempotency)), replayed=True)
    return Made(job)


def _earlier(refused: Refused, job: Job, idempotency: Idempotency | None) -> str:
    """The id of the job that stands in the way because it is this one, told before."""
    stored = refused.stored
    told = once.earlier(refused, idempotency)
    if told:
        return told
    if stored.get("job"):
        return job.id
    if counters.USAGE in stored:
        usage = stored[counters.USAGE]
        if usage is None or not usage["open"]:
            raise NotFound(f"no tenant {job.tenant}") from refused
        raise OverQuota(f"{usage['max_active']} jobs are unfinished already") from refused
    if counters.MINE in stored:
        raise NotFound(f"no active user {job.owner}") from refused
    raise refused
