"""Who uses which bytes: one item per content and tenant, with a count of its uses.

`live` bytes may be used. Bytes without uses are collected in three steps that can be taken up
again: mark them `gone`, delete the object, forget the item. No use begins while they are gone.
A collector holds them for a lease longer than it can live, so that a late one cannot delete
what came anew.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from pynamodb.expressions.operand import Path

from reelsmith.domain.assets import Asset
from reelsmith.errors import Unavailable
from reelsmith.table import counters, keys
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, add, assign, encode, place, stands, version
from reelsmith.table.transactions import Transaction
from reelsmith.table.work import due

BLOB = "blob"
LIVE, GONE = "live", "gone"
LEASE = timedelta(minutes=15)  # AWS Lambda: longest timeout of a function


def use(database: Database, transaction: Transaction, asset: Asset) -> None:
    """Count one more use of the asset's bytes, or the first one.

    The transaction is refused under `BLOB` when that changed since we looked.

    Raises:
        Unavailable: the bytes are being deleted just now.
    """
    stored = database.get(keys.blob(asset.tenant, asset.sha256))
    if stored is None:
        _begin(transaction, asset)
    elif stored["state"] == LIVE:
        _attach(transaction, asset)
    else:
        raise Unavailable("the same bytes are being deleted")


def release(transaction: Transaction, asset: Asset, *, at: datetime) -> None:
    """Count one use less, and have the bytes looked at by the collector."""
    release_many(transaction, asset.tenant, asset.sha256, uses=1, at=at)


def release_many(
    transaction: Transaction, tenant: str, sha256: str, *, uses: int, at: datetime
) -> None:
    """Count some uses of the same bytes less, and have them looked at by the collector."""
    transaction.update(
        BLOB,
        keys.blob(tenant, sha256),
        *add({"refs": -uses}),
        *place(keys.GSI2, keys.garbage(tenant, sha256, at)),
        expects=stands() & (Path("refs") >= encode(uses)),
    )


def garbage(database: Database, *, limit: int) -> Iterator[tuple[str, str]]:
    """(tenant, sha256) of bytes that may be unused, longest waiting first."""
    for item in due(database, lambda shard: (keys.garbage_lane(shard), None), limit=limit):
        _, tenant, sha256 = item[keys.GSI2_SK].split("#")
        yield tenant, sha256


def collect(
    database: Database, tenant: str, sha256: str, delete: Callable[[], None], *, now: datetime
) -> bool:
    """Delete unused bytes by `delete`; false when they are in use, or another collector's."""
    key = keys.blob(tenant, sha256)
    moment = int(now.timestamp())
    free = (Path("state") == LIVE) | (Path("lease") <= encode(moment))
    lease = moment + int(LEASE.total_seconds())
    try:
        blob = database.update(
            key, [assign("state", GONE), assign("lease", lease)], expects=stands(refs=0) & free
        )
    except Refused as refused:
        if refused.stored["item"] is None:
            return True
        _leave(database, tenant, sha256)
        return False
    delete()
    _forget(database, tenant, blob)
    return True


def _begin(transaction: Transaction, asset: Asset) -> None:
    key = keys.blob(asset.tenant, asset.sha256)
    item: Item = {
        keys.PK: key.pk,
        keys.SK: key.sk,
        "et": "blob",
        "sv": version("blob"),
        "state": LIVE,
        "refs": 1,
        "size_bytes": asset.size_bytes,
    }
    transaction.new(BLOB, item)
    counters.count(transaction, asset.tenant, {"bytes": asset.size_bytes})


def _attach(transaction: Transaction, asset: Asset) -> None:
    transaction.update(
        BLOB,
        keys.blob(asset.tenant, asset.sha256),
        *add({"refs": 1}),
        *place(keys.GSI2, None),
        expects=stands(state=LIVE),
    )


def _leave(database: Database, tenant: str, sha256: str) -> None:
    """Bytes in use need no collector until their next release."""
    in_use = stands() & (Path("refs") >= encode(1))
    try:
        database.update(keys.blob(tenant, sha256), place(keys.GSI2, None), expects=in_use)
    except Refused:
        return  # released just now: the next round looks again


def _forget(database: Database, tenant: str, blob: Item) -> None:
    transaction = Transaction(database)
    key = keys.blob(tenant, blob[keys.SK])
    transaction.delete(BLOB, key, expects=stands(state=GONE, lease=blob["lease"]))
    counters.count(transaction, tenant, {"bytes": -blob["size_bytes"]})
    try:
        transaction.commit()
    except Refused:
        return  # forgotten by this very call, whose answer was lost
