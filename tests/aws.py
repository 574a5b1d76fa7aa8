"""AWS in this process, by moto: a fresh table that is emptied with the test.

moto has no locks: used from threads it loses writes that it acknowledged. So DynamoDB's requests
are served one at a time here. It throttles nothing and knows no conflicts; tests plant those.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.responses import DynamoHandler

from reelsmith.table.database import Database
from reelsmith.table.items import Item, bind, decode_item
from reelsmith.table.repositories import Repositories
from tests import swift
from tests.builders import EPOCH

TABLE = "reelsmith-test"
REGION = "eu-west-1"
PEPPER = b"a pepper of tests"

_one_at_a_time = threading.RLock()
_answer = DynamoHandler.call_action


def _answer_alone(handler: DynamoHandler) -> Any:
    with _one_at_a_time:
        return _answer(handler)


DynamoHandler.call_action = _answer_alone
swift.install()

Call = Callable[[], dict[str, Any]]
Hook = Callable[[str, dict[str, Any], Call], dict[str, Any]]


class Clock:
    """What the table takes for the time; a test may set it."""

    def __init__(self, at: datetime = EPOCH) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class WatchedDatabase(Database):
    """A database whose requests pass through `hook`, which may count, spoil or lose them."""

    hook: Hook | None = None

    def call(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Send one request through the hook."""

        def send() -> dict[str, Any]:
            return super(WatchedDatabase, self).call(operation, arguments)

        return self.hook(operation, arguments, send) if self.hook else send()


@dataclass(frozen=True)
class TestTable:
    """A table for one test: its repositories, its clock, and all that is in it."""

    __test__ = False

    database: WatchedDatabase
    clock: Clock
    repositories: Repositories

    def items(self) -> list[Item]:
        """Everything that is stored, past the hook and without moto's slow answers."""
        backend = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION]
        rows = backend.get_table(self.database.name).all_items()
        return [decode_item(row.to_json()["Attributes"]) for row in rows]


@contextmanager
def a_table(*, now: datetime = EPOCH) -> Iterator[TestTable]:
    """An empty table on moto, whose writers never wait for real. Nests in another `mock_aws`."""
    with mock_aws():
        database = WatchedDatabase(bind(TABLE, region=REGION), pause=lambda _: None)
        database.create_table()
        clock = Clock(now)
        yield TestTable(
            database, clock, Repositories.on(database, pepper=lambda: PEPPER, now=clock)
        )
