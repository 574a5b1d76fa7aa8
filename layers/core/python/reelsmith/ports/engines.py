"""What speaks, runs jobs, wakes, signs and measures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from reelsmith.domain.resources import Resources
from reelsmith.domain.speech import Speech


class Speaker(Protocol):
    """A voice."""

    name: str

    def speak(self, text: str, *, language: str, voice: str | None, out: Path) -> Speech:
        """Say `text` into a mono 16-bit WAV at `out`, at the engine's own rate.

        Raises:
            Invalid: the engine has no voice for this language, or not the one named.
            MediaError: the engine failed on this text.
        """

    def fingerprint(self, *, language: str, voice: str | None) -> str:
        """Engine, version and voice: what beside the text decides the sound."""


@dataclass(frozen=True, slots=True)
class Run:
    """An execution as the workflow engine sees it. `error` is set when it ended badly."""

    open: bool
    succeeded: bool
    error: str = ""
    cause: str = ""


class Workflow(Protocol):
    """What runs jobs."""

    def start(self, name: str, payload: Mapping[str, Any]) -> None:
        """Start an execution; one of the same name already there is the same one."""

    def stop(self, name: str, *, cause: str) -> None:
        """Stop an execution. None there, or one that ended, is no error."""

    def look(self, name: str) -> Run | None:
        """The execution of this name, or None."""


class Waker(Protocol):
    """Tells the dispatcher that there may be work. Losing a call only costs time."""

    def __call__(self) -> None:
        """Wake it."""


class Meter(Protocol):
    """What work takes, counted from `start` on."""

    def start(self) -> None:
        """Count from here on."""

    def holds(self, folder: Path) -> None:
        """Note how much temp space a folder takes just now."""

    def read(self) -> Resources:
        """What was used so far."""


class Passwords(Protocol):
    """How passwords are hashed and checked. Each call takes real work: argon2id."""

    def hash(self, password: str) -> str:
        """A new hash, with its salt and parameters in it."""

    def verify(self, password: str, hashed: str) -> bool:
        """Whether the password is the one that was hashed, by whichever method it was."""

    def is_stale(self, hashed: str) -> bool:
        """Whether the hash was made by an older method or with less work than today's."""

    def pretend(self, password: str) -> None:
        """As much work as `verify`, for users who are not there."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a session token says. It is believed until `expires_at`, less when writing."""

    tenant: str
    user: str
    session: str
    role: str
    expires_at: datetime


class Tickets(Protocol):
    """Short signed session tokens (JWT)."""

    def issue(self, ticket: Ticket, *, at: datetime) -> str:
        """The signed token."""

    def read(self, text: str, *, at: datetime) -> Ticket | None:
        """What a token says, or None when it is not ours or is over."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came from a URL. `content_type` is what its server says, which proves nothing."""

    status: int
    content_type: str
    size_bytes: int
    sha256: str
    etag: str
    final_url_host: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said to a POST: a status, and its Retry-After as it came, if it had one."""

    status: int
    retry_after: str = ""


class Fetcher(Protocol):
    """The one way to a caller's URL. Goes to hosts of the public internet only, by https."""

    def check(self, url: str) -> None:
        """See that a URL is of a form that we go to. Looks nothing up. Raises Invalid."""

    def fetch(
        self,
        url: str,
        into: Path,
        *,
        most_bytes: int,
        timeout_s: float,
        headers: Mapping[str, str] | None = None,
    ) -> Fetched:
        """Copy what is at a URL into a file, whole or not at all.

        What came before a break is kept beside `into` and is not asked for again, in this call
        or in a later one, where the server says that it is still the same file.

        Raises:
            Invalid: it cannot be had, or is not what we take; trying again cannot help.
            Unavailable: it may come at another time.
        """

    def send(
        self, url: str, body: bytes, *, headers: Mapping[str, str], timeout_s: float
    ) -> Answer:
        """POST bytes to a URL; what it answers. Redirects are not followed.

        Raises:
            Invalid, Unavailable: as `fetch`.
        """


class Errands(Protocol):
    """Orders that wait for the function that goes out."""

    def place(self, order: Mapping[str, Any]) -> None:
        """Have an order carried out, perhaps twice. Raises Unavailable."""

    def put_off(self, receipt: str, *, seconds: int) -> None:
        """Have an order, known by the receipt that it came with, come again after a while."""
