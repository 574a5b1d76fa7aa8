"""What callers send and see of endpoints, deliveries and events."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from reelsmith.domain.events import Event, EventType
from reelsmith.domain.webhooks import Delivery, DeliveryStatus, Reason, Webhook
from reelsmith.http.queries import When
from reelsmith.usecases.webhooks import Replayed, Shown

_ASKED = ConfigDict(extra="forbid", frozen=True)

Url = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2048),
    Field(description="https on port 443 of a public host; redirects are not followed"),
]
Types = Annotated[
    tuple[EventType, ...], Field(max_length=50, description="what it gets; none means all")
]
Description = Annotated[str, StringConstraints(max_length=500)]


class NewWebhook(BaseModel):
    """What a caller sends for a new endpoint."""

    model_config = _ASKED

    url: Url
    description: Description = ""
    types: Types = ()


class WebhookChange(BaseModel):
    """What is to be different. What is left out stays; null is no value of any of them."""

    model_config = _ASKED

    url: Url = ""
    description: Description = ""
    types: Types = ()
    enabled: bool = Field(default=True, description="true switches on again, and forgives")

    def wanted(self) -> dict[str, Any]:
        """The fields that were sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Span(BaseModel):
    """Events by the time at which they came into the log."""

    model_config = _ASKED

    since: When
    until: When | None = Field(default=None, description="left out: now")


class WebhookView(BaseModel):
    """An endpoint, without its secret."""

    id: str
    url: str
    description: str
    types: tuple[str, ...]
    enabled: bool
    disabled_reason: Reason | None
    disabled_at: datetime | None
    failures: int = Field(description="attempts in a row that failed")
    failing_since: datetime | None
    previous_until: datetime | None = Field(
        description="until when each delivery has a signature by the secret before as well"
    )
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, webhook: Webhook) -> Self:
        """As callers see it."""
        return cls.model_validate(webhook.model_dump(include=set(cls.model_fields)))


class WebhookShown(WebhookView):
    """A new endpoint, or one with a new secret, with the secret that is shown this once."""

    secret: str | None = Field(
        default=None,
        description="`whsec_...`; null when the answer to an earlier request is repeated",
    )

    @classmethod
    def shown(cls, shown: Shown) -> Self:
        """As callers see it."""
        return cls.of(shown.webhook).model_copy(update={"secret": shown.secret})


class WebhookList(BaseModel):
    """Endpoints, newest first."""

    data: tuple[WebhookView, ...]


class DeliveryView(BaseModel):
    """An event on its way to an endpoint."""

    id: str
    event: str = Field(description="id of the event: the `webhook-id` of each attempt")
    type: str
    status: DeliveryStatus
    attempts: int
    next_at: datetime | None = Field(description="of the next attempt, while it is pending")
    last_status: int | None = Field(description="that the endpoint answered, if it did")
    last_error: str | None
    created_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """As callers see it."""
        return cls.model_validate(delivery.model_dump(include=set(cls.model_fields)))


class DeliveryPage(BaseModel):
    """One page of deliveries, newest first."""

    data: tuple[DeliveryView, ...]
    next_cursor: str | None
    has_more: bool


class ReplayedView(BaseModel):
    """What is delivered again."""

    events: int
    rest_since: datetime | None = Field(
        description="there are more: ask again from this time on; null when these were all"
    )

    @classmethod
    def of(cls, replayed: Replayed) -> Self:
        """As callers see it."""
        return cls(events=replayed.events, rest_since=replayed.rest_since)


class EventView(BaseModel):
    """Something that happened."""

    id: str
    type: str
    timestamp: datetime
    data: dict[str, Any] = Field(description="the thing as lists show it, at that moment")

    @classmethod
    def of(cls, event: Event) -> Self:
        """As callers see it."""
        return cls(id=event.id, type=event.type, timestamp=event.at, data=event.data)


class EventList(BaseModel):
    """Events, oldest first."""

    data: tuple[EventView, ...]
    next_cursor: str | None = Field(
        description="where to go on, also when there is nothing yet; null before the first event"
    )
    has_more: bool = Field(description="whether there are more just now")
