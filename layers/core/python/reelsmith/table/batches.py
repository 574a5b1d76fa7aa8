"""Batches in the table: `ports.Batches`, and what jobs change of them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.batches import COUNTED, Batch
from reelsmith.domain.events import Event
from reelsmith.domain.jobs import Failure, Job
from reelsmith.domain.lists import PageOf
from reelsmith.errors import Conflict, NotFound
from reelsmith.ports import Idempotency, Made
from reelsmith.table import audit, counters, keys, once, outbox, owned, paging
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, add, assign, changes, stands, to_entity, to_item, version
from reelsmith.table.transactions import Transaction
from reelsmith.table.work import due

BATCH = "batch"
_COUNTS = ("fed", "submitted", "refused", *COUNTED.values())


class BatchTable:
    """`ports.Batches` on the single table; what each method promises is said there."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def add(
        self, batch: Batch, *, entry: AuditEntry, idempotency: Idempotency | None = None
    ) -> Made[Batch]:
        """Store a new batch. Raises KeyReused, NotFound."""
        transaction = Transaction(self._database).new(BATCH, _row(batch))
        transaction.check("tenant", keys.usage(batch.tenant), expects=counters.is_open())
        mine = keys.user_usage(batch.tenant, batch.owner)
        transaction.check("user", mine, expects=counters.is_open())
        if batch.retry_of:
            earlier = keys.batch(batch.tenant, batch.retry_of)
            told = assign("retried_by", batch.id)
            transaction.update("retried", earlier, told, expects=stands())
        owned.point(transaction, batch.tenant, batch.owner, batch.id)
        audit.record(transaction, entry)
        once.remember(transaction, batch.tenant, idempotency, batch.id, at=batch.created_at)
        try:
            transaction.commit()
        except Refused as refused:
            known = once.earlier(refused, idempotency)
            if known or refused.stored.get(BATCH):
                return Made(self.get(batch.tenant, known or batch.id), replayed=True)
            raise NotFound("no active tenant and user, or no batch to retry") from refused
        return Made(batch)

    def replay(self, tenant: str, idempotency: Idempotency) -> Batch | None:
        """The batch that this key made before, if any. Raises KeyReused, NotFound."""
        known = once.replayed(self._database, tenant, idempotency, now=self._now())
        return self.get(tenant, known) if known else None

    def get(self, tenant: str, batch_id: str) -> Batch:
        """One batch, read consistently. Raises NotFound."""
        item = self._database.get(keys.batch(tenant, batch_id))
        if item is None:
            raise NotFound(f"no batch {batch_id}")
        return to_entity(Batch, item)

    def get_many(self, tenant: str, batch_ids: Sequence[str]) -> Mapping[str, Batch]:
        """The batches that exist among these ids, by id."""
        found = self._database.get_many([keys.batch(tenant, one) for one in batch_ids])
        return {item["id"]: to_entity(Batch, item) for item in found.values()}

    def page(
        self, tenant: str, *, owner: str | None, after: str | None, limit: int
    ) -> PageOf[Batch]:
        """Batches newest first, of all or of one owner."""

        def rows(place: str | None, most: int) -> Sequence[tuple[str, Batch | None]]:
            if owner is None:
                return self._newest(tenant, place, most)
            return self._of_owner(tenant, owner, place, most)

        return paging.page(rows, lambda _: True, after=after, limit=limit)

    def save(
        self, was: Batch, now: Batch, *, entry: AuditEntry, event: Event | None = None
    ) -> Batch:
        """Write `now` where `was` stands. Raises Conflict, NotFound."""
        now = now.model_copy(update={"version": was.version + 1})
        as_read = {name: getattr(was, name) for name in ("version", *_COUNTS)}
        transaction = Transaction(self._database)
        transaction.update(
            BATCH,
            keys.batch(was.tenant, was.id),
            *changes(_row(was), _row(now)),
            expects=stands(**as_read),
        )
        audit.record(transaction, entry)
        if event:
            outbox.tell(transaction, event)
        try:
            transaction.commit()
        except Refused as refused:
            if refused.stored.get(BATCH, {}) is None:
                raise NotFound(f"no batch {was.id}") from refused
            raise Conflict(f"batch {was.id} changed meanwhile") from refused
        return now

    def refuse(self, batch: Batch, number: int, failure: Failure) -> bool:
        """Note why no job can be made of a row. False when it is not its turn."""
        key = keys.refused_row(batch.tenant, batch.id, number)
        own = {"et": "refused row", "sv": version("refused row"), "owner": batch.owner}
        said = failure.model_dump(mode="json", exclude_none=True)
        transaction = Transaction(self._database)
        transaction.new("row", {keys.PK: key.pk, keys.SK: key.sk} | own | said)
        _take_turn(transaction, batch.tenant, batch.id, number, "refused")
        try:
            transaction.commit()
        except Refused as refused:
            if refused.stored.get(BATCH, {}) is None:
                raise NotFound(f"no batch {batch.id}") from refused
            return False
        return True

    def refusals(
        self, tenant: str, batch_id: str, *, first: int, last: int
    ) -> Mapping[int, Failure]:
        """Why no jobs could be made of rows, by their numbers."""
        begin = keys.refused_row(tenant, batch_id, first)
        end = keys.refused_row(tenant, batch_id, last).sk
        found = self._database.query(begin, until=end)
        return {int(item[keys.SK]): to_entity(Failure, item) for item in found}

    def due(self, *, limit: int) -> Sequence[Batch]:
        """Batches that are processing, oldest first."""
        found = due(self._database, lambda shard: (keys.batch_lane(shard), None), limit=limit)
        return tuple(to_entity(Batch, item) for item in found)

    def _newest(
        self, tenant: str, place: str | None, most: int
    ) -> Sequence[tuple[str, Batch | None]]:
        start = keys.batch(tenant, place) if place else None
        found = self._database.query(
            keys.batch(tenant),
            after={keys.PK: start.pk, keys.SK: start.sk} if start else None,
            newest_first=True,
            limit=most,
        )
        return [(item["id"], to_entity(Batch, item)) for item in found]

    def _of_owner(
        self, tenant: str, owner: str, place: str | None, most: int
    ) -> Sequence[tuple[str, Batch | None]]:
        ids = tuple(
            owned.things(self._database, tenant, owner, kind="bat", after=place, limit=most)
        )
        found = self.get_many(tenant, ids)
        return [(one, found.get(one)) for one in ids]


