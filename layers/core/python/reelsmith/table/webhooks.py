"""Endpoints of tenants: `ports.Webhooks`."""

from collections.abc import Sequence
from datetime import datetime

from pynamodb.expressions.operand import Path

from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.events import Event
from reelsmith.domain.webhooks import Webhook
from reelsmith.errors import Conflict, NotFound
from reelsmith.ports import Idempotency, Made
from reelsmith.table import audit, counters, keys, once, outbox
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, add, assign, changes, encode, stands, to_entity, to_item
from reelsmith.table.transactions import Transaction

_WEBHOOK = "webhook"


class WebhookTable:
    """`ports.Webhooks` on the single table; what each method promises is said there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, webhook: Webhook, *, entry: AuditEntry, idempotency: Idempotency | None
    ) -> Made[Webhook]:
        """Store a new endpoint. Raises KeyReused, NotFound."""
        transaction = Transaction(self._database).new(_WEBHOOK, _row(webhook))
        usage = keys.usage(webhook.tenant)
        transaction.check(counters.USAGE, usage, expects=counters.is_open())
        audit.record(transaction, entry)
        at = webhook.created_at
        once.remember(transaction, webhook.tenant, idempotency, webhook.id, at=at)
        try:
            transaction.commit()
        except Refused as refused:
            earlier = once.earlier(refused, idempotency)
            if earlier:
                return Made(self.get(webhook.tenant, earlier), replayed=True)
            if refused.stored.get(_WEBHOOK):
                return Made(webhook, replayed=True)
            raise NotFound(f"no active tenant {webhook.tenant}") from refused
        return Made(webhook)

    def replay(self, tenant: str, idempotency: Idempotency, *, at: datetime) -> Webhook | None:
        """The endpoint that this key made before, if any. Raises KeyReused, NotFound."""
        earlier = once.replayed(self._database, tenant, idempotency, now=at)
        return self.get(tenant, earlier) if earlier else None

    def get(self, tenant: str, webhook_id: str) -> Webhook:
        """One endpoint, read consistently. Raises NotFound."""
        item = self._database.get(keys.webhook(tenant, webhook_id))
        if item is None:
            raise NotFound(f"no webhook {webhook_id}")
        return to_entity(Webhook, item)

    def all(self, tenant: str) -> Sequence[Webhook]:
        """All endpoints of a tenant, oldest first."""
        found = self._database.query(keys.webhook(tenant))
        return tuple(to_entity(Webhook, item) for item in found)

    def change(
        self, was: Webhook, now: Webhook, *, entry: AuditEntry, event: Event | None = None
    ) -> Webhook:
        """Write `now` where `was.version` stands. Raises Conflict, NotFound."""
        later = now.model_copy(update={"version": was.version + 1})
        transaction = Transaction(self._database).update(
            _WEBHOOK,
            _key(was),
            *changes(_row(was), _row(later)),
            expects=stands(version=was.version),
        )
        if event:
            outbox.tell(transaction, event)
        audit.record(transaction, entry)
        try:
            transaction.commit()
        except Refused as refused:
            raise _why(refused, was) from refused
        return later

    def remove(self, webhook: Webhook, *, entry: AuditEntry) -> None:
        """Delete an endpoint. Raises NotFound."""
        transaction = Transaction(self._database)
        transaction.delete(_WEBHOOK, _key(webhook), expects=stands())
        audit.record(transaction, entry)
        try:
            transaction.commit()
        except Refused as refused:
            raise NotFound(f"no webhook {webhook.id}") from refused

    def failed(self, webhook: Webhook, *, at: datetime) -> Webhook:
        """Count one more attempt in a row that failed. Raises NotFound."""
        since = Path("failing_since")
        first = since.set(since | encode(_stamp(webhook, at)))
        try:
            item = self._database.update(
                _key(webhook), [*add({"failures": 1}), first], expects=stands()
            )
        except Refused as refused:
            raise NotFound(f"no webhook {webhook.id}") from refused
        return to_entity(Webhook, item)

    def worked(self, webhook: Webhook) -> None:
        """Forget attempts that failed. One that is gone is no error."""
        forget = [assign("failures", 0), assign("failing_since", None)]
        try:
            self._database.update(_key(webhook), forget, expects=stands())
        except Refused:
            return


def _key(webhook: Webhook) -> keys.Key:
    return keys.webhook(webhook.tenant, webhook.id)


def _row(webhook: Webhook) -> Item:
    return to_item(webhook, _WEBHOOK, _key(webhook))


def _stamp(webhook: Webhook, at: datetime) -> str:
    """A moment as the item of an endpoint holds it."""
    since = webhook.model_copy(update={"failing_since": at})
    return str(since.model_dump(mode="json")["failing_since"])


def _why(refused: Refused, webhook: Webhook) -> Exception:
    if _WEBHOOK in refused.stored and refused.stored[_WEBHOOK] is None:
        return NotFound(f"no webhook {webhook.id}")
    return Conflict(f"webhook {webhook.id} changed meanwhile")
