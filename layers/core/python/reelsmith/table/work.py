"""Work due, of all tenants: what the sparse index GSI2 lists, shard by shard. It may lag."""

from collections.abc import Callable, Iterable, Iterator
from heapq import merge
from itertools import islice

from pynamodb.expressions.operand import Path

from reelsmith.domain.jobs import Job, JobStatus, Priority
from reelsmith.errors import Conflict
from reelsmith.table import keys
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, encode, place, stands, to_entity
from reelsmith.table.keys import Key

Lane = tuple[Key, str | None]


def due(
    database: Database, lane: Callable[[int], Lane], *, limit: int | None = None
) -> Iterator[Item]:
    """The items of a lane in the order of their keys, all shards merged; `limit` of them."""

    def shard(number: int) -> Iterable[Item]:
        where, until = lane(number)
        return database.query(where, until=until, index=keys.GSI2, limit=limit)

    in_order = merge(*map(shard, range(keys.SHARDS)), key=lambda item: item[keys.GSI2_SK])
    return islice(in_order, limit)


def queued(database: Database, *, limit: int | None) -> tuple[Job, ...]:
    """Jobs that wait, most urgent lane first, then oldest."""
    ranks = len(Priority)
    return _jobs(due(database, lambda shard: keys.queue_lanes(shard, ranks), limit=limit))


def running(database: Database) -> tuple[Job, ...]:
    """Jobs that are processed, the longest since their start first."""
    return _jobs(due(database, lambda shard: (keys.running_lane(shard), None)))


def unsettled(database: Database, *, limit: int) -> tuple[Job, ...]:
    """Finished drop-folder jobs that wait for their folder, oldest first."""
    return _jobs(due(database, lambda shard: (keys.drop_lane(shard), None), limit=limit))


def settle(database: Database, tenant: str, job_id: str) -> None:
    """Take a finished job out of the index; none there is no error.

    Raises:
        Conflict: the job is not finished.
    """
    finals = [encode(status) for status in JobStatus if status.final]
    try:
        database.update(
            keys.job(tenant, job_id),
            place(keys.GSI2, None),
            expects=stands() & Path("status").is_in(*finals),
        )
    except Refused as refused:
        if refused.stored["item"] is not None:
            raise Conflict(f"job {job_id} is not finished") from refused


def _jobs(items: Iterable[Item]) -> tuple[Job, ...]:
    return tuple(to_entity(Job, item) for item in items)
