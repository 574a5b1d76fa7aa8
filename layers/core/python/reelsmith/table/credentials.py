"""Keys, sessions and passwords in the table: `ports.Credentials`."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path

from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.people import ApiKey, Password, Session
from reelsmith.errors import Conflict, NotFound
from reelsmith.ports import Idempotency, Made
from reelsmith.ports.people import Standing
from reelsmith.table import audit, counters, keys, once, passwords, sessions, standings
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, assign, changes, encode, stands, to_entity, to_item
from reelsmith.table.transactions import Transaction

_KEY = "key"


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
        item = _row(key)
        transaction.new(_KEY, item)
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
            if refused.stored.get(_KEY) != item:
                raise Conflict("the id of the key is taken") from refused
        return Made(key)

    def standing(
        self, tenant: str, user_id: str, *, key_id: str = "", session_id: str = ""
    ) -> Standing:
        """A user and its tenant, with a key or a session. Raises NotFound."""
        return standings.read(
            self._database, tenant, user_id, key_id=key_id, session_id=session_id
        )

    def replay(self, tenant: str, idempotency: Idempotency, *, at: datetime) -> ApiKey | None:
        """The key that the same request made before, if any. Raises KeyReused, NotFound."""
        told = once.replayed(self._database, tenant, idempotency, now=at)
        return self.key(tenant, told) if told else None

    def key(self, tenant: str, key_id: str) -> ApiKey:
        """One key, read consistently. Raises NotFound."""
        item = self._database.get(keys.api_key(tenant, key_id))
        if item is None:
            raise NotFound("no such key")
        return to_entity(ApiKey, item)

    def keys(self, tenant: str, *, owner: str | None = None) -> Sequence[ApiKey]:
        """The keys of a tenant, or of one user."""
        found = self._database.query(keys.api_key(tenant))
        return tuple(
            to_entity(ApiKey, item) for item in found if owner is None or item["owner"] == owner
        )

    def change_key(self, was: ApiKey, now: ApiKey, *, entry: AuditEntry) -> ApiKey:
        """Write `now` where `was` stands. Raises Conflict, NotFound."""
        before, after = _row(was), _row(now)
        transaction = Transaction(self._database).update(
            _KEY,
            keys.api_key(was.tenant, was.id),
            *changes(before, after, always=("secret_hmac",)),
            expects=_as_it_was(before, after),
        )
        audit.record(transaction, entry)
        try:
            transaction.commit()
        except Refused as refused:
            if refused.stored.get(audit.ENTRY):
                return now
            stored = refused.stored.get(_KEY)
            if stored is None:
                raise NotFound("no such key") from refused
            if _differ(before, after, stored):
                raise Conflict("the key changed meanwhile") from refused
        return now

    def used_key(self, key: ApiKey, *, at: datetime) -> None:
        """Note that a key was used. A key that is gone is no error."""
        noted = [assign("last_used_at", at.isoformat())]
        with suppress(Refused):
            self._database.update(keys.api_key(key.tenant, key.id), noted, expects=stands())

    def add_session(self, session: Session, *, entry: AuditEntry) -> Session:
        """Store a new session of an enabled user. Raises NotFound."""
        return sessions.add(self._database, session, entry=entry)

    def session(self, tenant: str, session_id: str) -> Session:
        """One session, read consistently. Raises NotFound."""
        return sessions.get(self._database, tenant, session_id)

    def sessions(self, tenant: str, user_id: str) -> Sequence[Session]:
        """The sessions of a user that are stored, newest first. May lag a moment."""
        return sessions.of(self._database, tenant, user_id)

    def rotate(self, was: Session, now: Session) -> Session:
        """Write `now` where the refresh token is still that of `was`. Raises Conflict."""
        return sessions.rotate(self._database, was, now)

    def revoke_session(self, session: Session, *, at: datetime, entry: AuditEntry) -> None:
        """End a session. Twice is once; one that is gone is no error."""
        sessions.revoke(self._database, session, at=at, entry=entry)

    def password(self, tenant: str, user_id: str) -> Password | None:
        """What is kept of a user's password, read consistently."""
        return passwords.get(self._database, tenant, user_id)

    def set_password(
        self, password: Password, *, entry: AuditEntry, was: Password | None = None
    ) -> None:
        """Store a password and end the user's sessions. Raises Conflict, NotFound."""
        passwords.put(self._database, password, entry=entry, was=was)

    def rehash(self, was: Password, now: Password) -> None:
        """Replace a hash by one of the same password, unless it changed meanwhile."""
        passwords.rehash(self._database, was, now)

    def missed(self, password: Password, *, locked_until: datetime | None) -> int:
        """Count a wrong password; how many in a row now."""
        return passwords.missed(self._database, password, locked_until=locked_until)

    def forgive(self, password: Password) -> None:
        """Forget the misses after a right password."""
        passwords.forgive(self._database, password)


def _row(key: ApiKey) -> Item:
    return to_item(key, "key", keys.api_key(key.tenant, key.id))


def _as_it_was(before: Item, after: Item) -> Condition:
    """What is to change still is as it was read; when it was last used does not matter."""
    condition = stands()
    for name in sorted({"revoked_at", *_changing(before, after)}):
        old = before.get(name)
        here = Path(name)
        condition &= here.does_not_exist() if old is None else here == encode(old)
    return condition


def _changing(before: Item, after: Item) -> list[str]:
    return [name for name in before | after if before.get(name) != after.get(name)]


def _differ(before: Item, after: Item, stored: Item) -> bool:
    return any(stored.get(name) != after.get(name) for name in _changing(before, after))
