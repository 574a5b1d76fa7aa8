"""Endpoints for events, and what becomes of the events on their way: /v1/webhooks."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from reelsmith.domain.events import Event
from reelsmith.domain.model import Entity
from reelsmith.domain.rights import Act
from reelsmith.domain.webhooks import Webhook
from reelsmith.http import preconditions
from reelsmith.http.caller import caller
from reelsmith.http.doors import Doors
from reelsmith.http.onces import IdempotencyKey, once, replay_header
from reelsmith.http.pages import Place
from reelsmith.http.queries import Cursor, Limit
from reelsmith.http.views.webhooks import (
    DeliveryPage,
    DeliveryView,
    EventView,
    NewWebhook,
    ReplayedView,
    Span,
    WebhookChange,
    WebhookList,
    WebhookShown,
    WebhookView,
)
from reelsmith.ports import Deps
from reelsmith.usecases import webhooks
from reelsmith.usecases.looking import PAGE_DEFAULT

_NO_FILTER = Entity()
_SECRET = {"Cache-Control": "no-store"}
_WHOLE = "/v1/webhooks/<webhook_id>"


def register(doors: Doors, deps: Deps) -> None:
    """Add the routes of endpoints and deliveries."""
    _making(doors, deps)
    _one(doors, deps)
    _secrets(doors, deps)
    _deliveries(doors, deps)


def _making(doors: Doors, deps: Deps) -> None:
    @doors.post(
        "/v1/webhooks",
        Act.WEBHOOKS_CREATE,
        summary="Have events sent to a URL",
        tags=["webhooks"],
        status_code=HTTPStatus.CREATED,
    )
    def create(body: NewWebhook, idempotency_key: IdempotencyKey = None) -> Response[WebhookShown]:
        made = webhooks.create(
            deps,
            caller=caller(doors.app),
            once=once(doors.app, idempotency_key),
            **body.model_dump(),
        )
        return Response(
            HTTPStatus.CREATED.value,
            content_type="application/json",
            body=WebhookShown.shown(made.thing),
            headers=_SECRET | replay_header(made),
        )

    @doors.get(
        "/v1/webhooks", Act.WEBHOOKS_READ, summary="Webhooks, newest first", tags=["webhooks"]
    )
    def page() -> WebhookList:
        found = webhooks.every(deps, caller=caller(doors.app))
        return WebhookList(data=tuple(map(WebhookView.of, found)))


def _one(doors: Doors, deps: Deps) -> None:
    @doors.get(_WHOLE, Act.WEBHOOKS_READ, summary="A webhook", tags=["webhooks"])
    def read(webhook_id: str) -> Response[WebhookView]:
        return _shown(webhooks.read(deps, caller=caller(doors.app), webhook_id=webhook_id))

    @doors.patch(
        _WHOLE,
        Act.WEBHOOKS_CHANGE,
        summary="Change a webhook, or switch it on or off",
        tags=["webhooks"],
    )
    def change(webhook_id: str, body: WebhookChange) -> Response[WebhookView]:
        who = caller(doors.app)
        was = webhooks.read(deps, caller=who, webhook_id=webhook_id)
        preconditions.expect(doors.app, was)
        return _shown(webhooks.change(deps, caller=who, webhook=was, wanted=body.wanted()))

    @doors.delete(
        _WHOLE,
        Act.WEBHOOKS_DELETE,
        summary="Take a webhook away",
        tags=["webhooks"],
        status_code=HTTPStatus.NO_CONTENT,
    )
    def remove(webhook_id: str) -> Response[None]:
        webhooks.remove(deps, caller=caller(doors.app), webhook_id=webhook_id)
        return Response(HTTPStatus.NO_CONTENT.value)


def _secrets(doors: Doors, deps: Deps) -> None:
    @doors.post(
        f"{_WHOLE}/rotate",
        Act.WEBHOOKS_CHANGE,
        summary="A new secret; the one before signs as well for 24 hours",
        tags=["webhooks"],
    )
    def rotate(webhook_id: str) -> Response[WebhookShown]:
        shown = webhooks.rotate(deps, caller=caller(doors.app), webhook_id=webhook_id)
        return Response(
            HTTPStatus.OK.value,
            content_type="application/json",
            body=WebhookShown.shown(shown),
            headers=_SECRET,
        )

    @doors.post(
        f"{_WHOLE}/test",
        Act.WEBHOOKS_SEND,
        summary="Send a webhook an event that tells of nothing",
        tags=["webhooks"],
        status_code=HTTPStatus.ACCEPTED,
    )
    def test(webhook_id: str) -> Response[EventView]:
        event = webhooks.test(deps, caller=caller(doors.app), webhook_id=webhook_id)
        return _accepted(event)


def _deliveries(doors: Doors, deps: Deps) -> None:
    @doors.get(
        f"{_WHOLE}/deliveries",
        Act.WEBHOOKS_READ,
        summary="Deliveries to a webhook, newest first",
        tags=["webhooks"],
    )
    def deliveries(
        webhook_id: str, limit: Limit = PAGE_DEFAULT, cursor: Cursor = None
    ) -> DeliveryPage:
        who = caller(doors.app)
        webhook = webhooks.read(deps, caller=who, webhook_id=webhook_id)
        place = Place(deps, who, "deliveries", _NO_FILTER, webhook.id)
        found, after = webhooks.deliveries(
            deps, caller=who, webhook_id=webhook_id, after=place.after(cursor), limit=limit
        )
        return DeliveryPage.model_validate(
            {"data": tuple(map(DeliveryView.of, found)), **place.ends(after)}
        )

    @doors.post(
        f"{_WHOLE}/deliveries/<delivery_id>/replay",
        Act.WEBHOOKS_SEND,
        summary="Deliver an event again",
        tags=["webhooks"],
        status_code=HTTPStatus.ACCEPTED,
    )
    def replay(webhook_id: str, delivery_id: str) -> Response[DeliveryView]:
        again = webhooks.replay(
            deps, caller=caller(doors.app), webhook_id=webhook_id, delivery_id=delivery_id
        )
        return Response(
            HTTPStatus.ACCEPTED.value,
            content_type="application/json",
            body=DeliveryView.of(again),
        )

    @doors.post(
        f"{_WHOLE}/replay",
        Act.WEBHOOKS_SEND,
        summary="Deliver the events of a span of time, again or for the first time",
        tags=["webhooks"],
        status_code=HTTPStatus.ACCEPTED,
    )
    def replay_span(webhook_id: str, body: Span) -> Response[ReplayedView]:
        replayed = webhooks.replay_span(
            deps,
            caller=caller(doors.app),
            webhook_id=webhook_id,
            since=body.since,
            until=body.until,
        )
        return Response(
            HTTPStatus.ACCEPTED.value,
            content_type="application/json",
            body=ReplayedView.of(replayed),
        )


def _shown(webhook: Webhook) -> Response[WebhookView]:
    return Response(
        HTTPStatus.OK.value,
        content_type="application/json",
        body=WebhookView.of(webhook),
        headers={"ETag": preconditions.etag(webhook)},
    )


def _accepted(event: Event) -> Response[EventView]:
    return Response(
        HTTPStatus.ACCEPTED.value, content_type="application/json", body=EventView.of(event)
    )
