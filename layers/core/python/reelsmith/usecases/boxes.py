"""The boxes of one dropped set: receipts are written to them, files are moved between them.

What was taken of a set is written down in `out/<name>/accepted.json`, file by file with its
version. Only these versions are moved when the job is over: what was put over them, or beside
them, since then belongs to the next set of that name.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from reelsmith.errors import NotFound
from reelsmith.ports import Deps, Stored
from reelsmith.storage import keys

SIDECARS = ("reel.yaml", "reel.yml", "reel.json")
MANIFESTS = ("reels.csv", "reels.jsonl")
ORDERS = (*SIDECARS, *MANIFESTS)
ACCEPTED, WAITING, JOB, ERROR = "accepted.json", "waiting.json", "job.json", "error.json"
PATIENCE = timedelta(minutes=10)  # how long a set may stay without files that it names
_FIRST_LOOK_S = 30
MOST_KEY_BYTES = 1024  # S3: Creating object key names

Note = TypeVar("Note", bound="Receipt")


class Receipt(BaseModel):
    """What a set's folder is told. Receipts of other versions are read as far as they fit."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Accepted(Receipt):
    """A set that was taken: which job it became, and the version of each file."""

    stamp: str
    files: dict[str, str | None]
    job_id: str | None = None


class Waiting(Receipt):
    """A set whose sidecar names files that are not there yet."""

    file: str
    version: str | None
    stamp: str
    missing: tuple[str, ...]
    since: datetime
    until: datetime
    hint: str = "put the missing files into the folder; nothing else is to be done"

    def pause_s(self, now: datetime) -> int:
        """Seconds to the next look: half a minute, then twice the time that it waited so far."""
        waited, left = (now - self.since).total_seconds(), (self.until - now).total_seconds()
        return ceil(min(max(2 * waited, _FIRST_LOOK_S), left))


class Refused(Receipt):
    """Why a set became no film, as the API would say it."""

    code: str
    detail: str
    hint: str
    status: str | None = None
    job_id: str | None = None
    stamp: str = ""
    retryable: bool = False
    errors: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Boxes:
    """The folders of one set: `in`, `out`, `done` and `failed`."""

    deps: Deps
    tenant: str
    name: str

    def key(self, box: str, file: str = "") -> str:
        """The key of a file in a box, or with no file the folder. Never longer than S3 takes."""
        longest = keys.drop(self.tenant, "failed", self.name, ACCEPTED)
        fits = len(longest.encode()) <= MOST_KEY_BYTES
        name = self.name if fits else _cut(self.name)
        key = keys.drop(self.tenant, box, name, file)
        if len(key.encode()) <= MOST_KEY_BYTES:
            return key
        return keys.drop(self.tenant, box, name, _cut(file))

    def stored(self) -> Mapping[str, Stored]:
        """What is in the set's `in`, by file name; folders in it are not looked into."""
        prefix = keys.drop(self.tenant, "in", self.name)
        found = {one.key.removeprefix(prefix): one for one in self.deps.store.list(prefix)}
        return {file: one for file, one in found.items() if file and "/" not in file}

    def head(self, file: str) -> Stored | None:
        """A file of the set as it stands now, with its version."""
        return self.deps.store.head(keys.drop(self.tenant, "in", self.name, file))

    @property
    def title(self) -> str:
        """What a film or a batch is called that has no title of its own."""
        return self.name.strip()[:200].strip() or "untitled"

    def note(self, box: str, file: str, body: BaseModel | Mapping[str, Any]) -> None:
        """Write a receipt."""
        told = body.model_dump(mode="json") if isinstance(body, BaseModel) else body
        text = json.dumps(told, indent=2, ensure_ascii=False)
        self.deps.store.write(text.encode(), self.key(box, file), content_type="application/json")

    def read(self, box: str, file: str, form: type[Note]) -> Note | None:
        """A receipt; None where none is, or somebody wrote something else there."""
        try:
            return form.model_validate_json(self.deps.store.read(self.key(box, file)))
        except (NotFound, ValidationError):
            return None

    def forget(self, box: str, file: str) -> None:
        """Take a receipt away. None there is no error."""
        self.deps.store.delete(self.key(box, file))

    def wait(
        self, missing: Mapping[str, str], *, file: str, version: str | None, stamp: str
    ) -> Waiting:
        """Write down which files a set waits for; since when stays as it was.

        `missing` are names of files by the fields that name them.
        """
        was = self.read("out", WAITING, Waiting)
        since = was.since if was and was.stamp == stamp else self.deps.now()
        note = Waiting(
            file=file,
            version=version,
            stamp=stamp,
            missing=tuple(dict.fromkeys(missing.values())),
            since=since,
            until=since + PATIENCE,
        )
        self.note("out", WAITING, note)
        return note

    def move(self, box: str, versions: Mapping[str, str | None] | None = None) -> None:
        """Move the set's files out of `in`, the sidecar last. May be repeated at any point.

        With `versions`, only files that still are what it says. What went away stays away.
        """
        for file, version in self._to_move(versions):
            now = self.head(file)
            if now is None or (version and now.version != version):
                continue
            source = keys.drop(self.tenant, "in", self.name, file)
            self.deps.store.copy(source, self.key(box, file), version=now.version)
            self.deps.store.delete(source)

    def make_up(self, job_id: str) -> None:
        """Take a set out of `failed` whose job was taken up again and went well."""
        told = self.read("failed", ERROR, Refused)
        if told is None or told.job_id != job_id:
            return
        prefix = self.key("failed")
        found = [one.key.removeprefix(prefix) for one in self.deps.store.list(prefix)]
        for file in sorted(found, key=lambda file: file == ERROR):
            if file not in (ERROR, JOB):
                self.deps.store.copy(self.key("failed", file), self.key("done", file))
            self.deps.store.delete(prefix + file)

    def _to_move(
        self, versions: Mapping[str, str | None] | None
    ) -> Iterator[tuple[str, str | None]]:
        files = dict.fromkeys(self.stored()) if versions is None else versions
        yield from sorted(files.items(), key=lambda one: (one[0] in ORDERS, one[0]))


def _cut(name: str) -> str:
    """The beginning of a name, with a mark of its own; in all at most 300 bytes."""
    whole = name.encode()
    mark = hashlib.sha256(whole).hexdigest()[:16]
    return f"{whole[:280].decode(errors='ignore')}~{mark}"
