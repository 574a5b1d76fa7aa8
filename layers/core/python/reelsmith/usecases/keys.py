"""API keys: issued, listed, revoked and rotated. A token is shown once.

Only the same request, by its idempotency key, is shown it again: its secret follows from the
pepper, the row, and the request.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reelsmith.domain import audit, rights, tokens
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.ids import Kind
from reelsmith.domain.people import ApiKey, Caller, Role
from reelsmith.domain.rights import Act, Reach
from reelsmith.domain.tokens import Purpose, Token
from reelsmith.errors import Conflict, Forbidden, Invalid
from reelsmith.ports import Deps, Made
from reelsmith.usecases import once as onces
from reelsmith.usecases.identity import weaker
from reelsmith.usecases.once import Once

GRACE_MOST = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A key as it is asked for. Left out, owner and role are the caller's."""

    name: str = ""
    owner: str | None = None
    role: Role | None = None
    scopes: tuple[str, ...] = ()
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A key and its token; None when it cannot be shown any more."""

    key: ApiKey
    token: str | None


def issue(deps: Deps, *, caller: Caller, wanted: Wanted, once: Once | None = None) -> Made[Issued]:
    """A new key, which may do no more than its owner and than whoever asks for it.

    Raises:
        Forbidden: the caller makes no keys, none for others, or none that may so much.
        Invalid: it would be over already.
        KeyReused, NotFound: as `Credentials.add_key`.
    """
    far = rights.require(caller, Act.KEYS_CREATE)
    owner = deps.users.get(caller.tenant, wanted.owner or caller.owner)
    if far is not Reach.TENANT and owner.id != caller.owner:
        raise Forbidden("only administrators make keys for others")
    most = weaker(owner.role, caller.role)
    role = wanted.role or most
    if weaker(role, most) is not role:
        raise Forbidden(f"a key of the role {role} may do more than the role {most}")
    if wanted.expires_at and wanted.expires_at <= deps.now():
        raise Invalid.field("/expires_at", "this is over", remedy="name a moment to come")
    key = ApiKey(
        id="",
        tenant=caller.tenant,
        owner=owner.id,
        role=role,
        name=wanted.name,
        scopes=_scopes(caller, wanted.scopes),
        secret_hmac="",
        created_at=deps.now(),
        expires_at=wanted.expires_at,
    )
    return _issued(deps, caller, key, once)


def page(deps: Deps, *, caller: Caller, owner: str | None = None) -> Sequence[ApiKey]:
    """The tenant's keys, newest first; whoever is no administrator sees its own."""
    far = rights.require(caller, Act.KEYS_READ)
    whose = owner if far is Reach.TENANT else caller.owner
    found = deps.credentials.keys(caller.tenant, owner=whose)
    return sorted(found, key=lambda key: (key.created_at, key.id), reverse=True)


def revoke(deps: Deps, *, caller: Caller, key_id: str) -> ApiKey:
    """End a key at once. Twice is once. Raises Forbidden, NotFound, Conflict."""
    key = _key(deps, caller, Act.KEYS_REVOKE, key_id)
    if key.revoked_at:
        return key
    over = key.model_copy(update={"revoked_at": deps.now()})
    entry = _entry(deps, caller, "key.revoked", key)
    return deps.credentials.change_key(key, over, entry=entry)


