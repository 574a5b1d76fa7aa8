"""Lists of uploaded files: newest first, of a user, or by type and name; and who needs one."""

from collections.abc import Callable, Sequence

from reelsmith.domain.assets import Asset, FileType
from reelsmith.domain.ids import Kind
from reelsmith.domain.jobs import JobStatus
from reelsmith.domain.lists import AssetFilter, PageOf
from reelsmith.table import job_items, keys, owned, paging
from reelsmith.table.database import Database
from reelsmith.table.items import Item, to_entity

_Rows = Sequence[tuple[str, Asset | None]]


def page(
    database: Database,
    tenant: str,
    wanted: AssetFilter,
    *,
    sees: Callable[[Asset], bool],
    after: str | None,
    limit: int,
) -> PageOf[Asset]:
    """A page of the tenant's files; see `ports.Assets.page`."""
    look = _by_name if wanted.by_name else _of_owner if wanted.owner else _newest

    def rows(place: str | None, most: int) -> _Rows:
        return look(database, tenant, wanted, place, most)

    def fits(asset: Asset) -> bool:
        return wanted.fits(asset) and sees(asset)

    return paging.page(rows, fits, after=after, limit=limit)


def jobs_with(database: Database, tenant: str, asset_id: str) -> tuple[str, ...]:
    """Unfinished jobs that name an asset; as many are read as a tenant may have."""
    unfinished = [
        item["id"]
        for status in JobStatus
        if not status.final
        for item in database.query(keys.jobs_by_status(tenant, status), index=keys.GSI1)
    ]
    specs = {keys.job_spec(tenant, job_id): job_id for job_id in unfinished}
    found = database.get_many(tuple(specs))
    naming = [specs[key] for key, item in found.items() if asset_id in _material(item)]
    return tuple(sorted(naming))


def _material(spec: Item) -> tuple[str, ...]:
    return job_items.spec(spec).material


def _newest(
    database: Database, tenant: str, wanted: AssetFilter, place: str | None, most: int
) -> _Rows:
    first, last = paging.span(Kind.ASSET, wanted.created_after, wanted.created_before)
    start = keys.asset(tenant, place) if place else None
    found = database.query(
        keys.asset(tenant, first),
        until=keys.asset(tenant, last).sk,
        after={keys.PK: start.pk, keys.SK: start.sk} if start else None,
        newest_first=True,
        limit=most,
    )
    return tuple((item["id"], to_entity(Asset, item)) for item in found)


def _of_owner(
    database: Database, tenant: str, wanted: AssetFilter, place: str | None, most: int
) -> _Rows:
    first, last = paging.span(Kind.ASSET, wanted.created_after, wanted.created_before)
    owner = wanted.owner or ""
    ids = tuple(owned.span(database, tenant, owner, first, last, after=place, limit=most))
    found = _read(database, tenant, ids)
    return tuple((one, found.get(one)) for one in ids)


def _by_name(
    database: Database, tenant: str, wanted: AssetFilter, place: str | None, most: int
) -> _Rows:
    """Places are sort keys of the index; what stands there is read anew, since an index lags."""
    seen: list[Item] = []
    for file_type in sorted(FileType):
        passed = place is not None and file_type < place.partition("#")[0]
        if passed or wanted.file_type not in (None, file_type):
            continue
        where = keys.assets_by_name(tenant, file_type, wanted.name or "")
        here = place if place and place.partition("#")[0] == file_type else None
        left = most - len(seen)
        seen += database.query(
            where, index=keys.GSI1, after=_position(tenant, here) if here else None, limit=left
        )
        if len(seen) == most:
            break
    found = _read(database, tenant, [item["id"] for item in seen])
    return tuple((item[keys.GSI1_SK], found.get(item["id"])) for item in seen)


def _read(database: Database, tenant: str, ids: Sequence[str]) -> dict[str, Asset]:
    found = database.get_many([keys.asset(tenant, one) for one in ids])
    return {item["id"]: to_entity(Asset, item) for item in found.values()}


def _position(tenant: str, place: str) -> Item:
    """The key attributes of a file in the order of names, from its place there."""
    key = keys.asset(tenant, place.rpartition("#")[2])
    by_name = keys.assets_by_name(tenant, "", "")
    return {keys.PK: key.pk, keys.SK: key.sk, keys.GSI1_PK: by_name.pk, keys.GSI1_SK: place}
