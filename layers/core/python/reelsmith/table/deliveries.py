"""Events on their way to endpoints: `ports.Deliveries`."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from reelsmith.domain.events import RETENTION
from reelsmith.domain.webhooks import LEASE, Delivery
from reelsmith.errors import Conflict, NotFound
from reelsmith.table import keys
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, absent, assign, changes, stands, to_entity, to_item
from reelsmith.table.work import due

_BOUND = timedelta(milliseconds=1)


class DeliveryTable:
    """`ports.Deliveries` on the single table; what each method promises is said there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, *, at: datetime, most: int) -> Iterator[Delivery]:
        """Deliveries of all tenants whose next attempt is due, oldest first."""
        found = due(
            self._database,
            lambda shard: keys.undelivered_lane(shard, None, at),
            limit=most,
        )
        return (to_entity(Delivery, item) for item in found)

    def under_way(self, *, at: datetime) -> Iterator[Delivery]:
        """Deliveries of all tenants with an attempt of which nothing was heard yet."""
        soon = at + _BOUND
        found = due(self._database, lambda shard: keys.undelivered_lane(shard, soon, at + LEASE))
        return (to_entity(Delivery, item) for item in found if item["sending"])

    def get(self, tenant: str, webhook_id: str, delivery_id: str) -> Delivery:
        """One delivery, read consistently. Raises NotFound."""
        item = self._database.get(keys.delivery(tenant, webhook_id, delivery_id))
        if item is None:
            raise NotFound(f"no delivery {delivery_id}")
        return to_entity(Delivery, item)

    def page(
        self, tenant: str, webhook_id: str, *, after: str | None, limit: int
    ) -> tuple[Sequence[Delivery], str | None]:
        """Deliveries to an endpoint, newest first, and the id to go on after."""
        start = keys.delivery(tenant, webhook_id, after) if after else None
        rows = list(
            self._database.query(
                keys.delivery(tenant, webhook_id),
                after={keys.PK: start.pk, keys.SK: start.sk} if start else None,
                newest_first=True,
                limit=limit + 1,
            )
        )
        found = tuple(to_entity(Delivery, row) for row in rows[:limit])
        return found, found[-1].id if len(rows) > limit else None

    def move(self, was: Delivery, now: Delivery) -> Delivery:
        """Write `now` where `was` stands. Raises Conflict, also when it is gone."""
        expects = stands(status=was.status, sending=was.sending, attempts=was.attempts)
        try:
            self._database.update(_key(was), changes(row(was), row(now)), expects=expects)
        except Refused as refused:
            raise Conflict(f"delivery {was.id} moved meanwhile") from refused
        return now

    def again(self, delivery: Delivery, *, at: datetime) -> bool:
        """Begin a delivery anew, or at all. False while an attempt of it is under way."""
        key = _key(delivery)
        item = self._database.get(key)
        try:
            if item is None:
                fields = {k: v for k, v in row(delivery).items() if k not in (keys.PK, keys.SK)}
                actions = [assign(name, value) for name, value in fields.items()]
                self._database.update(key, actions, expects=absent())
                return True
            was = to_entity(Delivery, item)
            if was.sending and was.next_at and was.next_at > at:
                return False
            self.move(was, was.replayed(at=at))
        except (Refused, Conflict):
            return False  # it has just begun
        return True


def row(delivery: Delivery) -> Item:
    """A delivery as its item."""
    due_at = delivery.next_at
    place = keys.undelivered(delivery.id, due_at) if due_at else None
    item = to_item(delivery, "delivery", _key(delivery), gsi2=place)
    return item | {keys.TTL: int((delivery.created_at + RETENTION).timestamp())}


def _key(delivery: Delivery) -> keys.Key:
    return keys.delivery(delivery.tenant, delivery.webhook, delivery.id)
