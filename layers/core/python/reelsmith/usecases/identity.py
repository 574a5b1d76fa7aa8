"""Who is calling: a credential becomes a caller, and is looked at again before a write."""

from contextlib import suppress
from datetime import timedelta

from reelsmith.domain import tokens
from reelsmith.domain.people import ApiKey, Caller, Role, Tenant, User
from reelsmith.domain.tokens import Purpose, Token
from reelsmith.errors import NotFound, Unauthorized, Unavailable
from reelsmith.ports import Deps
from reelsmith.ports.people import Standing

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
        now = deps.credentials.standing(
            caller.tenant, caller.owner, key_id=caller.key_id, session_id=caller.session_id
        )
    except NotFound as gone:
        raise Unauthorized("this credential was revoked") from gone
    if not _stands(deps, now):
        raise Unauthorized("this credential was revoked")
    role = weaker(now.key.role, now.user.role) if now.key else now.user.role
    if weaker(role, caller.role) is not caller.role:
        raise Unauthorized("the role of this credential changed; try again in a minute")


def _stands(deps: Deps, now: Standing) -> bool:
    good = now.user.enabled and _lives(now.tenant)
    if now.key:
        good = good and now.key.usable(deps.now())
    if now.session:
        good = good and now.session.usable(deps.now())
        good = good and now.session.epoch == now.user.session_epoch
    return good


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
    now = deps.credentials.standing(tenant, user_id)
    if not now.user.enabled or not _lives(now.tenant):
        raise Unauthorized(_REFUSED)
    return now.user


def is_open(deps: Deps, tenant_id: str) -> bool:
    """Whether a tenant's credentials open anything. Raises NotFound."""
    return _lives(deps.people.tenant(tenant_id))


def _lives(tenant: Tenant) -> bool:
    return tenant.active and tenant.erasing_at is None


def _note_use(deps: Deps, key: ApiKey) -> None:
    """Note that the key was used, at most each few minutes; a busy table stops nobody."""
    now = deps.now()
    if key.last_used_at is None or now - key.last_used_at >= NOTE_USE_EVERY:
        with suppress(Unavailable):
            deps.credentials.used_key(key, at=now)
