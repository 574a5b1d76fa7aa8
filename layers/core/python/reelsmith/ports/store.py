"""Where bytes are kept."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store says of an object. `written_at` is when its bytes were last put there."""

    key: str
    size_bytes: int
    sha256: str | None
    version: str | None
    written_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PostForm:
    """A form that lets a caller send one exact object, and nothing else."""

    url: str
    fields: Mapping[str, str]
    expires_at: datetime


class Store(Protocol):
    """Where bytes are kept, under slash-separated keys."""

    def head(self, key: str) -> Stored | None:
        """What is under `key`, or None."""

    def fetch(self, key: str, into: Path, *, version: str | None = None) -> Path:
        """Copy an object to a local file and give the file back. Raises NotFound."""

    def read(self, key: str, *, version: str | None = None, first: int | None = None) -> bytes:
        """An object's bytes, or its `first` ones. Raises NotFound."""

    def digest(self, key: str) -> str:
        """The SHA-256 of an object's bytes, hex. Raises NotFound."""

    def put(self, source: Path, key: str, *, content_type: str) -> Stored:
        """Copy a local file to an object, whole or not at all."""

    def write(self, body: bytes, key: str, *, content_type: str) -> Stored:
        """Make an object of bytes."""

    def copy(self, source: str, target: str, *, version: str | None = None) -> None:
        """Copy an object within the store. Raises NotFound."""

    def renew(self, key: str) -> None:
        """Let an object count as written now, for rules that go by age. Raises NotFound."""

    def delete(self, key: str) -> None:
        """Remove an object. None there is no error."""

    def delete_all(self, keys: Sequence[str]) -> None:
        """Remove objects, any number of them. None there is no error."""

    def list(self, prefix: str, *, after: str = "") -> Iterator[Stored]:
        """Objects below a prefix, by key, from the one that follows `after`."""

    def post_form(
        self, key: str, *, content_type: str, size_bytes: int, sha256: str, seconds: int
    ) -> PostForm:
        """A form for exactly these bytes under exactly this key."""

    def begin_parts(self, key: str, *, content_type: str) -> str:
        """Let an object come in parts; gives the store's id of them."""

    def part_url(
        self, key: str, upload: str, number: int, *, size_bytes: int, seconds: int
    ) -> str:
        """A URL to PUT one part of exactly this size to. Numbers begin at 1."""

    def join_parts(self, key: str, upload: str, parts: Sequence[tuple[int, str]]) -> None:
        """Make the object of its (number, entity tag) parts.

        Raises:
            Invalid: a part is not there, is not what its tag says, or is too small.
            NotFound: the parts were joined before, or given up.
        """

    def drop_parts(self, key: str, upload: str) -> None:
        """Give parts up and delete them. None there is no error."""

    def signed_url(self, key: str, *, filename: str, seconds: int) -> str:
        """A URL that reads one object for a while, saved by browsers as `filename`."""
