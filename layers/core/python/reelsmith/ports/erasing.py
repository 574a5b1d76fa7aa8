"""Where deletions of any size are done step by step, and what is exported before them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from reelsmith.domain.assets import Asset
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.batches import Batch
from reelsmith.domain.exports import Export, Section
from reelsmith.domain.jobs import Job
from reelsmith.domain.people import Tenant
from reelsmith.domain.videos import Video
from reelsmith.ports.once import Idempotency, Made


@dataclass(frozen=True, slots=True)
class Due:
    """A user that is being erased, or with no user a whole tenant, and since when."""

    tenant: str
    user: str | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Leftover:
    """Objects below `prefix` that go, since what they belonged to went."""

    tenant: str
    prefix: str


class Erasure(Protocol):
    """Deletions in steps: each is one transaction, keeps counters exact and skips what is done.

    The steps that return a number say how many rows went; 0 when there is nothing left to do.
    """

    def owned(
        self, tenant: str, owner: str, *, kind: str = "", after: str | None = None, limit: int
    ) -> Sequence[str]:
        """Ids of things that a user owns, oldest first, read consistently."""

    def jobs(self, tenant: str, job_ids: Sequence[str]) -> Sequence[Job]:
        """Those of these jobs that exist, read consistently."""

    def videos(self, tenant: str, video_ids: Sequence[str]) -> Sequence[Video]:
        """Those of these videos that exist, read consistently."""

    def remove_job(
        self, job: Job, *, entry: AuditEntry, leftover: Leftover, objects_at: datetime
    ) -> None:
        """Delete a final job; what is left of it in the store is due to go at `objects_at`.

        Raises:
            NotFound: the job is gone already.
            Conflict: it moved meanwhile.
        """

    def remove_jobs(self, jobs: Sequence[Job]) -> int:
        """Delete final jobs of a user that is being erased; their objects are gone already."""

    def remove_batches(self, batches: Sequence[Batch]) -> int:
        """Delete batches of a user that is being erased; their objects are gone already."""

    def remove_videos(self, videos: Sequence[Video]) -> int:
        """Delete videos of a user that is being erased; their objects are gone already."""

    def remove_assets(self, assets: Sequence[Asset], *, at: datetime) -> int:
        """Delete assets of a user that is being erased, and their uses of bytes."""

    def forget(self, tenant: str, owner: str, thing_ids: Sequence[str]) -> int:
        """Delete pointers to things that are gone."""

    def remove_access(self, tenant: str, owner: str) -> int:
        """Delete some of the user's keys, sessions, links and its password."""

    def remove_records(self, tenant: str, owner: str) -> int:
        """Delete some of what is noted of the user day by day, and its exports' rows."""

    def finish_user(self, tenant: str, owner: str, *, entry: AuditEntry) -> bool:
        """Delete the user itself with its names and counters, and write the receipt.

        The receipt's `changes` become the counts of what went. False when something is left.
        """

    def remove_tenants_rows(self, tenant: str) -> int:
        """Delete some rows of a tenant without users: bytes, links, credentials, leftovers."""

    def finish_tenant(self, tenant: Tenant, *, entry: AuditEntry) -> bool:
        """Delete what counts the tenant and write the receipt. False when a user is left.

        The tenant's row stays, so that its journal is sealed to its end.
        """

    def forget_tenant(self, tenant: str) -> None:
        """Delete the row of a tenant whose receipt is written and sealed. Twice is once."""

    def users(self, tenant: str, *, limit: int) -> Sequence[str]:
        """Ids of users of a tenant, also of its drop folder, whose rows are still there."""

    def due(self, *, limit: int) -> Sequence[Due]:
        """What is being erased, longest first. May lag a moment."""

    def forgotten(self, before: datetime, *, limit: int) -> Sequence[tuple[str, str]]:
        """(tenant, user) that were deleted before this moment and not restored. May lag."""

    def leftovers(self, until: datetime, *, limit: int) -> Sequence[Leftover]:
        """Objects that are due to go. May lag a moment."""

    def leave(self, leftover: Leftover, *, at: datetime) -> None:
        """Note objects that are due to go at this time. Twice is once."""

    def cleared(self, leftover: Leftover) -> None:
        """There are no such objects any more. Twice is once."""


@dataclass(frozen=True, slots=True)
class Told:
    """Some rows of a section as plain JSON; `after` is where to go on, None at its end."""

    lines: tuple[Mapping[str, Any], ...]
    after: str | None


class Exports(Protocol):
    """Exports of users' data, and the reading of what goes into them."""

    def add(
        self, export: Export, *, entry: AuditEntry, idempotency: Idempotency | None = None
    ) -> Made[Export]:
        """Store a new export. Raises KeyReused, and NotFound when there is no such user."""

    def get(self, tenant: str, export_id: str, *, at: datetime) -> Export:
        """One export whose time is not over. Raises NotFound."""

    def save(self, was: Export, now: Export, *, entry: AuditEntry | None = None) -> Export:
        """Write `now`, with a new version, where `was.version` stands. Raises Conflict."""

    def of(self, tenant: str, owner: str) -> Sequence[Export]:
        """The exports of a user's data."""

    def due(self, *, limit: int) -> Sequence[Export]:
        """Exports that are not written to their end, oldest first. May lag a moment."""

    def tell(self, export: Export, section: Section, *, after: str | None, limit: int) -> Told:
        """What is stored of the export's user in a section: no hashes, no secrets."""
