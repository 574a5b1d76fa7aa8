"""Keys, sessions and passwords in the table: `ports.Credentials`."""

from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.people import ApiKey
from reelsmith.errors import Conflict, NotFound
from reelsmith.ports import Idempotency, Made
from reelsmith.table import audit, counters, keys, once
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import to_entity, to_item
from reelsmith.table.transactions import Transaction


class CredentialTable:
    """`ports.Credentials` on the single table; what each method promises is said there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_key(
        self, key: ApiKey, *, entry: AuditEntry, idempotency: Idempotency | None = None
    ) -> Made[ApiKey]:
        """Store a new key of an enabled user. Raises Conflict, KeyReused, NotFound."""
        transaction = Transaction(self._database)
        usage = keys.user_usage(key.tenant, key.owner)
        transaction.check(counters.MINE, usage, expects=counters.is_open())
        item = to_item(key, "key", keys.api_key(key.tenant, key.id))
        transaction.new("key", item)
        audit.record(transaction, entry)
        once.remember(transaction, key.tenant, idempotency, key.id, at=key.created_at)
        try:
            transaction.commit()
        except Refused as refused:
            told = once.earlier(refused, idempotency)
            if told:
                return Made(self.key(key.tenant, told), replayed=True)
            if counters.MINE in refused.stored:
                raise NotFound(f"no active user {key.owner}") from refused
            if refused.stored.get("key") != item:
                raise Conflict("the id of the key is taken") from refused
        return Made(key)

    def key(self, tenant: str, key_id: str) -> ApiKey:
        """One key, read consistently. Raises NotFound."""
        item = self._database.get(keys.api_key(tenant, key_id))
        if item is None:
            raise NotFound("no such key")
        return to_entity(ApiKey, item)
