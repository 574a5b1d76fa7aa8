"""Endpoints: made, changed, tried out and taken away; deliveries looked at and repeated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reelsmith.domain import audit, rights
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.events import Event, EventType
from reelsmith.domain.ids import Kind
from reelsmith.domain.people import Caller
from reelsmith.domain.rights import Act
from reelsmith.domain.webhooks import MOST, ROTATION, Delivery, Reason, Webhook
from reelsmith.errors import Conflict, Invalid, OverQuota
from reelsmith.ports import Deps, Made
from reelsmith.usecases import delivering
from reelsmith.usecases.once import Once, record

_REPLAYED_MOST = 500
_REMEDY = "send an https URL of a public host that takes POST requests"
_SAID = ("enabled", "disabled_reason", "types", "generation")


@dataclass(frozen=True, slots=True)
class Shown:
    """An endpoint and its secret; None when it was shown before."""

    webhook: Webhook
    secret: str | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many events of a span are delivered again; the rest from `rest_since` on, if any."""

    events: int
    rest_since: datetime | None


def create(
    deps: Deps,
    *,
    caller: Caller,
    url: str,
    description: str = "",
    types: tuple[EventType, ...] = (),
    once: Once | None = None,
) -> Made[Shown]:
    """A new endpoint and its secret, which is shown this once.

    Raises:
        Forbidden: the caller is no administrator.
        Invalid: the URL is none that we go to.
        OverQuota: the tenant has `MOST` endpoints.
        KeyReused, NotFound: as `Webhooks.add`.
    """
    rights.require(caller, Act.WEBHOOKS_CREATE)
    _check(deps, url)
    idempotency, now = record(deps, caller, once), deps.now()
    if idempotency and (earlier := deps.webhooks.replay(caller.tenant, idempotency, at=now)):
        return Made(Shown(earlier, None), replayed=True)
    there = deps.webhooks.all(caller.tenant)
    if len(there) >= MOST:
        detail = f"there are {MOST} webhooks already"
        raise OverQuota(detail, name="webhooks", limit=MOST, used=len(there))
    webhook = Webhook(
        id=deps.new_id(Kind.WEBHOOK),
        tenant=caller.tenant,
        owner=caller.owner,
        url=url,
        description=description,
        types=types,
        created_at=now,
        updated_at=now,
    )
    entry = _entry(deps, caller, "webhook.created", webhook)
    made = deps.webhooks.add(webhook, entry=entry, idempotency=idempotency)
    shown = None if made.replayed else delivering.secret(deps, made.thing, 1)
    return Made(Shown(made.thing, shown), replayed=made.replayed)


def read(deps: Deps, *, caller: Caller, webhook_id: str) -> Webhook:
    """One endpoint. Raises Forbidden, NotFound."""
    return _webhook(deps, caller, Act.WEBHOOKS_READ, webhook_id)


def every(deps: Deps, *, caller: Caller) -> Sequence[Webhook]:
    """The endpoints of the tenant, newest first. Raises Forbidden."""
    rights.require(caller, Act.WEBHOOKS_READ)
    return tuple(reversed(deps.webhooks.all(caller.tenant)))


def change(deps: Deps, *, caller: Caller, webhook: Webhook, wanted: dict[str, Any]) -> Webhook:
    """An endpoint with other words, filter or URL, or switched on or off.

    One that is switched on again starts anew. Raises Forbidden, NotFound, Invalid, Conflict.
    """
    rights.require_on(caller, Act.WEBHOOKS_CHANGE, webhook, called=f"webhook {webhook.id}")
    now, enabled = deps.now(), wanted.pop("enabled", webhook.enabled)
    if "url" in wanted:
        _check(deps, wanted["url"])
    later = webhook.model_copy(update=wanted | {"updated_at": now})
    if enabled and not webhook.enabled:
        later = later.switched_on(at=now)
    if not enabled and webhook.enabled:
        later = later.disabled(Reason.BY_REQUEST, at=now)
    said = audit.changed(webhook, later, _SAID) | ({"url": "changed"} if "url" in wanted else {})
    entry = _entry(deps, caller, "webhook.changed", webhook, **said)
    return deps.webhooks.change(webhook, later, entry=entry)


