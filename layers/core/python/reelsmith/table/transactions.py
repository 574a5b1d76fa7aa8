"""A transaction whose operations have names and keep their order.

PynamoDB's own builder sorts operations by kind, so that reasons of a refusal cannot be told apart.
"""

from typing import Any, Self

from pynamodb.exceptions import VerboseClientError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from reelsmith.table.database import Database, Refused, expressions, key_of
from reelsmith.table.items import Item, absent, decode_item, encode_item
from reelsmith.table.keys import Key

_FAILED = "ConditionalCheckFailed"


class Transaction:
    """Writes that happen together or not at all; each says what it expects."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._names: list[str] = []
        self._operations: list[dict[str, Any]] = []

    def new(self, name: str, item: Item, *, expects: Condition | None = None) -> Self:
        """Put an item where none is, or where `expects` holds."""
        condition = absent() if expects is None else expects
        request = {"Item": encode_item(item)} | expressions(condition=condition)
        return self._add(name, "Put", request)

    def update(self, name: str, key: Key, *actions: Action, expects: Condition | None) -> Self:
        """Change an item. Only counters that may not exist yet expect nothing (None)."""
        request = {"Key": key_of(key)} | expressions(actions=actions, condition=expects)
        return self._add(name, "Update", request)

    def delete(self, name: str, key: Key, *, expects: Condition) -> Self:
        """Remove an item."""
        request = {"Key": key_of(key)} | expressions(condition=expects)
        return self._add(name, "Delete", request)

    def check(self, name: str, key: Key, *, expects: Condition) -> Self:
        """Let all of it depend on an item that is not changed."""
        request = {"Key": key_of(key)} | expressions(condition=expects)
        return self._add(name, "ConditionCheck", request)

    def commit(self) -> None:
        """Write all of it.

        Raises:
            Refused: expectations that did not hold, by name, with what is stored instead.
            Unavailable: contention outlasted the tries, or the table is busy or out of reach.
        """
        try:
            self._database.persist("TransactWriteItems", {"TransactItems": self._operations})
        except VerboseClientError as refusal:
            stored = {
                name: decode_item(reason.raw_item) if reason.raw_item else None
                for name, reason in zip(self._names, refusal.cancellation_reasons, strict=False)
                if reason and reason.code == _FAILED
            }
            if not stored:
                raise
            raise Refused(stored) from refusal

    def _add(self, name: str, kind: str, request: dict[str, Any]) -> Self:
        base = {
            "TableName": self._database.name,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        self._names.append(name)
        self._operations.append({kind: base | request})
        return self
