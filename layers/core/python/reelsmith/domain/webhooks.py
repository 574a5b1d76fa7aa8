"""Endpoints that events are delivered to, and the deliveries: which moves they make, and when."""

import hashlib
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from reelsmith.domain import ids
from reelsmith.domain.events import Event, EventType
from reelsmith.domain.ids import Kind
from reelsmith.domain.model import Entity, Moment

MOST = 20  # endpoints of a tenant
ROTATION = timedelta(hours=24)
LEASE = timedelta(minutes=2)
"""How long an attempt may take from its order to its outcome; then it counts as failed."""

_H = 3600
OFFSETS_S = (0, 5, 300, 1800, 2 * _H, 5 * _H, 10 * _H, 14 * _H, 20 * _H, 24 * _H)
"""When attempts are made, in seconds after the first one."""

_JITTER = 0.1  # of the time between two attempts, at most
_LEAST = timedelta(seconds=5)
_DEFERRED_S = (120, 600)
_WAIT_MOST = timedelta(hours=24)
_PATIENCE = timedelta(hours=24)
_IN_A_ROW, _IN_A_ROW_FOR = 100, timedelta(hours=1)
_AT_ONCE, _DOUBTED_AT = 8, 3
GONE = 410

Url = Annotated[str, StringConstraints(min_length=1, max_length=2048)]


class Reason(StrEnum):
    """Why an endpoint gets nothing."""

    BY_REQUEST = "by_request"
    GONE = "gone"
    FAILING = "failing"


class Webhook(Entity):
    """An endpoint of a tenant. Its secret is worked out, never stored; see `signing`."""

    id: str
    tenant: str
    owner: str = Field(description="id of the user who made it")
    url: Url
    description: str = Field(default="", max_length=500)
    types: tuple[str, ...] = Field(default=(), description="none means all")
    enabled: bool = True
    disabled_reason: Reason | None = None
    disabled_at: Moment | None = None
    generation: int = Field(default=1, description="of its secret")
    previous_until: Moment | None = Field(
        default=None, description="until when the secret before this one signs as well"
    )
    failures: int = Field(default=0, description="attempts in a row that failed")
    failing_since: Moment | None = None
    version: int = 1
    created_at: Moment
    updated_at: Moment

    @property
    def at_once(self) -> int:
        """How many deliveries may be under way to it: one while it keeps failing."""
        return 1 if self.failures >= _DOUBTED_AT else _AT_ONCE

    def wants(self, event: Event) -> bool:
        """Whether an event is for this endpoint. A test is for the one that it names."""
        if not self.enabled:
            return False
        if event.type == EventType.WEBHOOK_TEST:
            return event.resource == self.id
        return not self.types or event.type in self.types

    def is_lost(self, at: Moment) -> bool:
        """Whether it has failed for so long, or so often, that nothing more is sent to it."""
        if self.failing_since is None:
            return False
        failing_for = at - self.failing_since
        often = self.failures >= _IN_A_ROW and failing_for >= _IN_A_ROW_FOR
        return often or failing_for >= _PATIENCE

    def disabled(self, reason: Reason, *, at: Moment) -> Self:
        """The same, switched off."""
        off = {"enabled": False, "disabled_reason": reason, "disabled_at": at, "updated_at": at}
        return self.model_copy(update=off)

    def switched_on(self, *, at: Moment) -> Self:
        """The same, as if it had never failed."""
        on = {"enabled": True, "disabled_reason": None, "disabled_at": None, "updated_at": at}
        return self.model_copy(update={**on, "failures": 0, "failing_since": None})


