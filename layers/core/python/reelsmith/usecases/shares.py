"""Links: whoever holds one sees one film or file, until it ends or is revoked.

A token that opens nothing is answered in one way and with the same look-ups, whatever is wrong
with it: whether there ever was such a link cannot be told.
"""

from dataclasses import dataclass
from datetime import timedelta

from reelsmith.domain import rights, tokens
from reelsmith.domain.access import Share
from reelsmith.domain.assets import Asset, AssetStatus
from reelsmith.domain.ids import Kind
from reelsmith.domain.people import DROP_OWNER, Caller
from reelsmith.domain.rights import Act
from reelsmith.domain.tokens import Purpose, Token
from reelsmith.errors import Conflict, NotFound
from reelsmith.ports import Deps, Made
from reelsmith.usecases import links
from reelsmith.usecases.library import Thing
from reelsmith.usecases.once import Once, record

MOST_DAYS = 30
MOST_LINKS = 200  # of one thing, those that ended within a month among them
_NOBODY = Token(Purpose.LINK, "", f"{Kind.TENANT}_{0:032x}", "0" * 10, "0" * 32)
_NO_RESOURCE = f"{Kind.VIDEO}_{0:032x}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A link and its path, which holds the secret; None when it cannot be shown any more."""

    share: Share
    path: str | None


def create(
    deps: Deps,
    *,
    caller: Caller,
    resource: str,
    expires_in_s: int | None,
    once: Once | None = None,
) -> Made[Shown]:
    """A new link to a film or a file; its path is shown this once.

    Raises:
        Conflict: the thing has as many links as it may have.
        Forbidden, NotFound: as `rights.require_on`.
        KeyReused: the idempotency key stands for another request.
    """
    thing = _thing(deps, caller.tenant, resource)
    rights.require_on(caller, Act.SHARES_CREATE, thing, called=resource)
    if len(deps.shares.of(caller.tenant, resource)) >= MOST_LINKS:
        raise Conflict(f"{resource} has {MOST_LINKS} links already; use one of them")
    token, now = links.fresh(deps, caller, once), deps.now()
    share = Share(
        id=token.id,
        tenant=caller.tenant,
        owner=thing.owner,
        resource=resource,
        secret_hmac=tokens.seal(token.secret, deps.pepper()),
        created_at=now,
        expires_at=now + timedelta(seconds=expires_in_s) if expires_in_s else None,
    )
    entry = links.entry_of(deps, caller, "share.created", share)
    made = deps.shares.add(share, entry=entry, idempotency=record(deps, caller, once))
    known = made.thing.id == token.id
    return Made(Shown(made.thing, links.path(token) if known else None), made.replayed)


def listed(deps: Deps, *, caller: Caller, resource: str) -> tuple[Shown, ...]:
    """The links of a thing, newest first; the path of the standing one. Raises NotFound."""
    thing = _thing(deps, caller.tenant, resource)
    rights.require_on(caller, Act.SHARES_READ, thing, called=resource)
    return tuple(
        Shown(share, links.public_path(deps, thing) if share.id == thing.link else None)
        for share in deps.shares.of(caller.tenant, resource)
        if links.opens(share, thing) or share.revoked_at
    )


def revoke(deps: Deps, *, caller: Caller, share_id: str) -> None:
    """End a link, at once. Twice is once.

    Raises:
        Conflict: it stands because its thing is public.
        Forbidden, NotFound: as `rights.require_on`.
    """
    share = deps.shares.get(caller.tenant, share_id)
    rights.require_on(caller, Act.SHARES_REVOKE, share, called=f"link {share_id}")
    if share.standing and share.revoked_at is None:
        raise Conflict("this link stands while its thing is public; change the access instead")
    links.revoke(deps, caller, share.tenant, share.id)


def opened(deps: Deps, *, token: str) -> Thing:
    """What a link shows. Raises NotFound, always the same."""
    parsed = tokens.parse(token)
    meant = parsed is not None and (parsed.purpose, parsed.stage) == (
        Purpose.LINK,
        deps.settings.stage,
    )
    asked = parsed if parsed is not None and meant else _NOBODY
    share = _share(deps, asked)
    right = tokens.opens(asked.secret, deps.pepper(), share.secret_hmac)
    thing = _there(deps, share)
    housed = _housed(deps, share)
    if not (meant and right and housed and share.usable(deps.now())) or thing is None:
        raise NotFound("no such link")
    if not links.opens(share, thing):
        raise NotFound("no such link")
    return thing


def _share(deps: Deps, token: Token) -> Share:
    try:
        return deps.shares.get(token.tenant, token.id)
    except NotFound:
        return Share(
            id=token.id,
            tenant=token.tenant,
            owner=DROP_OWNER,
            resource=_NO_RESOURCE,
            secret_hmac="",
            created_at=deps.now(),
        )


def _there(deps: Deps, share: Share) -> Thing | None:
    try:
        thing = _thing(deps, share.tenant, share.resource)
    except NotFound:
        return None
    waits = isinstance(thing, Asset) and thing.status is not AssetStatus.READY
    return None if waits else thing


def _housed(deps: Deps, share: Share) -> bool:
    """Whether the link's tenant and owner are there and open; both are looked up, always."""
    try:
        tenant = deps.people.tenant(share.tenant)
        lives = tenant.active and tenant.erasing_at is None
    except NotFound:
        lives = False
    try:
        return deps.users.get(share.tenant, share.owner).enabled and lives
    except NotFound:
        return lives and share.owner == DROP_OWNER


def _thing(deps: Deps, tenant: str, resource: str) -> Thing:
    if resource.startswith(f"{Kind.ASSET}_"):
        return deps.assets.get(tenant, resource)
    return deps.videos.get(tenant, resource)
