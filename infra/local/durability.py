"""Nothing acknowledged is lost: the journal of table writes, and snapshots of everything else.

The emulator saves its state on a clean stop only. Here each request to the table is answered
after its changes are in the journal on the disk; the other services (queues, executions, logs,
metrics) are saved every few seconds, and what they lose is made good by housekeeping. The bucket
writes its objects to the disk itself.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from ministack import app as gateway
from ministack.core import persistence
from ministack.services import dynamodb

from infra.local.journal import Change, Journal, sync_folder
from infra.local.place import Place

SNAPSHOT_EVERY_S = 15.0
COMPACT_ABOVE_BYTES = 4 << 20  # the table is saved, and the journal begun anew, above this

log = logging.getLogger("stage.durability")

Table = dict[str, Any]


class Durability:
    """Ties one journal to the emulator's table service in this process."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._journal = Journal(place.journal)
        self._request: ContextVar[list[Change] | None] = ContextVar("changes", default=None)
        self._snapshot_turn = asyncio.Lock()
        self._loaded = asyncio.Event()

    def install(self) -> None:
        """Listen to every change of an item, and hold answers back until they are safe."""
        self._set, self._remove = dynamodb._set_item, dynamodb._remove_item
        answer, load = dynamodb.handle_request, gateway._load_persisted_state
        dynamodb._set_item, dynamodb._remove_item = self._set_noted, self._remove_noted
        dynamodb.handle_request = self._held_back(answer)

        def load_all() -> None:
            load()
            self._replay()
            self._loaded.set()

        gateway._load_persisted_state = load_all

    async def snapshot_forever(self) -> None:
        """Save every few seconds; begin after the saved state was loaded, never before."""
        await self._loaded.wait()
        while True:
            await asyncio.sleep(SNAPSHOT_EVERY_S)
            await self.snapshot(table=self._journal.size_bytes > COMPACT_ABOVE_BYTES)

    async def snapshot(self, *, table: bool) -> None:
        """Save all services; with `table` the table as well, and forget its journal."""
        async with self._snapshot_turn:
            if table:
                await self._save_table()
            services = gateway._build_persistence_save_dict()
            services.pop("dynamodb", None)
            await asyncio.to_thread(gateway.save_all, services)

    async def _save_table(self) -> None:
        covered = await self._journal.begin_next()
        state = dynamodb.get_state()  # on the loop, where all requests run: no change in between
        file = self._place.state / "dynamodb.json"
        before = file.stat().st_ino if file.exists() else None
        await asyncio.to_thread(persistence.save_state, "dynamodb", state)
        if file.exists() and file.stat().st_ino != before:
            await asyncio.to_thread(sync_folder, self._place.state)
            self._journal.forget(covered)
        else:
            log.error("the table could not be saved; its journal is kept")

    def _held_back(self, answer: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def handle(*request: Any) -> Any:  # noqa: ANN401
            changes: list[Change] = []
            token = self._request.set(changes)
            try:
                response = await answer(*request)
            finally:
                self._request.reset(token)
                if changes:
                    self._journal.append(changes)
            # Readers wait too: an answer may rest on another request's write.
            await self._journal.durable()
            return response

        return handle

    def _set_noted(self, table: Table, partition: str, sort: str, item: dict[str, Any]) -> Any:  # noqa: ANN401
        old = self._set(table, partition, sort, item)
        self._note(Change(table["TableArn"], partition, sort, item))
        return old

    def _remove_noted(self, table: Table, partition: str, sort: str) -> Any:  # noqa: ANN401
        old = self._remove(table, partition, sort)
        if old is not None:
            self._note(Change(table["TableArn"], partition, sort, None))
        return old

    def _note(self, change: Change) -> None:
        changes = self._request.get()
        if changes is None:  # not a request: the thread that removes expired items
            self._journal.append([change])
        else:
            changes.append(change)

    def _replay(self) -> None:
        writes = 0
        for changes in self._journal.replay():
            writes += 1
            for change in changes:
                self._redo(change)
        if writes:
            log.warning("%d table writes read back from the journal", writes)

    def _redo(self, change: Change) -> None:
        _, _, _, region, account, resource = change.table.split(":", 5)
        table = dynamodb._tables.get_scoped(account, region, resource.removeprefix("table/"))
        if table is None:
            return
        if change.item is None:
            self._remove(table, change.partition, change.sort)
        else:
            self._set(table, change.partition, change.sort, change.item)
