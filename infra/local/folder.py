"""The plain drop folder: sets go from `in/` to the bucket, films come back to `out/`.

A set is a sub-folder of `in/` with a sidecar. It is sent when nothing in it has changed for a few
looks, the sidecar last. It stays in `in/` while its film is made, and then moves to `done/`, or to
`failed/` with the `error.json` that says why. Each sending has a ticket that travels with the
sidecar, so that after a crash we know whether a set was sent.
"""

import contextlib
import logging
import shutil
import threading
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from infra.local.place import read_json, write_secret
from reelsmith.storage import keys
from reelsmith.usecases.boxes import ACCEPTED, ERROR, JOB, ORDERS, WAITING
from reelsmith.usecases.sidecars import find

LOOK_EVERY_S = 0.5
STABLE_LOOKS = 3
_TICKET = "drop-ticket"
_PASSING = (ACCEPTED, WAITING)  # receipts that go when what they say is over
_COMING = (".part", ".crdownload", ".download", ".opdownload")  # names of what still arrives
_SCRATCH = ("~", ".swp", ".tmp")  # what editors leave beside a file
_FAILURES = (OSError, UnicodeError, Boto3Error, BotoCoreError, ClientError)

log = logging.getLogger("stage.drop")

Listing = tuple[tuple[str, int, int], ...]


@dataclass
class Memory:
    """What survives a restart: the ticket of each set that is sent, and what was mirrored."""

    tickets: dict[str, str] = field(default_factory=dict)
    mirrored: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path) -> "Memory":
        """From its file; empty when there is none."""
        found = read_json(file) or {}
        return cls(found.get("tickets", {}), found.get("mirrored", {}))


