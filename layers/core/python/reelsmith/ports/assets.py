"""Where uploaded files and finished videos are kept."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from reelsmith.domain.assets import Asset
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.videos import Video


class Assets(Protocol):
    """Where the rows of uploaded files are kept, and the count of who uses which bytes."""

    def add(self, asset: Asset, *, entry: AuditEntry) -> Asset:
        """Store a new asset; the same id again answers with what is stored.

        Raises:
            NotFound: there is no such tenant.
        """

    def get(self, tenant: str, asset_id: str) -> Asset:
        """One asset, read consistently. Raises NotFound."""

    def get_many(self, tenant: str, asset_ids: Sequence[str]) -> Mapping[str, Asset]:
        """The assets that exist among these ids, by id."""

    def ready(self, was: Asset, now: Asset) -> Asset:
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

    def garbage(self, *, limit: int) -> Sequence[tuple[str, str]]:
        """(tenant, sha256) of blobs that may be unused."""

    def collect(self, tenant: str, sha256: str, delete: Callable[[], None]) -> bool:
        """Delete an unused blob: mark it gone, `delete`, forget it. False when it is in use."""


class Videos(Protocol):
    """Where finished films are listed. They are written by `Jobs.move`."""

    def get(self, tenant: str, video_id: str) -> Video:
        """One video. Raises NotFound."""
