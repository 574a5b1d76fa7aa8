"""The audit journal in the table: `ports.Journal`."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from reelsmith.domain.audit import RETENTION, AuditEntry
from reelsmith.domain.seals import Seal
from reelsmith.ports import JournalPage
from reelsmith.table import audit, keys, paging
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import EntityT, Item, to_entity, to_item
from reelsmith.table.keys import Key
from reelsmith.table.transactions import Transaction

_FIRST, _LAST = "0", "~"  # around every place: those begin with 15 digits
_SEAL = "seal"


class JournalTable:
    """`ports.Journal` on the single table; what each method promises is said there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, entry: AuditEntry) -> None:
        """Write an entry that belongs to no other write. The same one twice is once."""
        transaction = Transaction(self._database)
        audit.record(transaction, entry)
        try:
            transaction.commit()
        except Refused as refused:
            if refused.stored[audit.ENTRY] != audit.row(entry):
                raise

    def page(
        self,
        tenant: str,
        *,
        actor: str | None = None,
        resource: str | None = None,
        action: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after: str | None = None,
        limit: int,
    ) -> JournalPage:
        """Entries of a tenant, newest first: all, of one actor, or about one thing."""
        index, where = _order(tenant, actor, resource)
        first = keys.milliseconds(since) if since else _FIRST
        last = keys.milliseconds(until) if until else _LAST
        if first > last or not where._replace(sk=first).storable:
            return JournalPage((), None)

        def read(after: str | None, most: int) -> list[tuple[str, AuditEntry | None]]:
            found = self._database.query(
                where._replace(sk=first),
                until=last,
                index=index,
                after=_position(tenant, index, where, after) if after else None,
                newest_first=True,
                limit=most,
            )
            return [(item[keys.SK], _read(AuditEntry, item)) for item in islice(found, most)]

        def fits(entry: AuditEntry) -> bool:
            return actor in (None, entry.actor) and entry.action.startswith(action or "")

        page = paging.page(read, fits, after=after, limit=limit)
        return JournalPage(page.things, page.after)

    def entries(
        self, tenant: str, *, since: str = "", until: datetime | None = None
    ) -> Iterator[tuple[str, AuditEntry | None]]:
        """(place, entry) in the order of the journal, after `since`, before `until`."""
        where = keys.journal(tenant, since or _FIRST)
        last = keys.milliseconds(until) if until else _LAST
        for item in self._database.query(where, until=last) if where.sk < last else ():
            if item[keys.SK] != since:
                yield item[keys.SK], _read(AuditEntry, item)

    def last_seal(self, tenant: str) -> Seal | None:
        """The newest link of the chain."""
        found = self._database.query(keys.seals(tenant), newest_first=True, limit=1)
        return next((_read(Seal, item) for item in found), None)

    def add_seal(self, seal: Seal, *, entry: AuditEntry) -> bool:
        """Store the next link with its entry; False when another one has its number."""
        key = keys.seal(seal.tenant, seal.number)
        item = to_item(seal, "seal", key, ttl=int((seal.sealed_at + RETENTION).timestamp()))
        transaction = Transaction(self._database).new(_SEAL, item)
        audit.record(transaction, entry)
        try:
            transaction.commit()
        except Refused as refused:
            stored = refused.stored.get(_SEAL)
            return bool(stored and stored["digest"] == seal.digest)
        return True

    def seals(self, tenant: str, *, first: int = 0) -> Iterator[Seal | None]:
        """The chain from link number `first` on."""
        for item in self._database.query(keys.seal(tenant, first), until=_LAST):
            link = _read(Seal, item)
            yield link if link and keys.seal(tenant, link.number).sk == item[keys.SK] else None


def _order(tenant: str, actor: str | None, resource: str | None) -> tuple[str | None, Key]:
    if resource is not None:
        return keys.GSI2, keys.history(tenant, resource)
    if actor is not None:
        return keys.GSI1, keys.deeds(tenant, actor)
    return None, keys.journal(tenant)


def _position(tenant: str, index: str | None, where: Key, place: str) -> Item:
    """The attributes that name a place in an order of the journal."""
    key = keys.journal(tenant, place)
    here = {f"{index}PK": where.pk, f"{index}SK": place} if index else {}
    return {keys.PK: key.pk, keys.SK: key.sk} | here


def _read(model: type[EntityT], item: Item) -> EntityT | None:
    """What an item holds; None when somebody made it something that nothing here writes."""
    try:
        return to_entity(model, item)
    except (KeyError, TypeError, ValueError):
        return None
