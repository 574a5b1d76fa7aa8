"""The bound table: single reads and writes, queries in pages, and what busy answers become."""

from collections.abc import Callable, Iterator, Sequence
from random import SystemRandom
from time import sleep
from typing import Any

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError
from pynamodb.exceptions import VerboseClientError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action, Update

from reelsmith.errors import Unavailable
from reelsmith.table import keys
from reelsmith.table.items import Item, Row, decode_item, encode, encode_item
from reelsmith.table.keys import Key

_TRIES = 9  # with the pauses below: about 1.1 s on average, 2.2 s at most
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.01, 0.5
_BATCH = 100  # DynamoDB: BatchGetItem, most keys in a request
_BUSY = frozenset(
    {
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionInProgressException",
    }
)
_CONTENDED = frozenset(
    {
        "TransactionConflict",
        "TransactionConflictException",
        "ProvisionedThroughputExceeded",
        "ThrottlingError",
    }
)
_random = SystemRandom()


class Refused(Exception):
    """Conditions that did not hold: operation name -> the item that stands there, or None."""

    def __init__(self, stored: dict[str, Item | None]) -> None:
        super().__init__(f"refused: {', '.join(sorted(stored))}")
        self.stored = stored


class Database:
    """One table. Every request goes through `call`."""

    def __init__(self, row: type[Row], *, pause: Callable[[float], None] = sleep) -> None:
        self._row = row
        self._connection = row._get_connection().connection
        self._pause = pause
        self.name: str = row.Meta.table_name

    def create_table(self) -> None:
        """Make the table with its indexes and `ttl`. For tests; elsewhere the stack makes it."""
        self._row.create_table(wait=True)

    def call(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Send one request.

        Raises:
            Unavailable: DynamoDB is busy, or out of reach.
            VerboseClientError: it refused, for whatever other reason.
        """
        try:
            answer: dict[str, Any] = self._connection.dispatch(operation, arguments)
        except ClientError as refusal:
            if _code(refusal) in _BUSY:
                raise Unavailable("the table is busy") from refusal
            raise
        except (ConnectionError, HTTPClientError) as lost:
            raise Unavailable("the table is out of reach") from lost
        return answer

    def persist(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Send a write, and again while other writers hold its items.

        Raises:
            Unavailable: as `call`, or contention outlasted the tries.
            VerboseClientError: as `call`.
        """
        for turn in range(_TRIES):
            try:
                return self.call(operation, arguments)
            except VerboseClientError as refusal:
                if not _is_contended(refusal):
                    raise
            self._wait(turn)
        raise Unavailable("too many writers at once")

    def get(self, key: Key) -> Item | None:
        """One item, read consistently."""
        if not key.storable:
            return None
        arguments = {"TableName": self.name, "Key": key_of(key), "ConsistentRead": True}
        found = self.call("GetItem", arguments).get("Item")
        return decode_item(found) if found else None

    def get_many(self, wanted: Sequence[Key]) -> dict[Key, Item]:
        """The items that exist among these keys, read consistently, each by itself.

        Raises:
            Unavailable: some keys stayed unanswered.
        """
        found: dict[Key, Item] = {}
        left = [key_of(key) for key in dict.fromkeys(wanted) if key.storable]
        for turn in range(_TRIES + len(left) // _BATCH):
            if not left:
                return found
            asked, left = left[:_BATCH], left[_BATCH:]
            request = {self.name: {"Keys": asked, "ConsistentRead": True}}
            answer = self.call("BatchGetItem", {"RequestItems": request})
            for attributes in answer["Responses"].get(self.name, []):
                item = decode_item(attributes)
                found[Key(item[keys.PK], item[keys.SK])] = item
            unanswered = answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", [])
            if unanswered:
                left = unanswered + left
                self._wait(turn)
        if left:
            raise Unavailable("the table is busy")
        return found

    def query(
        self,
        where: Key,
        *,
        until: str | None = None,
        index: str | None = None,
        after: Item | None = None,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[Item]:
        """Items of one partition in sort-key order, page by page as they are asked for.

        `where.sk` is what the sort keys begin with; with `until` it is the first of a range that
        ends there. `after` holds the key attributes of the item to go on after. The table itself
        is read consistently, an index may lag.
        """
        request = self._query(where, until, index)
        request["ScanIndexForward"] = not newest_first
        start = encode_item(after) if after else None
        while limit is None or limit > 0:
            page: dict[str, Any] = {"Limit": limit} if limit is not None else {}
            page |= {"ExclusiveStartKey": start} if start else {}
            answer = self.call("Query", request | page)
            yield from map(decode_item, answer["Items"])
            start = answer.get("LastEvaluatedKey")
            if not start:
                return
            limit = None if limit is None else limit - len(answer["Items"])

    def update(self, key: Key, actions: Sequence[Action], *, expects: Condition) -> Item:
        """Change one item and give it back as it is now.

        Raises:
            Refused: `expects` does not hold; `stored["item"]` says what is there.
            Unavailable: as `persist`.
        """
        arguments: dict[str, Any] = {
            "TableName": self.name,
            "Key": key_of(key),
            "ReturnValues": "ALL_NEW",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        } | expressions(actions=actions, condition=expects)
        try:
            return decode_item(self.persist("UpdateItem", arguments)["Attributes"])
        except VerboseClientError as refusal:
            if _code(refusal) != "ConditionalCheckFailedException":
                raise
            # PynamoDB drops the stored item; botocore's own error still has it
            answer: Any = getattr(refusal.__cause__, "response", {})
            old = answer.get("Item")
            raise Refused({"item": decode_item(old) if old else None}) from refusal

    def _query(self, where: Key, until: str | None, index: str | None) -> dict[str, Any]:
        prefix = index or ""
        condition = Path(f"{prefix}PK") == encode(where.pk)
        if until is not None:
            condition &= Path(f"{prefix}SK").between(encode(where.sk), encode(until))
        elif where.sk:
            condition &= Path(f"{prefix}SK").startswith(where.sk)
        source: dict[str, Any] = {"IndexName": index} if index else {"ConsistentRead": True}
        return {"TableName": self.name} | source | expressions(where=condition)

    def _wait(self, turn: int) -> None:
        """Full jitter, so that writers who collided do not collide again."""
        self._pause(_random.uniform(0, min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**turn)))


def expressions(
    *,
    actions: Sequence[Action] = (),
    condition: Condition | None = None,
    where: Condition | None = None,
) -> dict[str, Any]:
    """The parts of a request that say what changes, what is expected, and which keys are meant."""
    names: dict[str, str] = {}
    values: dict[str, Any] = {}
    parts: dict[str, Any] = {}
    if actions:
        parts["UpdateExpression"] = Update(*actions).serialize(names, values)
    if condition is not None:
        parts["ConditionExpression"] = condition.serialize(names, values)
    if where is not None:
        parts["KeyConditionExpression"] = where.serialize(names, values)
    if names:
        parts["ExpressionAttributeNames"] = {short: name for name, short in names.items()}
    if values:
        parts["ExpressionAttributeValues"] = values
    return parts


def key_of(key: Key) -> dict[str, Any]:
    """A key as requests hold it."""
    return encode_item({keys.PK: key.pk, keys.SK: key.sk})


def _code(refusal: ClientError) -> str:
    return str(refusal.response.get("Error", {}).get("Code", ""))


def _is_contended(refusal: VerboseClientError) -> bool:
    reasons = {reason.code for reason in refusal.cancellation_reasons if reason}
    if "ConditionalCheckFailed" in reasons:
        return False  # waiting cannot make it hold
    return bool((reasons | {_code(refusal)}) & _CONTENDED)
