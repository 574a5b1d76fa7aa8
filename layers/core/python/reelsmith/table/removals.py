"""Removing many things of one owner in one transaction, with their counters.

A thing that changed since it was read is left out and the others go: nothing that is stuck holds
up the rest. How many went is counted beside the owner's counters, for the receipt.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Protocol, TypeVar

from reelsmith.domain.assets import Asset, AssetStatus
from reelsmith.domain.batches import Batch
from reelsmith.domain.jobs import Job
from reelsmith.domain.videos import Video
from reelsmith.errors import Conflict
from reelsmith.table import blobs, counters, keys, owned
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import absent, add, stands
from reelsmith.table.keys import Key
from reelsmith.table.transactions import Transaction

ROWS = 90  # of 100 operations in a transaction; the rest guards and counts
_COUNTERS = 2 + keys.SHARDS  # usage of the tenant and of the user, totals in each shard
ERASED = "erased_"
"""What the counts of things that went begin with."""


class _Thing(Protocol):
    @property
    def id(self) -> str:
        """What its operation is named in a transaction."""


ThingT = TypeVar("ThingT", bound=_Thing)


def some(things: Sequence[ThingT], build: Callable[[Sequence[ThingT]], Transaction]) -> int:
    """Commit what `build` makes of the things, without those that changed; how many went.

    Raises:
        Conflict: something else than the things stands in the way.
    """
    while things:
        try:
            build(things).commit()
        except Refused as refused:
            left = [thing for thing in things if thing.id not in refused.stored]
            if len(left) == len(things):
                raise Conflict(f"cannot erase: {refused}") from refused
            things = left
        else:
            return len(things)
    return 0


def rows(database: Database, found: Sequence[Key]) -> int:
    """Delete rows that nothing counts, some of which may be gone already; how many were named."""
    for first in range(0, len(found), ROWS):
        transaction = Transaction(database)
        for key in found[first : first + ROWS]:
            transaction.delete(key.sk, key, expects=absent() | stands())
        transaction.commit()
    return len(found)


def below(database: Database, where: Key, *, limit: int = ROWS) -> Sequence[Key]:
    """The keys of the first rows of a partition."""
    found = islice(database.query(where), limit)
    return [Key(item[keys.PK], item[keys.SK]) for item in found]


def jobs(database: Database, batch: Sequence[Job]) -> int:
    """Delete final jobs of one owner with all their rows."""
    children = [key for job in batch for key in children_of(database, job)]
    room = max(0, ROWS - _COUNTERS - 2 * len(batch))
    rows(database, children[room:])

    def build(things: Sequence[Job]) -> Transaction:
        transaction = Transaction(database)
        partitions = {keys.job_children(job.tenant, job.id).pk for job in things}
        for child in children[:room]:
            if child.pk in partitions:
                transaction.delete(child.sk, child, expects=absent() | stands())
        for job in things:
            head(transaction, job)
        uncount(transaction, things, tally={f"{ERASED}jobs": len(things)})
        return transaction

    return some(batch, build)


def batches(database: Database, some_of: Sequence[Batch]) -> int:
    """Delete batches of one owner with the rows that were refused."""
    tenant, owner = some_of[0].tenant, some_of[0].owner
    for batch in some_of:
        while refused := below(database, keys.refused_row(tenant, batch.id)):
            rows(database, refused)

    def build(things: Sequence[Batch]) -> Transaction:
        transaction = Transaction(database)
        for batch in things:
            as_read = stands(version=batch.version)
            transaction.delete(batch.id, keys.batch(tenant, batch.id), expects=as_read)
            owned.forget(transaction, tenant, owner, batch.id)
        mine = {f"{ERASED}batches": len(things)}
        counters.count_mine(transaction, tenant, owner, mine)
        return transaction

    return some(some_of, build)


def videos(database: Database, batch: Sequence[Video]) -> int:
    """Delete the rows of videos of one owner."""
    tenant, owner = batch[0].tenant, batch[0].owner

    def build(things: Sequence[Video]) -> Transaction:
        transaction = Transaction(database)
        for video in things:
            transaction.delete(video.id, keys.video(tenant, video.id), expects=stands())
            owned.forget(transaction, tenant, owner, video.id)
        counters.count(transaction, tenant, {"bytes": -sum(one.size_bytes for one in things)})
        mine = {f"{ERASED}videos": len(things)}
        counters.count_mine(transaction, tenant, owner, mine)
        return transaction

    return some(batch, build)


def assets(database: Database, batch: Sequence[Asset], *, at: datetime) -> int:
    """Delete the rows of assets of one owner, and their uses of bytes."""
    tenant, owner = batch[0].tenant, batch[0].owner

    def build(things: Sequence[Asset]) -> Transaction:
        transaction = Transaction(database)
        for asset in things:
            as_read = stands(status=asset.status)
            transaction.delete(asset.id, keys.asset(tenant, asset.id), expects=as_read)
            owned.forget(transaction, tenant, owner, asset.id)
        used = Counter(asset.sha256 for asset in things if asset.status is AssetStatus.READY)
        for sha256, uses in used.items():
            blobs.release_many(transaction, tenant, sha256, uses=uses, at=at)
        counters.count(transaction, tenant, {"files": -len(things)})
        mine = {"files": -len(things), f"{ERASED}assets": len(things)}
        counters.count_mine(transaction, tenant, owner, mine)
        return transaction

    return some(batch, build)


def access(database: Database, tenant: str, owner: str, found: Sequence[Key], *, kind: str) -> int:
    """Delete credentials or links of an owner; how many were named."""
    transaction = Transaction(database)
    for key in found:
        transaction.delete(key.sk, key, expects=stands())
    counters.count_mine(transaction, tenant, owner, {f"{ERASED}{kind}": len(found)})
    try:
        transaction.commit()
    except Refused:
        return rows(database, found)  # some went meanwhile, as ended sessions do
    return len(found)


def head(transaction: Transaction, job: Job) -> None:
    """Let a job's header go, where it is as it was read, and the pointer to it."""
    as_read = stands(status=job.status, attempt=job.attempt)
    transaction.delete(job.id, keys.job(job.tenant, job.id), expects=as_read)
    owned.forget(transaction, job.tenant, job.owner, job.id)


def children_of(database: Database, job: Job) -> list[Key]:
    """The keys of all rows of a job but its header."""
    found = database.query(keys.job_children(job.tenant, job.id))
    return [Key(item[keys.PK], item[keys.SK]) for item in found]


def uncount(
    transaction: Transaction, gone: Sequence[Job], *, tally: Mapping[str, int] | None = None
) -> None:
    """Count final jobs of one owner less, everywhere; `tally` counts them as gone."""
    shards: dict[Key, Counter[str]] = {}
    for job in gone:
        by = shards.setdefault(keys.totals(job.id), Counter())
        by.subtract(["jobs", f"n_{job.status}"])
    every: Counter[str] = Counter()
    for key, by in shards.items():
        transaction.update(key.pk, key, *add(by), expects=None)
        every.update(by)
    tenant, owner = gone[0].tenant, gone[0].owner
    counters.count(transaction, tenant, every)
    counters.count_mine(transaction, tenant, owner, {**every, **(tally or {})})
