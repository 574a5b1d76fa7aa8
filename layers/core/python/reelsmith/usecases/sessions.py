"""Sessions of signed-in people: begun, refreshed, ended.

A session is a family of refresh tokens, each made from the one before it by the pepper. So a
reply that was lost can be given again for a moment; later, a token that was used before was
stolen, and ends the family.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from reelsmith.domain import audit, tokens
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.ids import Kind
from reelsmith.domain.people import Caller, Role, Session, User
from reelsmith.domain.tokens import Purpose, Token
from reelsmith.errors import Conflict, NotFound, Unauthorized
from reelsmith.ports import Deps, Ticket
from reelsmith.usecases import signin, suspicion
from reelsmith.usecases.identity import is_open, look_again
from reelsmith.usecases.signin import Origin

TICKET_LASTS = timedelta(minutes=15)
SESSION_LASTS = timedelta(days=30)
GRACE = timedelta(seconds=10)  # in which a lost reply is given again
_TRIES = 5
_OVER = "this session is over; sign in again"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session with its tokens, which are shown this once."""

    user: User
    session: Session
    access_token: str
    access_expires_at: datetime
    refresh_token: str


def sign_in(deps: Deps, *, name: str, password: str, origin: Origin) -> SignedIn:
    """Begin a session for a username or an address and its password.

    Raises:
        Unauthorized: they open nothing; why cannot be told apart.
        TooMany: too many misses came from this address.
    """
    user = signin.admit(deps, name=name, password=password, origin=origin)
    now = deps.now()
    token = tokens.mint(Purpose.REFRESH, deps.settings.stage, user.tenant, secrets.token_bytes(32))
    session = Session(
        id=token.id,
        tenant=user.tenant,
        user=user.id,
        secret_hmac=tokens.seal(token.secret, deps.pepper()),
        user_agent=origin.user_agent[:200],
        epoch=user.session_epoch,
        created_at=now,
        rotated_at=now,
        expires_at=now + SESSION_LASTS,
    )
    caller = _as_caller(user, session, origin)
    entry = _entry(deps, caller, "session.opened", session.id)
    try:
        deps.credentials.add_session(session, entry=entry)
    except NotFound as gone:
        raise Unauthorized(_OVER) from gone
    deps.users.signed_in(user.tenant, user.id, at=now)
    suspicion.signed_in(deps, caller=caller, last_login_at=user.last_login_at)
    return _signed_in(deps, user, session, token)


def refresh(deps: Deps, *, refresh_token: str, origin: Origin) -> SignedIn:
    """New tokens for the newest refresh token of a session.

    Raises:
        Unauthorized: it is none, its session is over, or it was used before: then all of the
            session is over.
    """
    token = tokens.parse(refresh_token.strip())
    if token is None or token.purpose is not Purpose.REFRESH:
        raise Unauthorized(_OVER)
    for _ in range(_TRIES):
        user, session = _open_session(deps, token)
        try:
            return _refreshed(deps, user, session, token, origin)
        except Conflict:  # another request with the same token was faster
            continue
    raise Unauthorized(_OVER)


def sign_out(deps: Deps, *, caller: Caller) -> None:
    """End the session of this request. Raises NotFound when it came with a key."""
    if not caller.session_id:
        raise NotFound("no session: this request came with an API key")
    session = deps.credentials.session(caller.tenant, caller.session_id)
    entry = _entry(deps, caller, "session.ended", session.id)
    deps.credentials.revoke_session(session, at=deps.now(), entry=entry)


def sign_out_everywhere(deps: Deps, *, caller: Caller) -> None:
    """End all sessions of the caller's user. Raises Conflict when the user changes too fast."""
    for turn in range(_TRIES):
        user = deps.users.get(caller.tenant, caller.owner)
        over = user.model_copy(
            update={"session_epoch": user.session_epoch + 1, "updated_at": deps.now()}
        )
        try:
            deps.users.change(user, over, entry=_entry(deps, caller, "session.all_ended", user.id))
        except Conflict:
            if turn == _TRIES - 1:
                raise
        else:
            return


def mine(deps: Deps, *, caller: Caller) -> Sequence[Session]:
    """The caller's sessions that open something, newest first. May lag a moment."""
    user = deps.users.get(caller.tenant, caller.owner)
    now = deps.now()
    kept = deps.credentials.sessions(caller.tenant, caller.owner)
    return tuple(s for s in kept if s.usable(now) and s.epoch == user.session_epoch)


def _open_session(deps: Deps, token: Token) -> tuple[User, Session]:
    """The session that a token names, with its user. Raises Unauthorized when it is over."""
    try:
        session = deps.credentials.session(token.tenant, token.id)
        user = deps.users.get(token.tenant, session.user)
    except NotFound as unknown:
        raise Unauthorized(_OVER) from unknown
    alive = session.usable(deps.now()) and user.enabled and session.epoch == user.session_epoch
    alive = alive and is_open(deps, user.tenant)
    if not alive or token.stage != deps.settings.stage:
        raise Unauthorized(_OVER)
    return user, session


def _refreshed(deps: Deps, user: User, session: Session, token: Token, origin: Origin) -> SignedIn:
    now, pepper = deps.now(), deps.pepper()
    heir = replace(token, secret=_heir(token, pepper))
    if tokens.opens(token.secret, pepper, session.secret_hmac):
        fresh = {
            "secret_hmac": tokens.seal(heir.secret, pepper),
            "previous_hmac": session.secret_hmac,
            "rotated_at": now,
        }
        return _signed_in(
            deps,
            user,
            deps.credentials.rotate(session, session.model_copy(update=fresh)),
            heir,
        )
    known = session.previous_hmac
    if known and tokens.opens(token.secret, pepper, known) and now <= session.rotated_at + GRACE:
        return _signed_in(deps, user, session, heir)
    entry = _entry(deps, _as_caller(user, session, origin), "session.reused", session.id)
    deps.credentials.revoke_session(session, at=now, entry=entry)
    raise Unauthorized(_OVER)


def _heir(token: Token, pepper: bytes) -> str:
    """The secret that follows on a token's; whoever has the token alone cannot tell it."""
    digest = hmac.new(pepper, f"heir\0{token.id}\0{token.secret}".encode(), hashlib.sha256)
    return tokens.mint(token.purpose, token.stage, token.tenant, digest.digest()).secret


def _signed_in(deps: Deps, user: User, session: Session, token: Token) -> SignedIn:
    now = deps.now()
    until = min(now + TICKET_LASTS, session.expires_at)
    ticket = Ticket(
        tenant=user.tenant,
        user=user.id,
        session=session.id,
        role=user.role,
        expires_at=until,
    )
    return SignedIn(
        user=user,
        session=session,
        access_token=deps.tickets.issue(ticket, at=now),
        access_expires_at=until,
        refresh_token=token.text,
    )


def _as_caller(user: User, session: Session, origin: Origin) -> Caller:
    return Caller(
        tenant=user.tenant,
        owner=user.id,
        role=Role(user.role),
        session_id=session.id,
        request_id=origin.request_id,
        ip=origin.ip,
        user_agent=origin.user_agent,
    )


def _entry(deps: Deps, caller: Caller, action: str, resource: str) -> AuditEntry:
    return audit.by_caller(
        caller, entry_id=deps.new_id(Kind.EVENT), action=action, resource=resource, at=deps.now()
    )


__all__ = [
    "GRACE",
    "SESSION_LASTS",
    "TICKET_LASTS",
    "SignedIn",
    "look_again",
    "mine",
    "refresh",
    "sign_in",
    "sign_out",
    "sign_out_everywhere",
]
