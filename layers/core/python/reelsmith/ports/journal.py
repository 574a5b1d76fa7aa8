"""Where the audit journal is kept, and the chain that seals it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.seals import Seal


@dataclass(frozen=True, slots=True)
class JournalPage:
    """One page of entries, newest first; `after` is the place to go on from, None at the end."""

    entries: tuple[AuditEntry, ...]
    after: str | None


class Journal(Protocol):
    """Entries are written with the deeds they tell of; here are those of no other deed."""

    def note(self, entry: AuditEntry) -> None:
        """Write an entry that belongs to no other write: a refusal, a sign-in, an alarm."""

    def page(
        self,
        tenant: str,
        *,
        actor: str | None = None,
        resource: str | None = None,
        action: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after: str | None = None,
        limit: int,
    ) -> JournalPage:
        """Entries of a tenant, newest first: all, of one actor, or about one thing.

        `action` is what their actions begin with. A page may come short and not be the last one:
        how many rows are looked at for a page is bounded.
        """

    def entries(
        self, tenant: str, *, since: str = "", until: datetime | None = None
    ) -> Iterator[tuple[str, AuditEntry | None]]:
        """(place, entry) in the order of the journal, after the place `since`, before `until`.

        Read consistently. None for what stands at a place and is no entry.
        """

    def last_seal(self, tenant: str) -> Seal | None:
        """The newest link of the chain, read consistently."""

    def add_seal(self, seal: Seal, *, entry: AuditEntry) -> bool:
        """Store the next link with the entry that tells of it.

        False when another link of this number was stored first.
        """

    def seals(self, tenant: str, *, first: int = 0) -> Iterator[Seal | None]:
        """The chain from link number `first` on. None for what stands there and is no link."""


@dataclass(frozen=True, slots=True)
class Draw:
    """What came out of a bucket: how many tokens, how many are left in it, how long to wait.

    `wait_s` is 0.0 when at least one token came; else the seconds until one would be there.
    """

    tokens: int
    left: int
    wait_s: float


class Limits(Protocol):
    """Token buckets and windows. Losing one costs nothing but exactness.

    They belong to a tenant, or to nobody when none is named. Names may hold anything: keys in the
    table hold their hashes.
    """

    def take(
        self,
        bucket: str,
        *,
        per_minute: int,
        burst: int,
        at: datetime,
        tokens: int = 1,
        tenant: str | None = None,
    ) -> float:
        """Take tokens from a bucket; 0.0, or the seconds to wait until they would be there.

        A bucket is full after a silence, holds `burst` and gains `per_minute`. Raises Invalid
        when more tokens are asked for than it can ever hold.
        """

    def draw(
        self,
        bucket: str,
        *,
        per_minute: int,
        burst: int,
        at: datetime,
        most: int,
        tenant: str | None = None,
    ) -> Draw:
        """Take as many tokens as there are, up to `most`."""

    def count(
        self,
        window: str,
        *,
        at: datetime,
        seconds: int,
        member: str | None = None,
        tenant: str | None = None,
    ) -> int:
        """Count one more in the window of this name; how many in its running `seconds`.

        With a `member` each one counts once, as in "addresses a key was used from", up to 100. A
        window begins with the first that it counts and is over after `seconds`.
        """

    def counted(
        self, window: str, *, at: datetime, seconds: int, tenant: str | None = None
    ) -> int:
        """How many a window holds, without counting."""
