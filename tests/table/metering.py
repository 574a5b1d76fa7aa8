"""Capacity units by DynamoDB's published rules, from the items that requests really touched.

Sizes: "DynamoDB item sizes and formats". Units: 1 kB a write, 4 kB a strong read, half for an
index; a transaction writes double; a changed entry of an index costs its own single write, a
moved one two. moto and the emulator do not bill this right, hence the meter.
"""

import math
from collections import Counter
from typing import Any

from reelsmith.table import keys
from reelsmith.table.database import Database
from tests.aws import Call, WatchedDatabase

Attributes = dict[str, Any]


class Meter:
    """A hook that counts what each request would cost. Assign it to `WatchedDatabase.hook`."""

    def __init__(self, database: WatchedDatabase) -> None:
        self._database = database
        self.writes = 0.0
        self.reads = 0.0
        self.sizes: Counter[str] = Counter()
        """Largest size in bytes of the items written, by entity type."""

    def __call__(self, operation: str, arguments: dict[str, Any], send: Call) -> dict[str, Any]:
        touched = _touched(self._database.name, operation, arguments)
        before = [self._stored(key) for key in touched]
        answer: dict[str, Any] = {}
        try:
            answer = send()
            return answer
        finally:  # a refused write is billed as well
            after = [self._stored(key) for key in touched]
            self._bill(2 if operation == "TransactWriteItems" else 1, before, after)
            self.reads += _reads(operation, arguments, answer)

    def _bill(self, factor: int, before: list[Attributes], after: list[Attributes]) -> None:
        for old, new in zip(before, after, strict=True):
            self.writes += factor * max(_write(old), _write(new)) + _index_writes(old, new)
            if new:
                kind = new.get("et", {"S": "totals"})["S"]
                self.sizes[kind] = max(self.sizes[kind], size_of(new))

    def _stored(self, key: Attributes) -> Attributes:
        request = {"TableName": self._database.name, "Key": key}
        return Database.call(self._database, "GetItem", request).get("Item", {})


def size_of(item: Attributes) -> int:
    """Bytes of an item: names and values."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(attribute: Attributes) -> int:
    ((kind, value),) = attribute.items()
    if kind == "S":
        return len(value.encode())
    if kind == "N":
        digits = value.lstrip("-").replace(".", "").strip("0")
        return 1 + math.ceil((len(digits) + 1) / 2) + value.startswith("-")
    if kind == "L":
        return 3 + sum(1 + _value_size(part) for part in value)
    if kind == "M":
        return 3 + sum(1 + len(k.encode()) + _value_size(part) for k, part in value.items())
    return 1


def _touched(table: str, operation: str, arguments: dict[str, Any]) -> list[Attributes]:
    def key_of(request: dict[str, Any]) -> Attributes:
        held = request.get("Item") or request["Key"]
        return {name: held[name] for name in (keys.PK, keys.SK)}

    if operation == "TransactWriteItems":
        return [key_of(next(iter(part.values()))) for part in arguments["TransactItems"]]
    return [key_of(arguments)] if operation == "UpdateItem" else []


def _write(item: Attributes) -> int:
    return max(1, math.ceil(size_of(item) / 1024))


def _index_writes(old: Attributes, new: Attributes) -> int:
    units = 0
    for place in ((keys.GSI1_PK, keys.GSI1_SK), (keys.GSI2_PK, keys.GSI2_SK)):
        was = [old.get(name) for name in place]
        now = [new.get(name) for name in place]
        if was == now:
            units += _write(new) if all(now) and old != new else 0
        else:
            units += (_write(old) if all(was) else 0) + (_write(new) if all(now) else 0)
    return units


def _reads(operation: str, arguments: dict[str, Any], answer: dict[str, Any]) -> float:
    def units(size: int, *, strong: bool) -> float:
        return max(1, math.ceil(size / 4096)) * (1.0 if strong else 0.5)

    if operation == "GetItem":
        return units(size_of(answer.get("Item", {})), strong=arguments["ConsistentRead"])
    if operation == "BatchGetItem":
        ((table, request),) = arguments["RequestItems"].items()
        found = answer["Responses"].get(table, [])
        missing = len(request["Keys"]) - len(found)
        strong = request["ConsistentRead"]
        return sum(units(size_of(item), strong=strong) for item in found) + missing * units(
            0, strong=strong
        )
    if operation == "Query":
        size = sum(map(size_of, answer["Items"]))
        return units(size, strong=arguments.get("ConsistentRead", False))
    return 0.0
