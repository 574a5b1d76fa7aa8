"""Pointers to what a user owns, written and removed with the things."""

from collections.abc import Iterator

from reelsmith.table import keys
from reelsmith.table.database import Database
from reelsmith.table.items import Item, absent, version
from reelsmith.table.transactions import Transaction


def point(transaction: Transaction, tenant: str, owner: str, thing_id: str) -> None:
    """Let a new thing be found by its owner."""
    key = keys.owned(tenant, owner, thing_id)
    item: Item = {keys.PK: key.pk, keys.SK: key.sk, "et": "owned", "sv": version("owned")}
    transaction.new("owned", item)


def forget(transaction: Transaction, tenant: str, owner: str, thing_id: str) -> None:
    """Let a thing that goes be found no more. None there is no error."""
    nothing_to_ask = absent() | ~absent()
    transaction.delete("owned", keys.owned(tenant, owner, thing_id), expects=nothing_to_ask)


def things(
    database: Database,
    tenant: str,
    owner: str,
    *,
    kind: str = "",
    after: str | None = None,
    newest_first: bool = True,
    limit: int | None = None,
) -> Iterator[str]:
    """Ids of a user's things, read consistently; `kind` is the prefix of their ids."""
    where = keys.owned(tenant, owner, f"{kind}_" if kind else "")
    start = keys.owned(tenant, owner, after) if after else None
    found = database.query(
        where,
        after={keys.PK: start.pk, keys.SK: start.sk} if start else None,
        newest_first=newest_first,
        limit=limit,
    )
    return (item[keys.SK] for item in found)


def span(
    database: Database,
    tenant: str,
    owner: str,
    first: str,
    last: str,
    *,
    after: str | None,
    limit: int,
) -> Iterator[str]:
    """Ids of a user's things between two ids, newest first, read consistently."""
    start = keys.owned(tenant, owner, after) if after else None
    found = database.query(
        keys.owned(tenant, owner, first),
        until=last,
        after={keys.PK: start.pk, keys.SK: start.sk} if start else None,
        newest_first=True,
        limit=limit,
    )
    return (item[keys.SK] for item in found)
