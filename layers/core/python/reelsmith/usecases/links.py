"""The standing link of a public thing, and how the secrets of links come about.

A standing link has to be shown again and again, so its secret is worked out from the pepper and
the row instead of being kept. It opens something only while the thing is public and names it:
whoever changes the access ends it in that very write, whatever becomes of the link's row.
"""

import hashlib
import hmac
import secrets

from reelsmith.domain import audit, tokens
from reelsmith.domain.access import Access, Share
from reelsmith.domain.ids import Kind
from reelsmith.domain.people import Caller
from reelsmith.domain.tokens import Purpose, Token
from reelsmith.errors import NotFound
from reelsmith.ports import Deps
from reelsmith.usecases.library import Thing, ThingT
from reelsmith.usecases.once import Once

PATH = "/v1/shared/"


def fresh(deps: Deps, caller: Caller, once: Once | None) -> Token:
    """A token for a new link. The same idempotency key gets the same one, to be shown again."""
    randomness = secrets.token_bytes(32)
    if once:
        randomness = _worked_out(deps, "asked", caller.owner, once.key, once.fingerprint)
    return tokens.mint(Purpose.LINK, deps.settings.stage, caller.tenant, randomness)


def path(token: Token) -> str:
    """Where a link leads, below the address of the API."""
    return f"{PATH}{token.text}"


def public_path(deps: Deps, thing: Thing) -> str | None:
    """Where the standing link of a thing leads, while it is public."""
    return path(_standing(deps, thing, thing.link)) if _stands(thing) else None


def as_its_access_asks(deps: Deps, caller: Caller, thing: ThingT) -> ThingT:
    """A changed thing with a standing link if it is public, else without one.

    The row of a new link is stored here, before the thing names it.
    """
    if thing.access is not Access.PUBLIC:
        return thing.model_copy(update={"link": None})
    if thing.link:
        return thing
    number = _worked_out(deps, "row", thing.tenant, thing.id, str(thing.version))
    row = tokens.mint(Purpose.LINK, deps.settings.stage, thing.tenant, number).id
    token = _standing(deps, thing, row)
    share = Share(
        id=row,
        tenant=thing.tenant,
        owner=thing.owner,
        resource=thing.id,
        secret_hmac=tokens.seal(token.secret, deps.pepper()),
        standing=True,
        created_at=deps.now(),
    )
    deps.shares.add(share, entry=entry_of(deps, caller, "share.created", share))
    return thing.model_copy(update={"link": row})


def ended(deps: Deps, caller: Caller, was: Thing, now: Thing) -> None:
    """Mark the standing link that a change has ended as revoked."""
    if was.link and was.link != now.link:
        revoke(deps, caller, was.tenant, was.link)


def revoke_all(deps: Deps, caller: Caller, thing: Thing) -> None:
    """End every link of a thing that goes."""
    now = deps.now()
    for share in deps.shares.of(thing.tenant, thing.id):
        if share.usable(now):
            revoke(deps, caller, share.tenant, share.id)


def revoke(deps: Deps, caller: Caller, tenant: str, share_id: str) -> None:
    """End a link. Twice is once, and one that is gone is no error."""
    try:
        share = deps.shares.get(tenant, share_id)
        entry = entry_of(deps, caller, "share.revoked", share)
        deps.shares.revoke(share, at=entry.at, entry=entry)
    except NotFound:
        return


def opens(share: Share, thing: Thing) -> bool:
    """Whether a link of the thing still has its ground: a standing one ends with the access."""
    return not share.standing or (_stands(thing) and thing.link == share.id)


def entry_of(deps: Deps, caller: Caller, action: str, share: Share) -> audit.AuditEntry:
    """The entry about a link."""
    return audit.by_caller(
        caller,
        entry_id=deps.new_id(Kind.EVENT),
        action=action,
        resource=share.id,
        at=deps.now(),
        of=share.resource,
        standing=share.standing,
        expires_at=share.expires_at.isoformat() if share.expires_at else None,
    )


def _stands(thing: Thing) -> bool:
    return thing.access is Access.PUBLIC and thing.link is not None


def _standing(deps: Deps, thing: Thing, row: str | None) -> Token:
    number = _worked_out(deps, "standing", thing.tenant, thing.id, str(row))
    return tokens.again(Purpose.LINK, deps.settings.stage, thing.tenant, str(row), number)


def _worked_out(deps: Deps, label: str, *parts: str) -> bytes:
    said = "\0".join(("link", label, *parts)).encode()
    return hmac.new(deps.pepper(), said, hashlib.sha256).digest()
