"""What is kept of passwords, in rows that only sign-in reads."""

from contextlib import suppress
from datetime import datetime

from pynamodb.expressions.update import Action

from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.people import Password
from reelsmith.errors import Conflict, NotFound
from reelsmith.table import audit, keys
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, absent, add, assign, stands, to_entity, to_item
from reelsmith.table.transactions import Transaction

_USER, _PASSWORD = "user", "password"


def row(password: Password) -> Item:
    """A password as its item."""
    return to_item(password, "password", keys.password(password.tenant, password.user))


def get(database: Database, tenant: str, user_id: str) -> Password | None:
    """What is kept of a user's password, read consistently."""
    item = database.get(keys.password(tenant, user_id))
    return to_entity(Password, item) if item else None


def put(
    database: Database, password: Password, *, entry: AuditEntry, was: Password | None
) -> None:
    """Store a password with no misses, and end the sessions of its user, at once.

    With `was`, only where that one still stands.

    Raises:
        NotFound: there is no such user.
        Conflict: another password was set meanwhile.
    """
    fresh = password.model_copy(update={"failures": 0, "locked_until": None})
    whatever = absent() | stands()
    expects = stands(hash=was.hash) if was else whatever
    transaction = Transaction(database).new(_PASSWORD, row(fresh), expects=expects)
    transaction.update(
        _USER,
        keys.user(password.tenant, password.user),
        *add({"session_epoch": 1, "version": 1}),
        expects=stands(),
    )
    audit.record(transaction, entry)
    try:
        transaction.commit()
    except Refused as refused:
        if refused.stored.get(audit.ENTRY):
            return
        if _USER in refused.stored:
            raise NotFound(f"no user {password.user}") from refused
        raise Conflict("the password changed meanwhile") from refused


def rehash(database: Database, was: Password, now: Password) -> None:
    """Replace a hash, unless it changed meanwhile."""
    _note(database, was, assign("hash", now.hash))


def missed(database: Database, password: Password, *, locked_until: datetime | None) -> int:
    """Count a wrong password; how many in a row now. 0 when it was replaced meanwhile."""
    actions = add({"failures": 1})
    if locked_until:
        actions.append(assign("locked_until", locked_until.isoformat()))
    key = keys.password(password.tenant, password.user)
    try:
        item = database.update(key, actions, expects=stands(hash=password.hash))
    except Refused:
        return 0
    return int(item["failures"])


def forgive(database: Database, password: Password) -> None:
    """Forget the misses, unless the password was replaced meanwhile."""
    _note(database, password, assign("failures", 0), assign("locked_until", None))


def _note(database: Database, password: Password, *actions: Action) -> None:
    key = keys.password(password.tenant, password.user)
    with suppress(Refused):
        database.update(key, actions, expects=stands(hash=password.hash))
