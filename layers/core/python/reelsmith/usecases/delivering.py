"""Deliveries under way: what the courier hands to the sender, and what it makes of the outcomes.

The sender goes to callers' URLs and so knows no secret and reaches no row: the courier signs, and
hears from it by a queue. Each attempt has its number: an outcome counts once, and only while its
attempt is the last one.
"""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from reelsmith.domain import audit, events, ids, signing
from reelsmith.domain.events import Event, EventType
from reelsmith.domain.ids import Kind
from reelsmith.domain.webhooks import GONE, LEASE, Delivery, Outcome, Reason, Webhook
from reelsmith.errors import Conflict, NotFound, Unavailable
from reelsmith.ports import Deps
from reelsmith.telemetry import MetricUnit, log, measure

_MOST = 100  # letters of a round
_LOOKED_AT = 500  # due deliveries
_IN_LINE = 20  # for one endpoint; where there are more than we look at, those behind make room
_UNHEARD = "nothing was heard of the attempt"
_MARGIN = timedelta(seconds=30)
_ROUND = timedelta(minutes=1)  # the courier comes by that often unasked


@dataclass(frozen=True, slots=True)
class _Books:
    """Endpoints that a round has looked up, and how many letters to each are under way."""

    deps: Deps
    known: dict[str, Webhook | None]
    busy: Counter[str]
    waiting: Counter[str]
    crowded: bool

    def of(self, delivery: Delivery) -> Webhook | None:
        """The endpoint of a delivery, if it is there."""
        if delivery.webhook not in self.known:
            self.known[delivery.webhook] = None
            with suppress(NotFound):
                found = self.deps.webhooks.get(delivery.tenant, delivery.webhook)
                self.known[delivery.webhook] = found
        return self.known[delivery.webhook]


def hand_out(deps: Deps) -> int:
    """Hand letters that are due to the sender, few at once for each endpoint; how many."""
    now = deps.now()
    waiting = tuple(deps.deliveries.due(at=now, most=_LOOKED_AT))
    busy = Counter(delivery.webhook for delivery in deps.deliveries.under_way(at=now))
    books = _Books(deps, {}, busy, Counter(), crowded=len(waiting) == _LOOKED_AT)
    handed = 0
    for delivery in waiting:
        if handed == _MOST:
            break
        with suppress(Conflict):  # another courier has it
            handed += _hand(deps, delivery, books)
    return handed


def settle(deps: Deps, outcome: Outcome) -> None:
    """Note what became of an attempt. Twice is once; one that is not awaited is nothing."""
    try:
        was = deps.deliveries.get(outcome.tenant, outcome.webhook, outcome.delivery)
        if not was.sending or was.attempts != outcome.attempt:
            return
        now = deps.deliveries.move(was, was.told(outcome, at=deps.now()))
        webhook = deps.webhooks.get(outcome.tenant, outcome.webhook)
    except (Conflict, NotFound):  # told before, or its endpoint is gone
        return
    measure("Deliveries", 1, MetricUnit.Count, outcome="arrived" if outcome.arrived else "failed")
    if now.next_at and (wait := now.next_at - deps.now()) < _ROUND:
        deps.post.wake(after_s=ceil(wait.total_seconds()))
    if not outcome.arrived:
        _failed(deps, webhook, outcome)
    elif webhook.failures:
        deps.webhooks.worked(webhook)


def _hand(deps: Deps, delivery: Delivery, books: _Books) -> bool:
    """Hand a letter to the sender, if it is its turn. Raises Conflict."""
    webhook, now = books.of(delivery), deps.now()
    if delivery.sending:  # sender or courier died over it
        unheard = Outcome(**_named(delivery), error=_UNHEARD)
        deps.deliveries.move(delivery, delivery.told(unheard, at=now))
        return False
    if webhook is None or not webhook.enabled:
        why = "the endpoint is switched off" if webhook else "the endpoint was deleted"
        deps.deliveries.move(delivery, delivery.given_up(why, at=now))
        return False
    if books.busy[webhook.id] >= webhook.at_once:
        books.waiting[webhook.id] += 1
        if books.crowded and books.waiting[webhook.id] > _IN_LINE:
            deps.deliveries.move(delivery, delivery.deferred(at=now))
        return False
    event = deps.events.get(delivery.tenant, delivery.place)
    if event is None:
        gone = delivery.given_up("the event is no longer kept", at=now)
        deps.deliveries.move(delivery, gone)
        return False
    books.busy[webhook.id] += 1
    return _ordered(deps, delivery, webhook, event, now)


