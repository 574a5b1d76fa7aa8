"""Tenants and API keys in the table: `ports.People`."""

from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.people import ApiKey, Tenant
from reelsmith.errors import Conflict, NotFound
from reelsmith.table import audit, counters, keys
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import add, stands, to_entity, to_item
from reelsmith.table.transactions import Transaction


class PeopleTable:
    """`ports.People` on the single table; what each method promises is said there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_tenant(self, tenant: Tenant, *, entry: AuditEntry) -> Tenant:
        """Store a new tenant and its empty usage; the same id again gives what is stored."""
        transaction = Transaction(self._database)
        transaction.new("tenant", to_item(tenant, "tenant", keys.tenant(tenant.id)))
        transaction.new(counters.USAGE, counters.usage_of(tenant))
        transaction.update("totals", keys.totals(tenant.id), *add({"tenants": 1}), expects=None)
        audit.record(transaction, entry, watched=True)
        try:
            transaction.commit()
        except Refused as refused:
            stored = refused.stored.get("tenant")
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

    def add_key(self, key: ApiKey, *, entry: AuditEntry) -> ApiKey:
        """Store a new key of an existing tenant; the same key told twice is stored once.

        Raises:
            Conflict: another key has this id.
            NotFound: there is no such tenant.
        """
        transaction = Transaction(self._database)
        transaction.check("tenant", keys.tenant(key.tenant), expects=stands())
        item = to_item(key, "key", keys.api_key(key.id), gsi1=keys.api_keys(key.tenant, key.id))
        transaction.new("key", item)
        audit.record(transaction, entry, watched=True)
        try:
            transaction.commit()
        except Refused as refused:
            if "tenant" in refused.stored:
                raise NotFound(f"no tenant {key.tenant}") from refused
            if refused.stored.get("key") != item:
                raise Conflict("the id of the key is taken") from refused
        return key

    def key(self, key_id: str) -> ApiKey:
        """One key by the id in its token, read consistently. Raises NotFound."""
        item = self._database.get(keys.api_key(key_id))
        if item is None:
            raise NotFound("no such key")
        return to_entity(ApiKey, item)