def count_birth(transaction: Transaction, job: Job) -> None:
    """A job of a batch is made of the row whose turn it is, and of no other."""
    if job.batch is not None and job.row is not None:
        _take_turn(transaction, job.tenant, job.batch, job.row, "submitted")


def count_move(transaction: Transaction, was: Job, now: Job) -> None:
    """Count a job that ends, or goes on after its end, for its batch."""
    by = {COUNTED[now.status]: 1} if now.status.final else {}
    if was.status.final:
        by[COUNTED[was.status]] = by.get(COUNTED[was.status], 0) - 1
    if was.batch is not None and any(by.values()):
        key = keys.batch(was.tenant, was.batch)
        transaction.update(BATCH, key, *add(by), expects=stands())


def see_turn(refused: Refused, job: Job) -> None:
    """Raises Conflict when the batch of a job would not have it."""
    if BATCH in refused.stored:
        raise Conflict(f"it is not the turn of row {job.row} of batch {job.batch}") from refused


def _take_turn(
    transaction: Transaction, tenant: str, batch_id: str, number: int, counted: str
) -> None:
    """The cursor moves with what it leads to: no row is taken up twice, whatever comes again."""
    transaction.update(
        BATCH,
        keys.batch(tenant, batch_id),
        *add({"fed": 1, counted: 1}),
        expects=stands(fed=number, cancel_requested=False),
    )


def _row(batch: Batch) -> Item:
    return to_item(
        batch,
        "batch",
        keys.batch(batch.tenant, batch.id),
        gsi2=None if batch.status.final else keys.unfinished(batch.id, batch.created_at),
    )
