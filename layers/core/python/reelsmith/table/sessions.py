"""The rows of signed-in people. A row goes some time after its session ended."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path

from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.people import Session
from reelsmith.errors import Conflict, NotFound
from reelsmith.table import audit, counters, keys
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, assign, changes, stands, to_entity, to_item
from reelsmith.table.transactions import Transaction

_SESSION = "session"
_KEPT = timedelta(days=1)  # after its end, so that a token of it is told apart from a wrong one


def add(database: Database, session: Session, *, entry: AuditEntry) -> Session:
    """Store a new session; see `ports.Credentials.add_session`."""
    item = _row(session)
    usage = keys.user_usage(session.tenant, session.user)
    transaction = Transaction(database).new(_SESSION, item)
    transaction.check(counters.MINE, usage, expects=counters.is_open())
    audit.record(transaction, entry)
    try:
        transaction.commit()
    except Refused as refused:
        if counters.MINE in refused.stored:
            raise NotFound(f"no active user {session.user}") from refused
        if refused.stored.get(_SESSION) != item:
            raise Conflict("the id of the session is taken") from refused
    return session


def get(database: Database, tenant: str, session_id: str) -> Session:
    """One session, read consistently. Raises NotFound."""
    item = database.get(keys.session(tenant, session_id))
    if item is None:
        raise NotFound("no such session")
    return to_entity(Session, item)


def of(database: Database, tenant: str, user_id: str) -> Sequence[Session]:
    """The sessions of a user, newest first. May lag a moment."""
    found = database.query(keys.sessions_of(tenant, user_id), index=keys.GSI1)
    mine = (to_entity(Session, item) for item in found)
    return tuple(sorted(mine, key=lambda session: session.created_at, reverse=True))


def rotate(database: Database, was: Session, now: Session) -> Session:
    """Write `now` where the newest token is still that of `was`. Raises Conflict."""
    key, actions = keys.session(was.tenant, was.id), changes(_row(was), _row(now))
    try:
        database.update(key, actions, expects=stands(secret_hmac=was.secret_hmac) & _open())
    except Refused as refused:
        raise Conflict("the session has moved on") from refused
    return now


def revoke(database: Database, session: Session, *, at: datetime, entry: AuditEntry) -> None:
    """End a session; see `ports.Credentials.revoke_session`."""
    transaction = Transaction(database).update(
        _SESSION,
        keys.session(session.tenant, session.id),
        assign("revoked_at", at.isoformat()),
        assign(keys.TTL, _ttl(at)),
        expects=stands() & _open(),
    )
    audit.record(transaction, entry)
    try:
        transaction.commit()
    except Refused as refused:
        if not refused.stored.keys() <= {_SESSION, audit.ENTRY}:
            raise


def _row(session: Session) -> Item:
    return to_item(
        session,
        "session",
        keys.session(session.tenant, session.id),
        gsi1=keys.sessions_of(session.tenant, session.user, session.id),
        gsi2=None,
        **{keys.TTL: _ttl(session.expires_at)},
    )


def _open() -> Condition:
    return Path("revoked_at").does_not_exist()


def _ttl(end: datetime) -> int:
    return int((end + _KEPT).timestamp())