def rotate(
    deps: Deps, *, caller: Caller, key_id: str, grace: timedelta, once: Once | None = None
) -> Made[Issued]:
    """A new key like this one, which ends after `grace`, of at most `GRACE_MOST`.

    The new one comes first: a request that dies in between leaves two keys, and the same request
    again ends the old one.

    Raises:
        Forbidden: the key may do more than the caller.
        Conflict: it is over already, or changed meanwhile.
        KeyReused, NotFound: as `Credentials.add_key`.
    """
    rights.require(caller, Act.KEYS_CREATE)
    key = _key(deps, caller, Act.KEYS_REVOKE, key_id)
    if not key.usable(deps.now()):
        earlier = _earlier(deps, caller, key, once)
        if earlier is None:
            raise Conflict(f"key {key_id} is over already")
        return earlier
    if weaker(key.role, caller.role) is not key.role or not _covers(caller, key.scopes):
        raise Forbidden("this key may do more than the one that asks")
    fresh = {"created_at": deps.now(), "last_used_at": None}
    made = _issued(deps, caller, key.model_copy(update=fresh), once)
    end = deps.now() + min(grace, GRACE_MOST)
    if key.expires_at is None or key.expires_at > end:
        entry = _entry(deps, caller, "key.rotated", key, by=made.thing.key.id)
        ending = key.model_copy(update={"expires_at": end})
        deps.credentials.change_key(key, ending, entry=entry)
    return made


def _issued(deps: Deps, caller: Caller, key: ApiKey, once: Once | None) -> Made[Issued]:
    token = tokens.mint(Purpose.KEY, deps.settings.stage, key.tenant, secrets.token_bytes(32))
    if once:
        token = _worked_out(deps, caller, token.id, once)
    sealed = tokens.seal(token.secret, deps.pepper())
    key = key.model_copy(update={"id": token.id, "secret_hmac": sealed})
    entry = _entry(
        deps, caller, "key.issued", key, role=key.role, owner=key.owner, scopes=list(key.scopes)
    )
    made = deps.credentials.add_key(key, entry=entry, idempotency=onces.record(deps, caller, once))
    if made.replayed and once:
        return _again(deps, caller, key, made.thing, once)
    return Made(Issued(made.thing, token.text))


def _earlier(deps: Deps, caller: Caller, wanted: ApiKey, once: Once | None) -> Made[Issued] | None:
    """What the same request made before, if it did. Raises KeyReused."""
    if once is None:
        return None
    record = onces.record(deps, caller, once)
    told = deps.credentials.replay(caller.tenant, record, at=deps.now())
    return _again(deps, caller, wanted, told, once) if told else None


def _again(deps: Deps, caller: Caller, wanted: ApiKey, stored: ApiKey, once: Once) -> Made[Issued]:
    """A key that was made before, and its token if whoever asks now would get one like it.

    The same request may come by a credential that may do less than the first one.
    """
    token = _worked_out(deps, caller, stored.id, once)
    known = tokens.opens(token.secret, deps.pepper(), stored.secret_hmac)
    alike = (stored.role, stored.scopes) == (wanted.role, wanted.scopes)
    return Made(Issued(stored, token.text if known and alike else None), replayed=True)


def _worked_out(deps: Deps, caller: Caller, row: str, once: Once) -> Token:
    """The token of a row that a request makes: another one for each row and each request."""
    said = ("key", caller.tenant, caller.owner, row, once.key, once.fingerprint)
    secret = hmac.new(deps.pepper(), "\0".join(said).encode(), hashlib.sha256).digest()
    return tokens.again(Purpose.KEY, deps.settings.stage, caller.tenant, row, secret)


def _key(deps: Deps, caller: Caller, act: Act, key_id: str) -> ApiKey:
    key = deps.credentials.key(caller.tenant, key_id)
    rights.require_on(caller, act, key, called="such key")
    return key


def _scopes(caller: Caller, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The scopes of a new key: those wanted, or else as few as the caller's own have."""
    scopes = wanted or caller.scopes
    if not _covers(caller, scopes):
        raise Forbidden("the new key may do no more than the one that asks")
    return tuple(dict.fromkeys(scopes))


def _covers(caller: Caller, scopes: tuple[str, ...]) -> bool:
    return not caller.scopes or (bool(scopes) and set(scopes) <= set(caller.scopes))


def _entry(deps: Deps, caller: Caller, action: str, key: ApiKey, **changes: object) -> AuditEntry:
    return audit.by_caller(
        caller,
        entry_id=deps.new_id(Kind.EVENT),
        action=action,
        resource=key.id,
        at=deps.now(),
        **changes,
    )
