"""Uploaded files as things that are owned: list them, look, change, fetch, take away."""

from collections.abc import Mapping
from typing import Any

from reelsmith.domain import audit, rights
from reelsmith.domain.access import Access
from reelsmith.domain.assets import Asset, AssetStatus
from reelsmith.domain.ids import Kind
from reelsmith.domain.lists import AssetFilter, PageOf
from reelsmith.domain.people import Caller
from reelsmith.domain.rights import Act
from reelsmith.errors import Conflict, InUse
from reelsmith.ports import Address, Deps
from reelsmith.usecases import library, links, suspicion, uploads
from reelsmith.usecases.library import PAGE_MOST


def page(
    deps: Deps,
    *,
    caller: Caller,
    wanted: AssetFilter,
    opened: bool = False,
    after: str | None = None,
    limit: int = library.PAGE_DEFAULT,
) -> PageOf[Asset]:
    """Files that the caller sees; with `opened`, only those of others."""
    rights.require(caller, Act.ASSETS_READ)
    return deps.assets.page(
        caller.tenant,
        wanted.model_copy(update={"owner": library.owner_of(caller, wanted.owner)}),
        sees=lambda asset: library.sees(caller, Act.ASSETS_READ, asset, opened=opened),
        after=after,
        limit=min(limit, PAGE_MOST),
    )


def look(deps: Deps, *, caller: Caller, asset_id: str, act: Act = Act.ASSETS_READ) -> Asset:
    """One of the tenant's files, for this act. Raises Forbidden, NotFound."""
    asset = deps.assets.get(caller.tenant, asset_id)
    rights.require_on(caller, act, asset, called=f"asset {asset_id}")
    return asset


def change(deps: Deps, *, caller: Caller, was: Asset, wanted: Mapping[str, Any]) -> Asset:
    """Set the file name, access or readers of a file that stands as `was`.

    Raises:
        Conflict: it changed meanwhile.
        Forbidden, NotFound: as `rights.require_on`.
        Invalid: readers of a thing that is not restricted, or that are no users.
    """
    rights.require_on(caller, Act.ASSETS_CHANGE, was, called=f"asset {was.id}")
    if not wanted:
        return was
    now = was.model_copy(update={**wanted, "updated_at": deps.now()})
    if now.access is not Access.RESTRICTED and "readers" not in wanted:
        now = now.model_copy(update={"readers": ()})
    library.check_opening(now.access, now.readers)
    now = links.as_its_access_asks(deps, caller, now)
    told = library.differences(was, now, told=("access", "readers"))
    stored = deps.assets.change(was, now, entry=_entry(deps, caller, "asset.changed", was, told))
    links.ended(deps, caller, was, stored)
    deps.addresses.forget(was.tenant, was.id)
    return stored


def remove(deps: Deps, *, caller: Caller, asset_id: str) -> None:
    """Take a file away with its links. Its bytes go when no other file has the same.

    A job that is asked for at this very moment may still name it, and fails for want of it.

    Raises:
        Forbidden, NotFound: as `rights.require_on`.
        InUse: unfinished jobs name it.
    """
    asset = look(deps, caller=caller, asset_id=asset_id, act=Act.ASSETS_DELETE)
    jobs = deps.assets.needed_by(caller.tenant, asset_id)
    if jobs:
        count = f"{len(jobs)} unfinished job{'s' if len(jobs) > 1 else ''}"
        raise InUse(f"asset {asset_id} is needed by {count}", jobs)
    uploads.let_go(deps, asset)
    links.revoke_all(deps, caller, asset)
    deps.assets.remove(asset, entry=_entry(deps, caller, "asset.deleted", asset, {}))
    deps.addresses.forget(asset.tenant, asset.id)
    suspicion.deleted(deps, caller=caller)


def content(deps: Deps, asset: Asset) -> Address:
    """A signed URL of the file. Raises Conflict while its bytes are not there."""
    if asset.status is not AssetStatus.READY:
        raise Conflict(f"asset {asset.id} is {asset.status}; there is nothing to fetch")
    return library.address(deps, asset, asset.key, filename=asset.original_filename)


def _entry(
    deps: Deps, caller: Caller, action: str, asset: Asset, told: Mapping[str, Any]
) -> audit.AuditEntry:
    return audit.by_caller(
        caller,
        entry_id=deps.new_id(Kind.EVENT),
        action=action,
        resource=asset.id,
        at=deps.now(),
        **told,
    )
