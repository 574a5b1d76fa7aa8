"""Counters, changed in the transaction that changes what they count.

A tenant's usage item is exact and guards its quota: `jobs`, `active` (queued or processing),
`n_completed`, `n_failed`, `n_cancelled`, `files`, `bytes` (each content once). The totals of all
tenants are spread over shards, so that tenants do not wait for each other.
"""

from collections import Counter
from collections.abc import Mapping

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path

from reelsmith.domain.jobs import JobStatus
from reelsmith.domain.people import Tenant
from reelsmith.table import keys
from reelsmith.table.items import Item, add, stands, version
from reelsmith.table.transactions import Transaction

USAGE = "usage"
OF_JOBS = ("jobs", "active", "n_completed", "n_failed", "n_cancelled")
OF_FILES = ("files", "bytes")


def usage_of(tenant: Tenant) -> Item:
    """A new tenant's usage: nothing yet, and what it may have."""
    key = keys.usage(tenant.id)
    fresh = dict.fromkeys(OF_JOBS + OF_FILES, 0)
    return fresh | {
        keys.PK: key.pk,
        keys.SK: key.sk,
        "et": "usage",
        "sv": version("usage"),
        "open": tenant.active,
        "max_active": tenant.max_active_jobs,
    }


def is_open() -> Condition:
    """The tenant exists and is active."""
    return stands(open=True)


def has_room() -> Condition:
    """The tenant is active and may have one more unfinished job."""
    room: Condition = is_open() & (Path("active") < Path("max_active"))
    return room


def count(
    transaction: Transaction,
    tenant_id: str,
    by: Mapping[str, int],
    *,
    expects: Condition | None = None,
) -> None:
    """Change a tenant's counters; the tenant exists, or `expects` holds."""
    expects = stands() if expects is None else expects
    transaction.update(USAGE, keys.usage(tenant_id), *add(by), expects=expects)


def count_job(
    transaction: Transaction,
    tenant_id: str,
    job_id: str,
    by: Mapping[str, int],
    *,
    expects: Condition | None = None,
) -> None:
    """Change the counters of a tenant's jobs, and those of all tenants' jobs with them."""
    count(transaction, tenant_id, by, expects=expects)
    transaction.update("totals", keys.totals(job_id), *add(by), expects=None)


def of_status(status: JobStatus) -> Counter[str]:
    """What a job of this status counts as, beside being a job."""
    return Counter({f"n_{status}": 1} if status.final else {"active": 1})


def of_move(was: JobStatus, now: JobStatus) -> dict[str, int]:
    """How a move changes the counters; empty when it does not."""
    change = of_status(now)
    change.subtract(of_status(was))
    return {name: by for name, by in change.items() if by}