class DropFolder:
    """One tenant's folder on disk, beside its folder in the bucket."""

    def __init__(self, folder: Path, memory: Path, *, s3: Any, bucket: str, tenant: str) -> None:  # noqa: ANN401
        self._folder = folder
        self._memory_file = memory
        self._memory = Memory.read(memory)
        self._s3, self._bucket, self._tenant = s3, bucket, tenant
        self._seen: dict[str, tuple[Listing, int]] = {}
        self._sent: set[str] = set()

    def watch(self, stop: threading.Event) -> None:
        """Look again and again until told to stop. What fails is tried again at the next look."""
        while not stop.wait(LOOK_EVERY_S):
            try:
                self.look()
            except _FAILURES as failed:
                log.warning("drop folder: %s; trying again", failed)

    def look(self) -> None:
        """Send the sets that are complete and still, and fetch what has come out."""
        for source in sorted(self._sets()):
            try:
                self._see_to(source)
            except _FAILURES as failed:  # a file that cannot be read holds up no other set
                log.warning("drop folder: %r waits: %s", source.name, failed)
        self._mirror("out")
        for name in list(self._memory.tickets):
            self._settle(name)

    def _sets(self) -> Iterator[Path]:
        for source in (self._folder / "in").iterdir():
            if source.is_dir() and not source.is_symlink() and not source.name.startswith("."):
                yield source

    def _see_to(self, source: Path) -> None:
        if source.name not in self._memory.tickets:
            if self._is_still(source):
                self._send(source, str(uuid.uuid4()))
        elif source.name not in self._sent:
            self._finish_sending(source)
        elif (self._folder / "out" / source.name / WAITING).exists() and self._is_still(source):
            self._send_missing(source)

    def _send_missing(self, source: Path) -> None:
        """Send the files that a set waits for and that came since it was sent."""
        waiting = read_json(self._folder / "out" / source.name / WAITING) or {}
        there = [file for file, _, _ in _listing(source)]
        for wanted in waiting.get("missing", []):
            file = find(wanted, there)
            if file and self._head(self._key(source, file)) is None:
                self._s3.upload_file(str(source / file), self._bucket, self._key(source, file))

    def _is_still(self, source: Path) -> bool:
        if any(file.name.endswith(_COMING) for file in source.iterdir()):
            self._seen.pop(source.name, None)
            return False
        now = tuple(_listing(source))
        before, looks = self._seen.get(source.name, ((), 0))
        looks = looks + 1 if now == before else 1
        self._seen[source.name] = (now, looks)
        return looks >= STABLE_LOOKS and _sidecar(source) is not None

    def _send(self, source: Path, ticket: str) -> None:
        sidecar = _sidecar(source)
        if sidecar is None:
            return
        for file, _, _ in _listing(source):
            if file not in ORDERS:
                self._s3.upload_file(str(source / file), self._bucket, self._key(source, file))
        self._memory.tickets[source.name] = ticket
        self._remember()
        extra = {"Metadata": {_TICKET: ticket}}
        key = self._key(source, sidecar.name)
        self._s3.upload_file(str(sidecar), self._bucket, key, ExtraArgs=extra)
        self._sent.add(source.name)
        self._seen.pop(source.name, None)
        log.info("drop folder: took %r", source.name)

    def _finish_sending(self, source: Path) -> None:
        """After a restart: send the set only when its ticket is nowhere in the bucket."""
        ticket = self._memory.tickets[source.name]
        if any(self._where(source.name, box) == ticket for box in ("in", "done", "failed")):
            self._sent.add(source.name)
        else:
            self._send(source, ticket)

    def _where(self, name: str, box: str) -> str | None:
        """The ticket of the sidecar in a box of the bucket."""
        for sidecar in ORDERS:
            found = self._head(keys.drop(self._tenant, box, name, sidecar))
            if found:
                return str(found["Metadata"].get(_TICKET, ""))
        return None

    def _settle(self, name: str) -> None:
        ticket = self._memory.tickets[name]
        if self._where(name, "done") == ticket:
            self._mirror("out")
            self._put_away(name, "done")
        elif self._where(name, "failed") == ticket:
            error = keys.drop(self._tenant, "failed", name, ERROR)
            if self._head(error) is None:  # it is written after the sources were moved
                return
            kept = self._put_away(name, "failed")
            self._s3.download_file(self._bucket, error, str(kept / ERROR))
            told = keys.drop(self._tenant, "failed", name, JOB)
            if self._head(told):
                self._s3.download_file(self._bucket, told, str(kept / JOB))

    def _put_away(self, name: str, box: str) -> Path:
        target = _free_name(self._folder / box / name)
        with contextlib.suppress(FileNotFoundError):
            shutil.move(self._folder / "in" / name, target)
        target.mkdir(exist_ok=True)
        del self._memory.tickets[name]
        self._sent.discard(name)
        self._remember()
        return target

    def _mirror(self, box: str) -> None:
        """Copy what is new in a box of the bucket to the same box on disk."""
        prefix = f"{keys.DROP}{self._tenant}/{box}/"
        there = set()
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix
        )
        for stored in (item for page in pages for item in page.get("Contents", [])):
            key, tag = stored["Key"], stored["ETag"]
            there.add(key)
            name, _, file = key.removeprefix(prefix).partition("/")
            if self._memory.mirrored.get(key) == tag or not _plain(name) or not _plain(file):
                continue
            target = self._folder / box / name / file
            target.parent.mkdir(exist_ok=True)
            draft = target.with_name(f".{uuid.uuid4()}")
            self._s3.download_file(self._bucket, key, str(draft))
            draft.replace(target)
            self._memory.mirrored[key] = tag
            self._remember()
        for key in [key for key in self._memory.mirrored if key.endswith(_PASSING)]:
            if key.startswith(prefix) and key not in there:
                (self._folder / box / key.removeprefix(prefix)).unlink(missing_ok=True)
                del self._memory.mirrored[key]

    def _head(self, key: str) -> dict[str, Any] | None:
        try:
            return dict(self._s3.head_object(Bucket=self._bucket, Key=key))
        except ClientError as missing:
            if missing.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound"):
                return None
            raise

    def _key(self, source: Path, file: str) -> str:
        return keys.drop(self._tenant, "in", source.name, file)

    def _remember(self) -> None:
        write_secret(self._memory_file, asdict(self._memory))


def _listing(source: Path) -> Iterator[tuple[str, int, int]]:
    """Name, size in bytes and time of change (ns) of the files of a set."""
    for file in sorted(source.iterdir()):
        plain = file.is_file() and not file.is_symlink()
        if plain and not file.name.startswith(".") and not file.name.endswith(_SCRATCH):
            found = file.stat()
            yield file.name, found.st_size, found.st_mtime_ns


def _sidecar(source: Path) -> Path | None:
    there = {file for file, _, _ in _listing(source)}
    return next((source / name for name in ORDERS if name in there), None)


def _plain(name: str) -> bool:
    """Whether a name from the bucket is one file of one folder, and no way out of it."""
    return name not in ("", ".", "..") and "/" not in name and "\0" not in name


def _free_name(wanted: Path) -> Path:
    number = 2
    free = wanted
    while free.exists():
        free = wanted.with_name(f"{wanted.name} {number}")
        number += 1
    return free