def _ordered(
    deps: Deps, delivery: Delivery, webhook: Webhook, event: Event, now: datetime
) -> bool:
    """Begin an attempt: the row first, so that no two couriers begin the same. Raises Conflict."""
    begun = deps.deliveries.move(delivery, delivery.begun(at=now))
    try:
        deps.post.order(letter(deps, begun, webhook, event, at=now))
    except Unavailable:  # it comes again when the lease of its attempt is over
        log.warning("a letter was not handed over", extra={"delivery": delivery.id})
        return False
    return True


def letter(
    deps: Deps, delivery: Delivery, webhook: Webhook, event: Event, *, at: datetime
) -> dict[str, object]:
    """What the sender is given: all that it sends, and until when it may."""
    body = event.body()
    signed = signing.headers(
        secrets(deps, webhook, at=at),
        message=event.id,
        timestamp=int(at.timestamp()),
        body=body,
    )
    return {
        **_named(delivery),
        "url": webhook.url,
        "body": body.decode(),
        "headers": {"content-type": "application/json", **signed},
        "until": (at + LEASE - _MARGIN).isoformat(),
    }


def secrets(deps: Deps, webhook: Webhook, *, at: datetime) -> list[str]:
    """The secrets that sign for an endpoint at a moment, newest first."""
    generations = [webhook.generation]
    if webhook.previous_until and at < webhook.previous_until:
        generations.append(webhook.generation - 1)
    return [secret(deps, webhook, generation) for generation in generations]


def secret(deps: Deps, webhook: Webhook, generation: int) -> str:
    """The secret of an endpoint in one generation."""
    return signing.secret(
        deps.pepper(), tenant=webhook.tenant, webhook=webhook.id, generation=generation
    )


def _named(delivery: Delivery) -> dict[str, Any]:
    """Which attempt of which delivery is meant."""
    return {
        "tenant": delivery.tenant,
        "webhook": delivery.webhook,
        "delivery": delivery.id,
        "attempt": delivery.attempts,
    }


def _failed(deps: Deps, webhook: Webhook, outcome: Outcome) -> None:
    """Count a failure, and switch the endpoint off when it is gone or has failed too long."""
    now = deps.now()
    with suppress(NotFound, Conflict):  # deleted or changed meanwhile; the next failure tells
        webhook = deps.webhooks.failed(webhook, at=now)
        if webhook.enabled and (outcome.status == GONE or webhook.is_lost(now)):
            reason = Reason.GONE if outcome.status == GONE else Reason.FAILING
            _switch_off(deps, webhook, reason, now)


def _switch_off(deps: Deps, webhook: Webhook, reason: Reason, now: datetime) -> None:
    entry = audit.by_system(
        webhook.tenant,
        entry_id=ids.derived(Kind.EVENT, now, webhook.id, str(webhook.version), "disabled"),
        action="webhook.disabled",
        resource=webhook.id,
        at=now,
        reason=reason,
    )
    told = Event(
        id=entry.id,
        tenant=webhook.tenant,
        owner=webhook.owner,
        type=EventType.WEBHOOK_DISABLED,
        resource=webhook.id,
        data={
            "id": webhook.id,
            "description": webhook.description,
            "reason": reason,
            "failures": webhook.failures,
            "disabled_at": events.stamp(now),
        },
        at=now,
    )
    deps.webhooks.change(webhook, webhook.disabled(reason, at=now), entry=entry, event=told)
    measure("WebhooksDisabled", 1, MetricUnit.Count)
    log.warning("a webhook was switched off", extra={"webhook": webhook.id, "reason": reason})
