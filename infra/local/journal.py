"""A journal of the table's writes: they are on the disk before their answer goes out.

A record is what one request changed: the new images of its items, so that reading it twice, or
over a snapshot that holds it already, changes nothing. Files are numbered; a snapshot begins a
new one and forgets the older ones. On disk a record is its length and CRC-32 (little-endian
uint32 each) and then JSON, so that a record torn by a crash is recognised; it was never
acknowledged, and is cut off.
"""

import asyncio
import json
import os
import struct
import threading
import zlib
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

_HEAD = struct.Struct("<II")


class Change(NamedTuple):
    """One item after a request: table by ARN, key values, and the item or None when deleted."""

    table: str
    partition: str
    sort: str
    item: dict[str, Any] | None


class Damaged(Exception):
    """A file that a later one follows does not end with a whole record."""


class Journal:
    """Appends from any thread; `durable` returns when what was appended is on the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writing = threading.Lock()
        self._turn = asyncio.Lock()
        # Its own thread: the loop's pool may be full of functions that wait for our answer.
        self._disk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        self._appended = 0
        self._synced = 0
        self._number = max((number for number, _ in self._files()), default=0)
        self._open_next()

    @property
    def size_bytes(self) -> int:
        """Bytes in the current file."""
        return self._file.tell()

    def replay(self) -> Iterator[list[Change]]:
        """The records of former runs, oldest first; a torn end is cut off.

        Raises:
            Damaged: a file in the middle is torn; the journal cannot be trusted.
        """
        earlier = [(number, file) for number, file in self._files() if number < self._number]
        for number, file in earlier:
            whole = yield from _records(file)
            if whole < file.stat().st_size:
                if (number, file) != earlier[-1]:
                    raise Damaged(f"{file} is torn after {whole} bytes and is not the last one")
                os.truncate(file, whole)

    def append(self, changes: list[Change]) -> None:
        """Add one record, whole or not at all. It is not yet safe: see `durable`."""
        body = json.dumps(changes, separators=(",", ":")).encode()
        with self._writing:
            self._file.write(_HEAD.pack(len(body), zlib.crc32(body)) + body)
            self._appended += 1

    async def durable(self) -> None:
        """Wait until all that was appended so far is on the disk. Callers share one fsync."""
        target = self._appended
        if self._synced >= target:
            return
        async with self._turn:
            if self._synced < target:
                await self._sync()

    async def begin_next(self) -> int:
        """Go on in a new file; gives the number of the last one before it."""
        async with self._turn:
            await self._sync()
            with self._writing:
                self._file.close()
                self._open_next()
            return self._number - 1

    def forget(self, upto: int) -> None:
        """Delete the files up to this number: a snapshot on the disk holds what they say."""
        for number, file in self._files():
            if number <= upto:
                file.unlink()

    def close(self) -> None:
        """Let go of the file. What `durable` did not wait for may not be on the disk."""
        self._disk.shutdown()
        self._file.close()

    async def _sync(self) -> None:
        reached = self._appended
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._disk, os.fsync, self._file.fileno())
        self._synced = reached

    def _open_next(self) -> None:
        self._number += 1
        self._file = (self._folder / f"{self._number:010d}.journal").open("xb", buffering=0)
        sync_folder(self._folder)

    def _files(self) -> list[tuple[int, Path]]:
        return sorted((int(file.stem), file) for file in self._folder.glob("*.journal"))


def _records(file: Path) -> Generator[list[Change], None, int]:
    """Yield whole records; return how many bytes they take."""
    whole = 0
    with file.open("rb") as source:
        while len(head := source.read(_HEAD.size)) == _HEAD.size:
            length, crc = _HEAD.unpack(head)
            body = source.read(length)
            if len(body) < length or zlib.crc32(body) != crc:
                break
            yield [Change(*change) for change in json.loads(body)]
            whole = source.tell()
    return whole


def sync_folder(folder: Path) -> None:
    """Make names that were created or replaced in a folder survive a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
