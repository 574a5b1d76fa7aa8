"""The log of events of each tenant: `ports.Events`.

A place in the log is given out by one transaction, which moves the log's end to it and puts the
event there. So the places of all that a reader has not seen come after those that it has, however
late and in whichever order the writers of events came.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import chain

from reelsmith.domain.events import Event, place_at, that_follow
from reelsmith.domain.webhooks import Delivery
from reelsmith.ports.events import EventPage
from reelsmith.table import deliveries, keys, outbox
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, absent, assign, stands, to_entity
from reelsmith.table.paging import MOST_LOOKS
from reelsmith.table.transactions import Transaction
from reelsmith.table.work import due

_OPERATIONS = 100  # DynamoDB: TransactWriteItems, most actions
Route = Callable[[Event], Sequence[Delivery]]


class EventTable:
    """`ports.Events` on the single table; what each method promises is said there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, event: Event) -> None:
        """Note an event that belongs to no other write."""
        transaction = Transaction(self._database)
        outbox.tell(transaction, event)
        try:
            transaction.commit()
        except Refused:
            return  # noted before

    def untold(self, *, limit: int) -> Sequence[Event]:
        """Events of all tenants without a place in the log, oldest first."""
        found = due(self._database, lambda shard: (keys.untold_lane(shard), None), limit=limit)
        return tuple(to_entity(Event, item) for item in found)

    def publish(self, tenant: str, told: Sequence[Event], *, at: datetime, route: Route) -> bool:
        """Give new events their places, in as few transactions as they fit into."""
        left = list(told)
        while left:
            took = self._publish_some(tenant, left, at, route)
            if not took:
                return False
            left = left[took:]
        return True

    def get(self, tenant: str, place: str) -> Event | None:
        """The event at a place of the log."""
        item = self._database.get(keys.event(tenant, place))
        return to_entity(Event, item) if item else None

    def page(
        self,
        tenant: str,
        *,
        owner: str | None = None,
        types: Sequence[str] = (),
        after: str | None,
        limit: int,
    ) -> EventPage:
        """Events after a place, oldest first; how many are looked at for a page is bounded."""
        found: list[Event] = []
        looked = 0
        while True:
            rows = list(self._rows(tenant, after, limit + 1))  # one more tells whether there is
            for row in rows[:limit]:
                if len(found) == limit:
                    return EventPage(tuple(found), after, more=True)
                after, looked = row[keys.SK], looked + 1
                if owner in (None, row["owner"]) and (not types or row["type"] in types):
                    found.append(to_entity(Event, row))
            over = len(rows) <= limit
            if over or len(found) == limit or looked >= MOST_LOOKS:
                return EventPage(tuple(found), after, more=not over)

    def span(self, tenant: str, since: datetime, until: datetime) -> Iterator[Event]:
        """The events that were given their places in a span of time, oldest first."""
        first, last = place_at(since), place_at(until)
        where, end = keys.log(tenant, first, last)
        return (to_entity(Event, row) for row in self._database.query(where, until=end))

    def _rows(self, tenant: str, after: str | None, limit: int) -> Iterator[Item]:
        where, until = keys.log(tenant, f"{after}#" if after else "0")
        return self._database.query(where, until=until, limit=limit)

    def _publish_some(self, tenant: str, told: Sequence[Event], at: datetime, route: Route) -> int:
        """Publish the first of these events; how many. 0 when somebody else was at it."""
        end = self._database.get(keys.log_end(tenant))
        last = end["place"] if end else ""
        transaction, took, operations = Transaction(self._database), 0, 1
        for event in told:
            placed = _placed((event, *that_follow(event)), at, last)
            routes = list(chain.from_iterable(map(route, placed)))
            operations += 1 + len(placed) + len(routes)
            if took and operations > _OPERATIONS:
                break
            _tell(transaction, event, placed, routes)
            took, last = took + 1, placed[-1].place
        transaction.update(
            "end",
            keys.log_end(tenant),
            *(assign(name, value) for name, value in (("et", "log"), ("sv", 1), ("place", last))),
            expects=stands(place=end["place"]) if end else absent(),
        )
        try:
            transaction.commit()
        except Refused:
            return 0
        return took


def _placed(events: Sequence[Event], at: datetime, last: str) -> list[Event]:
    placed = []
    for event in events:
        last = place_at(at, after=last)
        placed.append(event.placed(last))
    return placed


def _tell(
    transaction: Transaction, new: Event, placed: Sequence[Event], routes: Sequence[Delivery]
) -> None:
    transaction.delete(new.id, keys.new_event(new.tenant, new.id), expects=stands())
    for event in placed:
        transaction.new(f"at {event.place}", outbox.row(event))
    for delivery in routes:
        transaction.new(delivery.id, deliveries.row(delivery))
