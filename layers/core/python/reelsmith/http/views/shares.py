"""What callers send and see of links, and what their holders see."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from reelsmith.domain.assets import Asset
from reelsmith.usecases.library import Thing
from reelsmith.usecases.papers import STREAM
from reelsmith.usecases.shares import MOST_DAYS, Shown

_DAY_S = 86_400
_WEEK_S = 7 * _DAY_S


class NewShare(BaseModel):
    """A link that is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    expires_in_s: int | None = Field(
        default=_WEEK_S, ge=60, le=MOST_DAYS * _DAY_S, description="null: until it is revoked"
    )


class ShareView(BaseModel):
    """A link. Its URL holds the secret: it is told when the link is made, and never again."""

    id: str
    resource: str = Field(description="id of the video or asset")
    standing: bool = Field(description="belongs to public access, and ends with it")
    url: str | None = Field(description="path below the address of this API; null when kept back")
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, shown: Shown) -> "ShareView":
        """The view of a link."""
        return cls.model_validate(shown.share.model_dump() | {"url": shown.path})


class ShareList(BaseModel):
    """The links of a thing, newest first."""

    data: tuple[ShareView, ...]


class SharedView(BaseModel):
    """What the holder of a link sees."""

    title: str
    content_type: str
    size_bytes: int
    duration_seconds: float | None = Field(description="null for files")
    width: int | None = None
    height: int | None = None
    download_url: str
    playlist: str | None = Field(description="path of the HLS playlist; null without a stream")
    expires_at: datetime = Field(description="when the URLs end; ask again then")

    @classmethod
    def of(
        cls, thing: Thing, *, download_url: str, expires_at: datetime, path: str
    ) -> "SharedView":
        """The view of a shared thing; `path` is that of its link."""
        fields = thing.model_dump() | {"download_url": download_url, "expires_at": expires_at}
        if isinstance(thing, Asset):
            more = {"title": thing.original_filename, "duration_seconds": None, "playlist": None}
            return cls.model_validate(fields | more)
        stream = f"{path}/playlist.m3u8" if STREAM in thing.beside else None
        return cls.model_validate(fields | {"playlist": stream})
