"""Who is calling: a credential becomes a caller, and is looked at again before a write."""

from contextlib import suppress
from datetime import timedelta

from reelsmith.domain import tokens
from reelsmith.domain.people import ApiKey, Caller, Role, User
from reelsmith.domain.tokens import Purpose, Token
from reelsmith.errors import NotFound, Unauthorized, Unavailable
from reelsmith.ports import Deps

NOTE_USE_EVERY = timedelta(minutes=5)
_REFUSED = "the credential is not valid; send `Authorization: Bearer` and a key or session token"


def identify(deps: Deps, *, credential: str) -> Caller:
    """Who holds this credential: a bare API key or session token, or `Bearer` and one.

    The role is that of today: of a key, the weaker one of the key's and its owner's.

    Raises:
        Unauthorized: nobody's, or it opens nothing any more.
    """
    said = credential.removeprefix("Bearer ").strip()
    token = tokens.parse(said)
    try:
        return _by_key(deps, token) if token else _by_session(deps, said)
    except NotFound as unknown:
        raise Unauthorized(_REFUSED) from unknown


def look_again(deps: Deps, caller: Caller) -> None:
    """See that the caller's credential opens at this very moment what it is believed to.

    Raises:
        Unauthorized: it was revoked or ended, its user is not enabled any more, or may less.
    """
    try:
        user = deps.users.get(caller.tenant, caller.owner)
        role = user.role
        good = user.enabled and is_open(deps, caller.tenant)
        if caller.key_id:
            key = deps.credentials.key(caller.tenant, caller.key_id)
            good, role = good and key.usable(deps.now()), weaker(key.role, user.role)
        elif caller.session_id:
            session = deps.credentials.session(caller.tenant, caller.session_id)
            good = good and session.usable(deps.now()) and session.epoch == user.session_epoch
    except NotFound:
        good = False
    if not good:
        raise Unauthorized("this credential was revoked")
    if weaker(role, caller.role) is not caller.role:
        raise Unauthorized("the role of this credential changed; try again in a minute")


def weaker(one: Role, other: Role) -> Role:
    """The role of two that may less."""
    order = list(Role)
    return max(one, other, key=order.index)


def _by_key(deps: Deps, token: Token) -> Caller:
    if token.stage != deps.settings.stage or token.purpose is not Purpose.KEY:
        raise Unauthorized(_REFUSED)
    key = deps.credentials.key(token.tenant, token.id)
    known = tokens.opens(token.secret, deps.pepper(), key.secret_hmac)
    if not known or not key.usable(deps.now()):
        raise Unauthorized(_REFUSED)
    owner = _enabled(deps, key.tenant, key.owner)
    _note_use(deps, key)
    return Caller(
        tenant=key.tenant,
        owner=key.owner,
        role=weaker(key.role, owner.role),
        key_id=key.id,
        scopes=key.scopes,
    )


def _by_session(deps: Deps, text: str) -> Caller:
    now = deps.now()
    ticket = deps.tickets.read(text, at=now)
    if ticket is None:
        raise Unauthorized(_REFUSED)
    user = _enabled(deps, ticket.tenant, ticket.user)
    session = deps.credentials.session(ticket.tenant, ticket.session)
    if not session.usable(now) or session.epoch != user.session_epoch:
        raise Unauthorized(_REFUSED)
    return Caller(tenant=user.tenant, owner=user.id, role=user.role, session_id=session.id)


def _enabled(deps: Deps, tenant: str, user_id: str) -> User:
    user = deps.users.get(tenant, user_id)
    if not user.enabled or not is_open(deps, tenant):
        raise Unauthorized(_REFUSED)
    return user


def is_open(deps: Deps, tenant_id: str) -> bool:
    """Whether a tenant's credentials open anything. Raises NotFound."""
    tenant = deps.people.tenant(tenant_id)
    return tenant.active and tenant.erasing_at is None


def _note_use(deps: Deps, key: ApiKey) -> None:
    """Note that the key was used, at most each few minutes; a busy table stops nobody."""
    now = deps.now()
    if key.last_used_at is None or now - key.last_used_at >= NOTE_USE_EVERY:
        with suppress(Unavailable):
            deps.credentials.used_key(key, at=now)
