"""Where uploaded files and finished videos are kept."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from reelsmith.domain.assets import Asset
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.lists import AssetFilter, PageOf, VideoFilter
from reelsmith.domain.videos import Video
from reelsmith.ports.once import Idempotency


class Assets(Protocol):
    """Where the rows of uploaded files are kept, and the count of who uses which bytes."""

    def add(
        self, asset: Asset, *, entry: AuditEntry, idempotency: Idempotency | None = None
    ) -> Asset:
        """Store a new asset; the same id or key again answers with what is stored.

        Raises:
            KeyReused: the key stands for another request.
            NotFound: there is no such tenant, or its owner makes nothing more.
        """

    def replay(self, tenant: str, idempotency: Idempotency) -> Asset | None:
        """The asset that this key made before, if any. Raises KeyReused, NotFound."""

    def page(
        self,
        tenant: str,
        wanted: AssetFilter,
        *,
        sees: Callable[[Asset], bool],
        after: str | None,
        limit: int,
    ) -> PageOf[Asset]:
        """What a list shows of the files that `sees` says may be shown; see `PageOf`."""

    def change(self, was: Asset, now: Asset, *, entry: AuditEntry) -> Asset:
        """Write `now`, with a new version, where `was.version` stands.

        Where it stands with its bytes is left alone. Raises Conflict, NotFound.
        """

    def get(self, tenant: str, asset_id: str) -> Asset:
        """One asset, read consistently. Raises NotFound."""

    def get_many(self, tenant: str, asset_ids: Sequence[str]) -> Mapping[str, Asset]:
        """The assets that exist among these ids, by id."""

    def ready(self, was: Asset, now: Asset, *, entry: AuditEntry) -> Asset:
        """A waiting asset's bytes are checked and kept: count the use of its blob.

        Twice is once. Until it returns, a collector may delete the bytes: look after it.

        Raises:
            Conflict: the asset was rejected meanwhile.
            NotFound: the asset is gone.
            Unavailable: the same bytes are being deleted just now; copy them again, then retry.
        """

    def reject(self, was: Asset, now: Asset, *, entry: AuditEntry) -> Asset:
        """A waiting asset's bytes are no good. Raises Conflict when it is ready already."""

    def mark_processed(self, tenant: str, asset_ids: Sequence[str], *, job_id: str) -> None:
        """A film was made of these files."""

    def expired(self, now: datetime, *, limit: int) -> Sequence[Asset]:
        """Assets of all tenants whose time is over."""

    def remove(self, asset: Asset, *, entry: AuditEntry) -> None:
        """Delete an asset's row and its use of the blob. Twice is once."""

    def needed_by(self, tenant: str, asset_id: str) -> tuple[str, ...]:
        """Ids of the unfinished jobs that name an asset. May lag a moment."""

    def garbage(self, *, limit: int) -> Sequence[tuple[str, str]]:
        """(tenant, sha256) of blobs that may be unused."""

    def collect(self, tenant: str, sha256: str, delete: Callable[[], None]) -> bool:
        """Delete an unused blob: mark it gone, `delete`, forget it. False when it is in use."""


class Videos(Protocol):
    """Where finished films are listed. They are written by `Jobs.move`."""

    def get(self, tenant: str, video_id: str) -> Video:
        """One video, read consistently. Raises NotFound."""

    def page(
        self,
        tenant: str,
        wanted: VideoFilter,
        *,
        sees: Callable[[Video], bool],
        after: str | None,
        limit: int,
    ) -> PageOf[Video]:
        """What a list shows of the videos that `sees` says may be shown, newest first."""

    def span(self, tenant: str, *, after: str, limit: int) -> Sequence[Video]:
        """Videos in the order of their ids, those after `after`, read consistently."""

    def change(self, was: Video, now: Video, *, entry: AuditEntry) -> Video:
        """Write `now`, with a new version, where `was.version` stands.

        Raises Conflict, NotFound.
        """

    def remove(self, video: Video, *, entry: AuditEntry) -> None:
        """Take a video out of every list and queue its files for deletion. Twice is once."""
