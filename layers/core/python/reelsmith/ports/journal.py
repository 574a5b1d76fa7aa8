"""Where the audit journal is kept, and the chain that seals it."""

from collections.abc import Iterator, Sequence
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
        since: datetime | None = None,
        until: datetime | None = None,
        after: str | None = None,
        limit: int,
    ) -> JournalPage:
        """Entries of a tenant, newest first: all, of one actor, or about one thing."""

    def entries(
        self, tenant: str, *, since: str = "", until: datetime
    ) -> Iterator[tuple[str, AuditEntry]]:
        """(place, entry) in the order of the journal, after the place `since`, before `until`.

        Read consistently.
        """

    def last_seal(self, tenant: str) -> Seal | None:
        """The newest link of the chain, read consistently."""

    def add_seal(self, seal: Seal) -> bool:
        """Store the next link. False when another round stored one of this number first."""

    def seals(self, tenant: str) -> Iterator[Seal]:
        """The chain from its first link on."""


class Limits(Protocol):
    """Token buckets and windows. Losing one costs nothing but exactness."""

    def take(
        self, bucket: str, *, per_minute: int, burst: int, at: datetime, tokens: int = 1
    ) -> float:
        """Take tokens from a bucket; 0.0, or the seconds to wait until they would be there."""

    def count(self, window: str, *, at: datetime, seconds: int, member: str | None = None) -> int:
        """Count one more in the window of this name; how many in its running `seconds`.

        With a `member` each one counts once, as in "addresses a key was used from".
        """

    def counted(self, window: str, *, at: datetime, seconds: int) -> int:
        """How many a window holds, without counting."""


class Erasure(Protocol):
    """Deletions of any size, taken up again after a crash."""

    def owned(self, tenant: str, owner: str, *, limit: int) -> Sequence[str]:
        """Ids of things that a user owns, read consistently; fewer each time they are removed."""

    def due(self, *, limit: int) -> Sequence[tuple[str, str | None]]:
        """(tenant, user) that are being erased, longest first; user None for a whole tenant."""
