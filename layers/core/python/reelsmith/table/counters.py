"""Counters, changed in the transaction that changes what they count.

A tenant's usage item is exact and guards its quota: `jobs`, `active` (queued or processing),
`n_completed`, `n_failed`, `n_cancelled`, `out_ms` and `out_bytes` (of films ever finished),
`files`, `bytes` (each content once, and every film that is there). Each user has one of its own,
which says beside whether the user makes anything more, and a row for each day. The totals of all
tenants are spread over shards, so that tenants do not wait for each other.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path

from reelsmith.domain.jobs import Job, JobStatus
from reelsmith.domain.people import Tenant, User
from reelsmith.domain.videos import Video
from reelsmith.table import keys, quotas
from reelsmith.table.items import Item, add, assign, encode, stands, version
from reelsmith.table.transactions import Transaction
from reelsmith.table.usage import count_day

USAGE, MINE = "usage", "user usage"
OF_JOBS = ("jobs", "active", "n_completed", "n_failed", "n_cancelled")
OF_FILES = ("files", "bytes")


def usage_of(tenant: Tenant) -> Item:
    """A new tenant's usage: nothing yet, and what it may have."""
    key = keys.usage(tenant.id)
    fresh: Item = dict.fromkeys(OF_JOBS + OF_FILES, 0)
    limits = {name: value for name, value in limits_of(tenant).items() if value is not None}
    own = {keys.PK: key.pk, keys.SK: key.sk, "et": "usage", "sv": version("usage")}
    return fresh | quotas.none_used(tenant.created_at) | own | limits


def limits_of(tenant: Tenant) -> Item:
    """What a tenant may have, as its usage item holds it; None where there is no limit."""
    return {"open": tenant.active and not tenant.erasing_at} | quotas.limits_of(tenant)


def usage_by(tenant_id: str, owner: str, *, enabled: bool = True) -> Item:
    """A new user's usage: nothing yet."""
    key = keys.user_usage(tenant_id, owner)
    fresh: Item = dict.fromkeys((*OF_JOBS, "files"), 0)
    return fresh | {
        keys.PK: key.pk,
        keys.SK: key.sk,
        "et": "usage",
        "sv": version("usage"),
        "open": enabled,
    }


def is_open() -> Condition:
    """The tenant, or the user, exists and may make things."""
    return stands(open=True)


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


def count_mine(
    transaction: Transaction,
    tenant_id: str,
    owner: str,
    by: Mapping[str, int],
    *,
    expects: Condition | None = None,
) -> None:
    """Change a user's counters; the user exists, or `expects` holds."""
    expects = stands() if expects is None else expects
    transaction.update(MINE, keys.user_usage(tenant_id, owner), *add(by), expects=expects)


def count_file(transaction: Transaction, tenant_id: str, owner: str, by: int) -> None:
    """Count a file that comes, of a tenant and a user who may add one, or one that goes."""
    open_only = is_open() if by > 0 else None
    room = is_open() & quotas.room_for_bytes() if by > 0 else None
    count(transaction, tenant_id, {"files": by}, expects=room)
    count_mine(transaction, tenant_id, owner, {"files": by}, expects=open_only)


def count_job(transaction: Transaction, job: Job, by: Mapping[str, int]) -> None:
    """Change the counters of a job's owner and tenant, and those of all tenants' jobs."""
    count(transaction, job.tenant, by)
    count_mine(transaction, job.tenant, job.owner, by)
    transaction.update("totals", keys.totals(job.id), *add(by), expects=None)


def count_move(
    transaction: Transaction,
    job: Job,
    by: Mapping[str, int],
    *,
    at: datetime,
    film: Video | None,
    rolls: bool,
) -> None:
    """Count how a job moves, for its owner, its tenant, all tenants and the day.

    One that becomes unfinished again needs the room that a new one needs, but counts in no day.
    With a film, its minutes count in this month; the first of its month if the month `rolls`.
    """
    usage, month, expects, mine = add(by), [], stands(), stands()
    if by.get("active", 0) > 0:
        expects, mine = is_open() & quotas.room_for_active(), is_open()
    if film:
        ms = round(film.duration_seconds * 1000)
        by = {**by, "out_ms": ms, "out_bytes": film.size_bytes}
        usage = add({**by, "bytes": film.size_bytes})
        month = quotas.more_video(ms, at, rolls=rolls)
        expects &= quotas.month_is_new(at, rolls)
    transaction.update(USAGE, keys.usage(job.tenant), *usage, *month, expects=expects)
    count_mine(transaction, job.tenant, job.owner, by, expects=mine)
    count_day(transaction, job.tenant, job.owner, by, at=at)
    transaction.update("totals", keys.totals(job.id), *add(by), expects=None)


def count_birth(transaction: Transaction, job: Job, *, rolls: bool) -> None:
    """Count a new job, if its tenant has room for one and its owner makes anything.

    It is the first one of its day if the day `rolls`.
    """
    by, at = {"jobs": 1, "active": 1}, job.created_at
    more = [*add(by), *quotas.one_more_job(at, rolls=rolls)]
    room = is_open() & quotas.room_for_job(at, rolls=rolls)
    transaction.update(USAGE, keys.usage(job.tenant), *more, expects=room)
    count_mine(transaction, job.tenant, job.owner, by, expects=is_open())
    count_day(transaction, job.tenant, job.owner, by, at=at)
    transaction.update("totals", keys.totals(job.id), *add(by), expects=None)


def forget_film(transaction: Transaction, film: Video) -> None:
    """A film that goes leaves its bytes; that it was made stays counted."""
    count(transaction, film.tenant, {"bytes": -film.size_bytes})


def count_user(transaction: Transaction, was: User | None, now: User) -> None:
    """Count a user who comes or changes; `admins` are those who can act, and one has to stay.

    A user who is not enabled any more makes nothing from then on.
    """
    admins = int(now.governs) - int(was.governs if was else False)
    if was is None:
        count(transaction, now.tenant, {"users": 1, "admins": admins}, expects=is_open())
        transaction.update("totals", keys.totals(now.id), *add({"users": 1}), expects=None)
        transaction.new(MINE, usage_by(now.tenant, now.id, enabled=now.enabled))
        return
    if admins:
        others = stands() & (Path("admins") > encode(1))
        count(transaction, now.tenant, {"admins": admins}, expects=others if admins < 0 else None)
    if was.enabled is not now.enabled:
        mine = keys.user_usage(now.tenant, now.id)
        transaction.update(MINE, mine, assign("open", now.enabled), expects=stands())


def of_status(status: JobStatus) -> Counter[str]:
    """What a job of this status counts as, beside being a job."""
    return Counter({f"n_{status}": 1} if status.final else {"active": 1})


def of_move(was: JobStatus, now: JobStatus) -> dict[str, int]:
    """How a move changes the counters; empty when it does not."""
    change = of_status(now)
    change.subtract(of_status(was))
    return {name: by for name, by in change.items() if by}
