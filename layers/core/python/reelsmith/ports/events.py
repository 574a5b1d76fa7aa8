"""Where events, endpoints and deliveries are kept, and the line between courier and sender."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.events import Event
from reelsmith.domain.webhooks import Delivery, Webhook
from reelsmith.ports.once import Idempotency, Made


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events in the order of the log. `after` is where to go on, also when nothing is there."""

    events: tuple[Event, ...]
    after: str | None
    more: bool


class Events(Protocol):
    """The log of each tenant, and the events that have no place in it yet."""

    def add(self, event: Event) -> None:
        """Note an event that belongs to no other write. The same id again changes nothing."""

    def untold(self, *, limit: int) -> Sequence[Event]:
        """Events of all tenants without a place in the log, oldest first. May lag a moment."""

    def publish(
        self,
        tenant: str,
        told: Sequence[Event],
        *,
        at: datetime,
        route: Callable[[Event], Sequence[Delivery]],
    ) -> bool:
        """Give new events of a tenant their places, with those that follow and all deliveries.

        All at once or not at all. Places go up without an end: what was read before a place stays
        all that is before it. False when somebody else was at it.
        """

    def get(self, tenant: str, place: str) -> Event | None:
        """The event at a place of the log; None when its time is over."""

    def page(
        self,
        tenant: str,
        *,
        owner: str | None = None,
        types: Sequence[str] = (),
        after: str | None,
        limit: int,
    ) -> EventPage:
        """Events after a place, oldest first, read consistently. A page may come short."""

    def span(self, tenant: str, since: datetime, until: datetime) -> Iterator[Event]:
        """The events that were given their places in a span of time, oldest first."""


class Webhooks(Protocol):
    """The endpoints of tenants."""

    def add(
        self, webhook: Webhook, *, entry: AuditEntry, idempotency: Idempotency | None
    ) -> Made[Webhook]:
        """Store a new endpoint. Raises KeyReused, and NotFound when its tenant is not active."""

    def replay(self, tenant: str, idempotency: Idempotency, *, at: datetime) -> Webhook | None:
        """The endpoint that this key made before, if any. Raises KeyReused, NotFound."""

    def get(self, tenant: str, webhook_id: str) -> Webhook:
        """One endpoint, read consistently. Raises NotFound."""

    def all(self, tenant: str) -> Sequence[Webhook]:
        """All endpoints of a tenant, oldest first, read consistently."""

    def change(
        self, was: Webhook, now: Webhook, *, entry: AuditEntry, event: Event | None = None
    ) -> Webhook:
        """Write `now`, with a new version, where `was.version` stands.

        An `event` that tells of it is written with it. Raises Conflict, NotFound.
        """

    def remove(self, webhook: Webhook, *, entry: AuditEntry) -> None:
        """Delete an endpoint. Raises NotFound."""

    def failed(self, webhook: Webhook, *, at: datetime) -> Webhook:
        """Count one more attempt in a row that failed. Raises NotFound."""

    def worked(self, webhook: Webhook) -> None:
        """Forget attempts that failed. One that is gone is no error."""


class Deliveries(Protocol):
    """Events on their way to endpoints."""

    def due(self, *, at: datetime, most: int) -> Iterator[Delivery]:
        """Deliveries of all tenants whose next attempt is due, oldest first. May lag a moment."""

    def under_way(self, *, at: datetime) -> Iterator[Delivery]:
        """Deliveries of all tenants with an attempt of which nothing was heard yet. May lag."""

    def get(self, tenant: str, webhook_id: str, delivery_id: str) -> Delivery:
        """One delivery, read consistently. Raises NotFound."""

    def page(
        self, tenant: str, webhook_id: str, *, after: str | None, limit: int
    ) -> tuple[Sequence[Delivery], str | None]:
        """Deliveries to an endpoint, newest first, and the id to go on after."""

    def move(self, was: Delivery, now: Delivery) -> Delivery:
        """Write `now` where `was` stands: as many attempts, and as far. Raises Conflict."""

    def again(self, delivery: Delivery, *, at: datetime) -> bool:
        """Begin a delivery anew, or at all. False while an attempt of it is under way."""


class Post(Protocol):
    """The line between the courier, who keeps and signs, and the sender, who goes out."""

    def wake(self, *, after_s: int = 1) -> None:
        """Tell the courier that there may be work by then. Losing a call only costs time."""

    def order(self, letter: Mapping[str, Any]) -> None:
        """Have the sender send a letter, perhaps twice. Raises Unavailable."""

    def report(self, outcome: Mapping[str, Any]) -> None:
        """Tell the courier what became of a letter. Raises Unavailable."""
