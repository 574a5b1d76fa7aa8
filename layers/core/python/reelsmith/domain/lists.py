"""What a list shows: whose things, made when, of what kind; and a page of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from reelsmith.domain.access import Access
from reelsmith.domain.assets import Asset, AssetStatus, FileType
from reelsmith.domain.model import Entity, Moment
from reelsmith.domain.videos import Video

ThingT_co = TypeVar("ThingT_co", covariant=True)


class VideoFilter(Entity):
    """Which videos a list shows. What is None does not matter.

    `owner` says where they are looked for: among a user's things, or among all of the tenant.
    A video was made when its job was.
    """

    owner: str | None = None
    access: Access | None = None
    created_after: Moment | None = None
    created_before: Moment | None = None

    def fits(self, video: Video) -> bool:
        """Whether the list shows it."""
        return (
            self.owner in (None, video.owner)
            and self.access in (None, video.access)
            and _within(video.created_at, self.created_after, self.created_before)
        )


class AssetFilter(Entity):
    """Which files a list shows. What is None does not matter.

    With a `name` or a `file_type` the list is ordered by type and name, else newest first.
    """

    owner: str | None = None
    access: Access | None = None
    status: AssetStatus | None = None
    file_type: FileType | None = None
    name: str | None = None
    created_after: Moment | None = None
    created_before: Moment | None = None

    @property
    def by_name(self) -> bool:
        """Whether the list is ordered by type and name."""
        return self.name is not None or self.file_type is not None

    def fits(self, asset: Asset) -> bool:
        """Whether the list shows it."""
        named = asset.original_filename.casefold()
        return (
            self.owner in (None, asset.owner)
            and self.access in (None, asset.access)
            and self.status in (None, asset.status)
            and self.file_type in (None, asset.file_type)
            and named.startswith((self.name or "").casefold())
            and _within(asset.created_at, self.created_after, self.created_before)
        )


@dataclass(frozen=True, slots=True)
class PageOf(Generic[ThingT_co]):
    """A page of a list. `after` is the place to go on from; None at the end.

    A page may hold fewer things than were asked for, even none, and still not be the last one:
    how many rows are looked at for a page is bounded.
    """

    things: tuple[ThingT_co, ...]
    after: str | None


def _within(at: datetime, after: datetime | None, before: datetime | None) -> bool:
    return (after is None or at >= after) and (before is None or at < before)
