"""Tenants in the table: `ports.People`."""

from collections.abc import Iterator

from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.people import DROP_OWNER, Tenant
from reelsmith.errors import Conflict, NotFound
from reelsmith.table import audit, counters, keys
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, add, assign, changes, stands, to_entity, to_item
from reelsmith.table.transactions import Transaction

_TENANT = "tenant"


class PeopleTable:
    """`ports.People` on the single table; what each method promises is said there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_tenant(self, tenant: Tenant, *, entry: AuditEntry) -> Tenant:
        """Store a new tenant and its empty usage; the same id again gives what is stored."""
        transaction = Transaction(self._database)
        transaction.new(_TENANT, _row(tenant))
        transaction.new(counters.USAGE, counters.usage_of(tenant))
        transaction.new(counters.MINE, counters.usage_by(tenant.id, DROP_OWNER))
        transaction.update("totals", keys.totals(tenant.id), *add({"tenants": 1}), expects=None)
        audit.record(transaction, entry)
        try:
            transaction.commit()
        except Refused as refused:
            stored = refused.stored.get(_TENANT)
            if stored is None:
                raise
            return to_entity(Tenant, stored)
        return tenant

    def tenant(self, tenant_id: str) -> Tenant:
        """One tenant. Raises NotFound."""
        item = self._database.get(keys.tenant(tenant_id))
        if item is None:
            raise NotFound(f"no tenant {tenant_id}")
        return to_entity(Tenant, item)

    def change_tenant(self, was: Tenant, now: Tenant, *, entry: AuditEntry) -> Tenant:
        """Write `now` where `was.version` stands, and let its limits count. Raises Conflict."""
        now = now.model_copy(update={"version": was.version + 1})
        transaction = Transaction(self._database).update(
            _TENANT,
            keys.tenant(was.id),
            *changes(_row(was), _row(now)),
            expects=stands(version=was.version),
        )
        limits = counters.limits_of(now).items()
        fresh = [assign(name, value) for name, value in limits]
        transaction.update(counters.USAGE, keys.usage(was.id), *fresh, expects=stands())
        audit.record(transaction, entry)
        try:
            transaction.commit()
        except Refused as refused:
            if refused.stored.get(_TENANT, {}) is None:
                raise NotFound(f"no tenant {was.id}") from refused
            raise Conflict(f"tenant {was.id} changed meanwhile") from refused
        return now

    def tenants(self) -> Iterator[str]:
        """Ids of all tenants, shard by shard. May lag a moment."""
        for shard in range(keys.SHARDS):
            for item in self._database.query(keys.tenants_lane(shard), index=keys.GSI2):
                yield item["id"]


def _row(tenant: Tenant) -> Item:
    place = keys.tenants_lane(keys.shard(tenant.id), tenant.id)
    if tenant.erasing_at:
        place = keys.erasing(tenant.id, tenant.erasing_at)
    return to_item(tenant, "tenant", keys.tenant(tenant.id), gsi2=place)
