"""What came of a file before its connection broke, kept until the rest comes.

Two files beside the wished one: `.part` holds the bytes, `.part.json` says which file of the
world they are of. They are gone on for only under a validator that changes whenever a byte does
(RFC 9110, sections 8.8 and 14.2), and only by the server's own word that the rest belongs to it.
"""

import hashlib
import json
import re
from datetime import timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import Path

from reelsmith.ports import Fetched

_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")
_SETTLED = timedelta(seconds=60)  # RFC 9110, 8.8.2.2: a date tells changes apart no finer


class Partial:
    """The beginning of one file of a URL."""

    def __init__(self, into: Path, url: str) -> None:
        self._into = into
        self._bytes = into.with_name(f"{into.name}.part")
        self._note = into.with_name(f"{into.name}.part.json")
        self._url = hashlib.sha256(url.encode()).hexdigest()
        self._validator = self._noted()
        if not self._validator:
            self.forget()

    @property
    def size_bytes(self) -> int:
        """How much of it is here."""
        return self._bytes.stat().st_size if self._bytes.exists() else 0

    @property
    def resumable(self) -> bool:
        """Whether the rest can be asked for."""
        return bool(self._validator) and self.size_bytes > 0

    def asks(self) -> dict[str, str]:
        """The headers that ask for the rest, or for all of it when it has changed."""
        if not self.resumable:
            return {}
        return {"Range": f"bytes={self.size_bytes}-", "If-Range": self._validator}

    def begin(self, headers: Message) -> None:
        """A new file begins, with these headers."""
        self.forget()
        self._validator = _validator(headers)
        note = {"url": self._url, "validator": self._validator}
        self._note.write_text(json.dumps(note), "utf-8")
        self._bytes.touch()

    def continued_by(self, headers: Message) -> bool:
        """Whether an answer with these headers goes on where this ends, to the file's end."""
        told = _RANGE.fullmatch(headers.get("Content-Range", ""))
        if told is None or not self.resumable:
            return False
        first, last, whole = (int(number) for number in told.groups())
        etag = headers.get("ETag", self._validator)
        same = etag == self._validator or not self._validator.startswith('"')
        return same and first == self.size_bytes and last + 1 == whole

    def add(self, piece: bytes) -> None:
        """More of it came."""
        with self._bytes.open("ab") as file:
            file.write(piece)

    def forget(self) -> None:
        """Begin at the beginning next time."""
        self._bytes.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)
        self._validator = ""

    def complete(self, *, status: int, headers: Message, host: str) -> Fetched:
        """All of it is here: put it where it was wished."""
        with self._bytes.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size_bytes = self.size_bytes
        self._bytes.replace(self._into)
        self._note.unlink(missing_ok=True)
        return Fetched(
            status=status,
            content_type=headers.get("Content-Type", "")[:200],
            size_bytes=size_bytes,
            sha256=digest,
            etag=headers.get("ETag", "")[:200],
            final_url_host=host,
        )

    def _noted(self) -> str:
        """The validator of what is here, when it is of this URL."""
        try:
            note = json.loads(self._note.read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return ""
        match note:
            case {"url": self._url, "validator": str(validator)}:
                return validator
        return ""


def _validator(headers: Message) -> str:
    """The strong validator of an answer, empty when it has none."""
    etag = headers.get("ETag", "")
    if re.fullmatch(r'"[\x21\x23-\x7e]{1,200}"', etag):
        return etag
    changed, sent = headers.get("Last-Modified", ""), headers.get("Date", "")
    try:
        settled = parsedate_to_datetime(sent) - parsedate_to_datetime(changed) >= _SETTLED
    except (TypeError, ValueError):
        return ""
    return changed if settled else ""
