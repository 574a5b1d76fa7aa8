"""How a job comes to be: everything about it in one transaction, once per idempotency key."""

from collections.abc import Callable

from reelsmith.domain import events
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.jobs import Job
from reelsmith.domain.quotas import over
from reelsmith.domain.specs import Spec
from reelsmith.errors import NotFound, Unavailable
from reelsmith.ports import Idempotency, Made
from reelsmith.table import audit, batches, counters, job_items, keys, once, outbox, owned, quotas
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, to_item
from reelsmith.table.transactions import Transaction


def create(
    database: Database,
    job: Job,
    spec: Spec,
    *,
    entry: AuditEntry,
    idempotency: Idempotency | None,
    read: Callable[[str, str], Job],
) -> Made[Job]:
    """Store a queued job; see `ports.Jobs.create`. `read` gets a job by tenant and id."""
    for rolls in (False, True, False):  # a day begins at most once while we look
        transaction = _birth(database, job, spec, entry, idempotency, rolls=rolls)
        try:
            transaction.commit()
        except Refused as refused:
            earlier = _earlier(refused, job, idempotency)
            if earlier:
                return Made(read(job.tenant, earlier), replayed=True)
        else:
            return Made(job)
    raise Unavailable("the tenant's usage is moving too fast")


def _birth(
    database: Database,
    job: Job,
    spec: Spec,
    entry: AuditEntry,
    idempotency: Idempotency | None,
    *,
    rolls: bool,
) -> Transaction:
    transaction = Transaction(database)
    transaction.new("job", job_items.header(job, op=entry.id))
    transaction.new("spec", to_item(spec, "spec", keys.job_spec(job.tenant, job.id)))
    transaction.new("progress", job_items.progress(job))
    counters.count_birth(transaction, job, rolls=rolls)
    batches.count_birth(transaction, job)
    owned.point(transaction, job.tenant, job.owner, job.id)
    audit.record(transaction, entry)
    outbox.tell(transaction, events.of_job(job, event_id=entry.id))
    once.remember(transaction, job.tenant, idempotency, job.id, at=job.created_at)
    return transaction


def _earlier(refused: Refused, job: Job, idempotency: Idempotency | None) -> str | None:
    """The id of the job that stands in the way because it is this one, told before.

    None when only the day, or somebody else's job, was in the way.
    """
    stored = refused.stored
    told = once.earlier(refused, idempotency)
    if told:
        return told
    if stored.get("job"):
        return job.id
    batches.see_turn(refused, job)
    if counters.USAGE in stored:
        _see_room(stored[counters.USAGE], job, refused)
        return None
    if counters.MINE in stored:
        raise NotFound(f"no active user {job.owner}") from refused
    raise refused


def _see_room(usage: Item | None, job: Job, refused: Refused) -> None:
    """Raises NotFound, or OverQuota, when that is why the tenant's usage refused the job."""
    if usage is None or not usage["open"]:
        raise NotFound(f"no tenant {job.tenant}") from refused
    full = quotas.reached(usage, job.created_at)
    if full:
        raise over(full, at=job.created_at) from refused