def rotate(deps: Deps, *, caller: Caller, webhook_id: str) -> Shown:
    """A new secret; for a day the one before signs as well.

    Raises:
        Conflict: the secret before the present one is still good, or it changed meanwhile.
        Forbidden, NotFound.
    """
    webhook = _webhook(deps, caller, Act.WEBHOOKS_CHANGE, webhook_id)
    now = deps.now()
    if webhook.previous_until and now < webhook.previous_until:
        raise Conflict("two secrets are good already; wait until the first one is over")
    later = webhook.model_copy(
        update={
            "generation": webhook.generation + 1,
            "previous_until": now + ROTATION,
            "updated_at": now,
        }
    )
    entry = _entry(deps, caller, "webhook.rotated", webhook)
    stored = deps.webhooks.change(webhook, later, entry=entry)
    return Shown(stored, delivering.secret(deps, stored, stored.generation))


def remove(deps: Deps, *, caller: Caller, webhook_id: str) -> None:
    """Take an endpoint away; nothing more is sent to it. Raises Forbidden, NotFound."""
    webhook = _webhook(deps, caller, Act.WEBHOOKS_DELETE, webhook_id)
    deps.webhooks.remove(webhook, entry=_entry(deps, caller, "webhook.deleted", webhook))


def test(deps: Deps, *, caller: Caller, webhook_id: str) -> Event:
    """Send an endpoint an event that tells of nothing. Raises Forbidden, NotFound, Conflict."""
    webhook = _switched_on(deps, caller, webhook_id)
    event = Event(
        id=deps.new_id(Kind.EVENT),
        tenant=webhook.tenant,
        owner=caller.owner,
        type=EventType.WEBHOOK_TEST,
        resource=webhook.id,
        data={"id": webhook.id, "description": webhook.description},
        at=deps.now(),
    )
    deps.events.add(event)
    deps.post.wake()
    return event


def deliveries(
    deps: Deps, *, caller: Caller, webhook_id: str, after: str | None, limit: int
) -> tuple[Sequence[Delivery], str | None]:
    """Deliveries to an endpoint, newest first, and where the next page begins.

    Raises Forbidden, NotFound.
    """
    webhook = _webhook(deps, caller, Act.WEBHOOKS_READ, webhook_id)
    return deps.deliveries.page(webhook.tenant, webhook.id, after=after, limit=limit)


def replay(deps: Deps, *, caller: Caller, webhook_id: str, delivery_id: str) -> Delivery:
    """Begin a delivery anew, of the same event under the same id.

    Raises:
        Conflict: an attempt of it is under way, or the endpoint is switched off.
        Forbidden, NotFound.
    """
    webhook = _switched_on(deps, caller, webhook_id)
    delivery = deps.deliveries.get(webhook.tenant, webhook.id, delivery_id)
    if not deps.deliveries.again(delivery, at=deps.now()):
        raise Conflict("an attempt of it is under way")
    deps.post.wake()
    return deps.deliveries.get(webhook.tenant, webhook.id, delivery_id)


def replay_span(
    deps: Deps, *, caller: Caller, webhook_id: str, since: datetime, until: datetime | None
) -> Replayed:
    """Deliver all events of a span that the endpoint wants, whether it got them before or not.

    Raises Forbidden, NotFound, Conflict when it is switched off.
    """
    webhook, now = _switched_on(deps, caller, webhook_id), deps.now()
    count = 0
    for event in deps.events.span(webhook.tenant, since, until or now):
        if not webhook.wants(event):
            continue
        if count == _REPLAYED_MOST:
            deps.post.wake()
            return Replayed(count, event.placed_at)
        count += deps.deliveries.again(Delivery.of(event, webhook, at=now), at=now)
    deps.post.wake()
    return Replayed(count, None)


def _webhook(deps: Deps, caller: Caller, act: Act, webhook_id: str) -> Webhook:
    rights.require(caller, act)
    webhook = deps.webhooks.get(caller.tenant, webhook_id)
    rights.require_on(caller, act, webhook, called=f"webhook {webhook_id}")
    return webhook


def _switched_on(deps: Deps, caller: Caller, webhook_id: str) -> Webhook:
    webhook = _webhook(deps, caller, Act.WEBHOOKS_SEND, webhook_id)
    if not webhook.enabled:
        raise Conflict("the webhook is switched off; switch it on by PATCH with enabled: true")
    return webhook


def _check(deps: Deps, url: str) -> None:
    try:
        deps.fetcher.check(url)
    except Invalid as refused:
        why = refused.faults[0].detail if refused.faults else refused.detail
        raise Invalid.field("/url", why, remedy=_REMEDY) from refused


def _entry(
    deps: Deps, caller: Caller, action: str, webhook: Webhook, **changes: object
) -> AuditEntry:
    """The entry about an endpoint. Its URL may hold a secret, and stays out of it."""
    return audit.by_caller(
        caller,
        entry_id=deps.new_id(Kind.EVENT),
        action=action,
        resource=webhook.id,
        at=deps.now(),
        **changes,
    )
