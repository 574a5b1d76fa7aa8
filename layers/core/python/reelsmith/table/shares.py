"""Links to things in the table: `ports.Shares`. Ended ones are kept for a month."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pynamodb.expressions.operand import Path

from reelsmith.domain.access import Share
from reelsmith.domain.audit import AuditEntry
from reelsmith.errors import NotFound
from reelsmith.ports import Idempotency, Made
from reelsmith.table import audit, counters, keys, once
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, changes, stands, to_entity, to_item
from reelsmith.table.transactions import Transaction

REMEMBERED = timedelta(days=30)
_SHARE = "share"


class ShareTable:
    """`ports.Shares` on the single table; what each method promises is said there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, share: Share, *, entry: AuditEntry, idempotency: Idempotency | None = None
    ) -> Made[Share]:
        """Store a new link; the same id again gives what is stored. Raises KeyReused, NotFound."""
        transaction = Transaction(self._database).new(_SHARE, _row(share))
        transaction.check(
            counters.USAGE, keys.usage(share.tenant), expects=counters.is_open()
        ).check(
            counters.MINE,
            keys.user_usage(share.tenant, share.owner),
            expects=counters.is_open(),
        )
        audit.record(transaction, entry)
        once.remember(transaction, share.tenant, idempotency, share.id, at=share.created_at)
        try:
            transaction.commit()
        except Refused as refused:
            return Made(self._earlier(refused, share, idempotency), replayed=True)
        return Made(share)

    def get(self, tenant: str, share_id: str) -> Share:
        """One link. Raises NotFound."""
        item = self._database.get(keys.share(tenant, share_id))
        if item is None:
            raise NotFound(f"no link {share_id}")
        return to_entity(Share, item)

    def of(self, tenant: str, resource: str) -> Sequence[Share]:
        """The links of a thing, newest first. May lag a moment."""
        found = self._database.query(keys.shares_of(tenant, resource), index=keys.GSI1)
        links = (to_entity(Share, item) for item in found)
        return tuple(sorted(links, key=lambda link: link.created_at, reverse=True))

    def revoke(self, share: Share, *, at: datetime, entry: AuditEntry) -> Share:
        """End a link. Twice is once. Raises NotFound."""
        if share.revoked_at:
            return share
        ended = share.model_copy(update={"revoked_at": at})
        transaction = Transaction(self._database).update(
            _SHARE,
            keys.share(share.tenant, share.id),
            *changes(_row(share), _row(ended)),
            expects=stands() & Path("revoked_at").does_not_exist(),
        )
        audit.record(transaction, entry)
        try:
            transaction.commit()
        except Refused as refused:
            stored = refused.stored.get(_SHARE)
            if stored is None:
                raise NotFound(f"no link {share.id}") from refused
            return to_entity(Share, stored)
        return ended

    def _earlier(self, refused: Refused, share: Share, idempotency: Idempotency | None) -> Share:
        """The link that stands in the way because it is this one, asked for before."""
        told = once.earlier(refused, idempotency)
        if told:
            return self.get(share.tenant, told)
        stored = refused.stored.get(_SHARE)
        if stored:
            return to_entity(Share, stored)
        if refused.stored.keys() & {counters.USAGE, counters.MINE}:
            raise NotFound(f"no active user {share.owner}") from refused
        raise refused


def _row(share: Share) -> Item:
    ends = share.revoked_at or share.expires_at
    place = keys.shares_of(share.tenant, share.resource, share.id)
    item = to_item(share, _SHARE, keys.share(share.tenant, share.id), gsi1=place)
    return item | ({keys.TTL: int((ends + REMEMBERED).timestamp())} if ends else {})
