"""Uploaded files in the table: `ports.Assets`."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from reelsmith.domain.assets import Asset, AssetStatus
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.lists import AssetFilter, PageOf
from reelsmith.domain.quotas import over
from reelsmith.errors import Conflict, NotFound, OverQuota, Unavailable
from reelsmith.ports import Idempotency
from reelsmith.table import asset_lists, audit, blobs, counters, keys, once, owned, quotas
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, assign, changes, stands, to_entity, to_item
from reelsmith.table.transactions import Transaction
from reelsmith.table.work import due

_ASSET = "asset"
_LOOKS = 3  # an asset moves once in its life, so a second look is rare and a third suffices


class AssetTable:
    """`ports.Assets` on the single table; what each method promises is said there."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def add(
        self, asset: Asset, *, entry: AuditEntry, idempotency: Idempotency | None = None
    ) -> Asset:
        """Store a new asset that waits for its bytes. Raises KeyReused, NotFound."""
        if asset.status is not AssetStatus.WAITING:
            raise ValueError("a new asset waits for its bytes; `ready` counts their use")
        transaction = Transaction(self._database).new(_ASSET, _row(asset))
        counters.count_file(transaction, asset.tenant, asset.owner, 1)
        owned.point(transaction, asset.tenant, asset.owner, asset.id)
        audit.record(transaction, entry)
        once.remember(transaction, asset.tenant, idempotency, asset.id, at=asset.created_at)
        try:
            transaction.commit()
        except Refused as refused:
            told = once.earlier(refused, idempotency)
            if told:
                return self.get(asset.tenant, told)
            stored = refused.stored.get(_ASSET)
            if stored:
                return to_entity(Asset, stored)
            if counters.USAGE in refused.stored:
                raise _no_room(refused.stored[counters.USAGE], asset) from refused
            if counters.MINE in refused.stored:
                raise NotFound(f"no active user {asset.owner}") from refused
            raise
        return asset

    def replay(self, tenant: str, idempotency: Idempotency) -> Asset | None:
        """The asset that this key made before, if any. Raises KeyReused, NotFound."""
        asset_id = once.replayed(self._database, tenant, idempotency, now=self._now())
        return self.get(tenant, asset_id) if asset_id else None

    def page(
        self,
        tenant: str,
        wanted: AssetFilter,
        *,
        sees: Callable[[Asset], bool],
        after: str | None,
        limit: int,
    ) -> PageOf[Asset]:
        """Files newest first, or by type and name, from the place `after` on."""
        return asset_lists.page(
            self._database, tenant, wanted, sees=sees, after=after, limit=limit
        )

    def change(self, was: Asset, now: Asset, *, entry: AuditEntry) -> Asset:
        """Write `now`, with a new version, where `was.version` stands. Raises Conflict."""
        now = now.model_copy(update={"version": was.version + 1})
        transaction = Transaction(self._database).update(
            _ASSET,
            keys.asset(was.tenant, was.id),
            *changes(_row(was), _row(now)),
            expects=stands(version=was.version),
        )
        audit.record(transaction, entry)
        try:
            transaction.commit()
        except Refused as refused:
            if refused.stored.get(_ASSET, {}) is None:
                raise NotFound(f"no asset {was.id}") from refused
            raise Conflict(f"asset {was.id} changed meanwhile") from refused
        return now

    def get(self, tenant: str, asset_id: str) -> Asset:
        """One asset. Raises NotFound."""
        item = self._database.get(keys.asset(tenant, asset_id))
        if item is None:
            raise NotFound(f"no asset {asset_id}")
        return to_entity(Asset, item)

    def get_many(self, tenant: str, asset_ids: Sequence[str]) -> Mapping[str, Asset]:
        """The assets that exist among these ids, by id."""
        found = self._database.get_many([keys.asset(tenant, one) for one in asset_ids])
        assets = (to_entity(Asset, item) for item in found.values())
        return {asset.id: asset for asset in assets}

    def ready(self, was: Asset, now: Asset, *, entry: AuditEntry) -> Asset:
        """A waiting asset's bytes are kept: count their use. Twice is once.

        Raises:
            Conflict: the asset was rejected meanwhile.
            NotFound: there is no such asset any more.
            Unavailable: the same bytes are being deleted just now; store them again after.
        """
        for _ in range(_LOOKS):
            transaction = self._from_waiting(was, now)
            blobs.use(self._database, transaction, now)
            audit.record(transaction, entry)
            try:
                transaction.commit()
            except Refused as refused:
                if _ASSET in refused.stored:
                    return _settled(refused, now)
            else:
                return now
        raise Unavailable(f"the bytes of asset {now.id} come and go")

    def reject(self, was: Asset, now: Asset, *, entry: AuditEntry) -> Asset:
        """A waiting asset's bytes are no good. Twice is once. Raises Conflict, NotFound."""
        transaction = self._from_waiting(was, now)
        audit.record(transaction, entry)
        try:
            transaction.commit()
        except Refused as refused:
            return _settled(refused, now)
        return now

    def mark_processed(self, tenant: str, asset_ids: Sequence[str], *, job_id: str) -> None:
        """A film was made of these files; those that are gone are left out."""
        marks = [assign("is_processed", True), assign("job_id", job_id)]
        for asset_id in dict.fromkeys(asset_ids):
            try:
                self._database.update(keys.asset(tenant, asset_id), marks, expects=stands())
            except Refused:
                continue

    def expired(self, now: datetime, *, limit: int) -> Sequence[Asset]:
        """Assets of all tenants whose time is over, longest first. May lag a moment."""
        found = due(self._database, lambda shard: keys.expired_lane(shard, now), limit=limit)
        return tuple(to_entity(Asset, item) for item in found)

    def remove(self, asset: Asset, *, entry: AuditEntry) -> None:
        """Delete an asset's row and its use of the blob. Twice is once.

        Raises:
            Unavailable: the asset changed each time we looked.
        """
        for _ in range(_LOOKS):
            stored = self._try_to_remove(asset, entry)
            if stored is None:
                return
            asset = to_entity(Asset, stored)
        raise Unavailable(f"asset {asset.id} is changing")

    def needed_by(self, tenant: str, asset_id: str) -> tuple[str, ...]:
        """Ids of the unfinished jobs that name an asset. May lag a moment."""
        return asset_lists.jobs_with(self._database, tenant, asset_id)

    def garbage(self, *, limit: int) -> Sequence[tuple[str, str]]:
        """(tenant, sha256) of blobs that may be unused. May lag a moment."""
        return tuple(blobs.garbage(self._database, limit=limit))

    def collect(self, tenant: str, sha256: str, delete: Callable[[], None]) -> bool:
        """Delete an unused blob: mark it gone, `delete`, forget it. False when it is in use."""
        return blobs.collect(self._database, tenant, sha256, delete, now=self._now())

    def _from_waiting(self, was: Asset, now: Asset) -> Transaction:
        return Transaction(self._database).update(
            _ASSET,
            keys.asset(was.tenant, was.id),
            *changes(_row(was), _row(now)),
            expects=stands(status=AssetStatus.WAITING),
        )

    def _try_to_remove(self, asset: Asset, entry: AuditEntry) -> Item | None:
        """Remove the asset if it is as given; else what is stored, None when it is gone."""
        transaction = Transaction(self._database).delete(
            _ASSET, keys.asset(asset.tenant, asset.id), expects=stands(status=asset.status)
        )
        if asset.status is AssetStatus.READY:
            blobs.release(transaction, asset, at=entry.at)
        counters.count_file(transaction, asset.tenant, asset.owner, -1)
        owned.forget(transaction, asset.tenant, asset.owner, asset.id)
        audit.record(transaction, entry)
        try:
            transaction.commit()
        except Refused as refused:
            if _ASSET not in refused.stored:
                raise
            return refused.stored[_ASSET]
        return None


def _row(asset: Asset) -> Item:
    by_name = keys.assets_by_name(asset.tenant, asset.file_type, asset.original_filename, asset.id)
    ends = keys.expiring(asset.id, asset.expires_at) if asset.expires_at else None
    key = keys.asset(asset.tenant, asset.id)
    return to_item(asset, "asset", key, gsi1=by_name, gsi2=ends)


def _no_room(usage: Item | None, asset: Asset) -> NotFound | OverQuota:
    """Why the tenant's usage refused a file."""
    full = quotas.stored(usage) if usage and usage["open"] else None
    return over(full, at=asset.created_at) if full else NotFound(f"no tenant {asset.tenant}")


def _settled(refused: Refused, now: Asset) -> Asset:
    """The stored asset when it stands as wished already. Raises Conflict, NotFound."""
    stored = refused.stored.get(_ASSET)
    if stored is None:
        raise NotFound(f"no asset {now.id}") from refused
    asset = to_entity(Asset, stored)
    if asset.status is not now.status:
        raise Conflict(f"asset {asset.id} is {asset.status} already") from refused
    return asset