class DeliveryStatus(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class Outcome(Entity):
    """What became of an attempt: a status, or the reason why there is none."""

    tenant: str
    webhook: str
    delivery: str
    attempt: int
    status: int | None = None
    retry_after_s: float | None = None
    error: str | None = Field(default=None, max_length=300)

    @property
    def arrived(self) -> bool:
        """Whether the endpoint took it: any 2xx."""
        return self.status is not None and 200 <= self.status < 300


class Delivery(Entity):
    """One event on its way to one endpoint. It is `sending` while an attempt is under way."""

    id: str
    tenant: str
    webhook: str
    event: str = Field(description="id of the event, the same in every attempt")
    place: str = Field(description="of the event in the log")
    type: str
    status: DeliveryStatus = DeliveryStatus.PENDING
    sending: bool = False
    attempts: int = 0
    attempts_before: int = Field(default=0, description="made before it was replayed")
    begun_at: Moment
    next_at: Moment | None = None
    last_status: int | None = None
    last_error: str | None = None
    created_at: Moment
    ended_at: Moment | None = None

    @classmethod
    def of(cls, event: Event, webhook: Webhook, *, at: Moment) -> Self:
        """An event's one delivery to an endpoint: asked for twice it is the same one."""
        return cls(
            id=ids.derived(Kind.DELIVERY, event.at, event.id, webhook.id),
            tenant=event.tenant,
            webhook=webhook.id,
            event=event.id,
            place=event.place or "",
            type=event.type,
            begun_at=at,
            next_at=at,
            created_at=at,
        )

    @property
    def tries(self) -> int:
        """Attempts since it began, or was replayed."""
        return self.attempts - self.attempts_before

    @property
    def exhausted(self) -> bool:
        """Whether all attempts are made."""
        return self.tries >= len(OFFSETS_S)

    def begun(self, *, at: Moment) -> Self:
        """The same with an attempt under way; should nothing be heard of it, it comes again."""
        return self.model_copy(
            update={"sending": True, "attempts": self.attempts + 1, "next_at": at + LEASE}
        )

    def deferred(self, *, at: Moment) -> Self:
        """The same in a few minutes, because others of its endpoint are under way."""
        least, most = _DEFERRED_S
        wait_s = least + (most - least) * self._noise()
        return self.model_copy(update={"next_at": at + timedelta(seconds=wait_s)})

    def told(self, outcome: Outcome, *, at: Moment) -> Self:
        """The same after an attempt."""
        seen = self.model_copy(
            update={"last_status": outcome.status, "last_error": outcome.error, "sending": False}
        )
        if outcome.arrived:
            return seen._ended(DeliveryStatus.DELIVERED, at)
        if outcome.status == GONE or self.exhausted:
            return seen._ended(DeliveryStatus.GIVEN_UP, at)
        return seen.model_copy(update={"next_at": self._again_at(outcome, at)})

    def given_up(self, why: str, *, at: Moment) -> Self:
        """The same, when no attempt can help."""
        over = self.model_copy(update={"last_error": why, "sending": False})
        return over._ended(DeliveryStatus.GIVEN_UP, at)

    def replayed(self, *, at: Moment) -> Self:
        """The same from the beginning."""
        return self.model_copy(
            update={
                "status": DeliveryStatus.PENDING,
                "sending": False,
                "attempts_before": self.attempts,
                "begun_at": at,
                "next_at": at,
                "ended_at": None,
            }
        )

    def _ended(self, status: DeliveryStatus, at: Moment) -> Self:
        return self.model_copy(update={"status": status, "next_at": None, "ended_at": at})

    def _again_at(self, outcome: Outcome, at: Moment) -> Moment:
        """By the schedule, a little later so that not all come at once; or when it was asked."""
        gap_s = OFFSETS_S[self.tries] - OFFSETS_S[self.tries - 1]
        later_s = OFFSETS_S[self.tries] + gap_s * _JITTER * self._noise()
        planned = self.begun_at + timedelta(seconds=later_s)
        asked = min(timedelta(seconds=outcome.retry_after_s or 0.0), _WAIT_MOST)
        return max(planned, at + _LEAST, at + asked)

    def _noise(self) -> float:
        """0 to 1, different from delivery to delivery and from attempt to attempt."""
        return hashlib.sha256(f"{self.id} {self.attempts}".encode()).digest()[0] / 255
