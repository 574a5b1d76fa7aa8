"""Exports of users' data in the table: `ports.Exports`."""

from collections.abc import Sequence
from datetime import datetime

from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.exports import Export, ExportStatus, Section
from reelsmith.errors import Conflict, NotFound
from reelsmith.ports import Idempotency, Made
from reelsmith.ports.erasing import Told
from reelsmith.table import audit, keys, once, telling
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, changes, stands, to_entity, to_item
from reelsmith.table.transactions import Transaction
from reelsmith.table.work import due

_EXPORT = "export"


class ExportTable:
    """`ports.Exports` on the single table; what each method promises is said there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, export: Export, *, entry: AuditEntry, idempotency: Idempotency | None = None
    ) -> Made[Export]:
        """Store a new export. Raises KeyReused, NotFound."""
        transaction = Transaction(self._database).new(_EXPORT, _row(export))
        transaction.check("user", keys.user(export.tenant, export.owner), expects=stands())
        audit.record(transaction, entry)
        once.remember(transaction, export.tenant, idempotency, export.id, at=export.created_at)
        try:
            transaction.commit()
        except Refused as refused:
            told = once.earlier(refused, idempotency)
            if told:
                earlier = self.get(export.tenant, told, at=export.created_at)
                return Made(earlier, replayed=True)
            if "user" in refused.stored:
                raise NotFound(f"no user {export.owner}") from refused
            return Made(self.get(export.tenant, export.id, at=export.created_at), replayed=True)
        return Made(export)

    def get(self, tenant: str, export_id: str, *, at: datetime) -> Export:
        """One export whose time is not over. Raises NotFound."""
        item = self._database.get(keys.export(tenant, export_id))
        if item is None or item[keys.TTL] <= int(at.timestamp()):
            raise NotFound(f"no export {export_id}")
        return to_entity(Export, item)

    def save(self, was: Export, now: Export, *, entry: AuditEntry | None = None) -> Export:
        """Write `now`, with a new version, where `was.version` stands. Raises Conflict."""
        now = now.model_copy(update={"version": was.version + 1})
        transaction = Transaction(self._database).update(
            "export",
            keys.export(was.tenant, was.id),
            *changes(_row(was), _row(now)),
            expects=stands(version=was.version),
        )
        if entry:
            audit.record(transaction, entry)
        try:
            transaction.commit()
        except Refused as refused:
            raise Conflict(f"export {was.id} is written by another round") from refused
        return now

    def of(self, tenant: str, owner: str) -> Sequence[Export]:
        """The exports of a user's data."""
        found = self._database.query(keys.export(tenant))
        return tuple(to_entity(Export, item) for item in found if item["owner"] == owner)

    def due(self, *, limit: int) -> Sequence[Export]:
        """Exports that are not written to their end, oldest first."""
        found = due(self._database, lambda shard: (keys.unwritten_lane(shard), None), limit=limit)
        return tuple(to_entity(Export, item) for item in found)

    def tell(self, export: Export, section: Section, *, after: str | None, limit: int) -> Told:
        """What is stored of the export's user in a section."""
        return telling.tell(
            self._database, export.tenant, export.owner, section, after=after, limit=limit
        )


def _row(export: Export) -> Item:
    done = export.status is ExportStatus.COMPLETED
    return to_item(
        export,
        "export",
        keys.export(export.tenant, export.id),
        gsi2=None if done else keys.unwritten(export.id, export.created_at),
    ) | {keys.TTL: int(export.expires_at.timestamp())}
