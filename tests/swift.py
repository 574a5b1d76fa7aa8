"""moto's transactions and queries at the pace of what they touch, not of the whole table.

moto 5.2 copies the whole table for each operation of a transaction, to be able to roll it back,
and sorts all items for each query. The answers here are its own: only what it copies is what a
transaction may change, and what it sorts is what a query may find.
"""

import copy
from collections import defaultdict
from typing import Any

from moto.dynamodb import models
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

_transact = DynamoDBBackend.transact_write_items
_query = Table.query
_INDEX = 6  # where a query's arguments name it, after the hash key
_updated: list[dict[str, Any]] = []
_taken: dict[int, Table] = {}


class _Copies:
    """What moto's backend takes for the module `copy`."""

    copy = staticmethod(copy.copy)

    @staticmethod
    def deepcopy(thing: Any) -> Any:
        if not isinstance(thing, Table):
            return copy.deepcopy(thing)
        if id(thing) not in _taken:
            _taken[id(thing)] = _snapshot(thing)
        return _taken[id(thing)]


def _snapshot(table: Table) -> Table:
    """The table as it is: rows are put and deleted whole, so only updated ones are copied."""
    twin = copy.copy(table)
    twin.items = defaultdict(dict, {first: dict(rows) for first, rows in table.items.items()})
    for key in _updated:
        first, second = (
            DynamoType(key[name]) for name in (table.hash_key_attr, table.range_key_attr)
        )
        stored = twin.items.get(first, {}).get(second)
        if stored is not None:
            twin.items[first][second] = copy.deepcopy(stored)
    return twin


def _swift_transact(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    _updated[:] = [item["Update"]["Key"] for item in transact_items if "Update" in item]
    _taken.clear()
    try:
        _transact(backend, transact_items)
    finally:
        _updated.clear()
        _taken.clear()


def _swift_query(table: Table, hash_key: DynamoType | None, *rest: Any, **more: Any) -> Any:
    if hash_key is None:
        return _query(table, hash_key, *rest, **more)
    index = more.get("index_name") or (rest[_INDEX] if len(rest) > _INDEX else None)
    twin = copy.copy(table)
    if index:
        name = next(
            k["AttributeName"] for k in table.get_index(index).schema if k["KeyType"] == "HASH"
        )
        twin.items = {
            first: found
            for first, rows in table.items.items()
            if (found := {k: row for k, row in rows.items() if _is(row, name, hash_key)})
        }
    else:
        twin.items = {hash_key: table.items.get(hash_key, {})}
    return _query(twin, hash_key, *rest, **more)


def _is(row: Item, name: str, value: DynamoType) -> bool:
    found = row.attrs.get(name)
    return found is not None and found == value


def install() -> None:
    """Let moto work so from now on. Twice is once."""
    models.copy = _Copies
    DynamoDBBackend.transact_write_items = _swift_transact
    Table.query = _swift_query
