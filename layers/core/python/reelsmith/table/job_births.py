"""How a job comes to be: everything about it in one transaction, once per idempotency key."""

from collections.abc import Callable
from datetime import datetime

from pynamodb.expressions.operand import Path

from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.jobs import Job, UgcSpec
from reelsmith.errors import KeyReused, NotFound, OverQuota
from reelsmith.ports import Created, Idempotency
from reelsmith.table import audit, counters, job_items, keys
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, absent, encode, to_item, version
from reelsmith.table.transactions import Transaction

_KEY = "idempotency"


def create(
    database: Database,
    job: Job,
    spec: UgcSpec,
    *,
    entry: AuditEntry,
    idempotency: Idempotency | None,
    read: Callable[[str, str], Job],
) -> Created:
    """Store a queued job; see `ports.Jobs.create`. `read` gets a job by tenant and id."""
    transaction = Transaction(database)
    transaction.new("job", job_items.header(job, op=entry.id))
    transaction.new("spec", to_item(spec, "spec", keys.job_spec(job.tenant, job.id)))
    transaction.new("progress", job_items.progress(job))
    counters.count_job(
        transaction, job.tenant, job.id, {"jobs": 1, "active": 1}, expects=counters.has_room()
    )
    audit.record(transaction, entry, watched=True)
    if idempotency:
        free = absent() | (Path(keys.TTL) <= encode(int(job.created_at.timestamp())))
        transaction.new(_KEY, _record(job, idempotency), expects=free)
    try:
        transaction.commit()
    except Refused as refused:
        return Created(read(job.tenant, _earlier(refused, job, idempotency)), replayed=True)
    return Created(job, replayed=False)


def replayed(
    database: Database, tenant: str, idempotency: Idempotency, *, now: datetime
) -> str | None:
    """The id of the job that this key made before. Raises KeyReused."""
    record = database.get(keys.idempotency(tenant, idempotency.key))
    if record is None or record[keys.TTL] <= int(now.timestamp()):
        return None
    return _same_request(record, idempotency)


def _earlier(refused: Refused, job: Job, idempotency: Idempotency | None) -> str:
    """The id of the job that stands in the way because it is this one, told before."""
    stored = refused.stored
    record = stored.get(_KEY)
    if record and idempotency:
        return _same_request(record, idempotency)
    if stored.get("job"):
        return job.id
    if counters.USAGE in stored:
        usage = stored[counters.USAGE]
        if usage is None or not usage["open"]:
            raise NotFound(f"no tenant {job.tenant}") from refused
        raise OverQuota(f"{usage['max_active']} jobs are unfinished already") from refused
    raise refused


def _same_request(record: Item, idempotency: Idempotency) -> str:
    if record["fingerprint"] != idempotency.fingerprint:
        raise KeyReused("this idempotency key was used for another request")
    return str(record["job_id"])


def _record(job: Job, idempotency: Idempotency) -> Item:
    key = keys.idempotency(job.tenant, idempotency.key)
    return {
        keys.PK: key.pk,
        keys.SK: key.sk,
        "et": "idem",
        "sv": version("idem"),
        "job_id": job.id,
        "fingerprint": idempotency.fingerprint,
        keys.TTL: int(idempotency.expires_at.timestamp()),
    }
