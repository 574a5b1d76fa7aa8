"""What callers send and see of finished videos."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from reelsmith.domain.access import Access, Readers
from reelsmith.domain.model import Metadata, Title
from reelsmith.domain.videos import Video
from reelsmith.usecases.papers import MANIFEST, REPORT, SRT, STREAM, VTT
from reelsmith.usecases.videos import Download


class VideoChange(BaseModel):
    """What is to be different. What is left out stays; null is no value of any of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Title = ""
    access: Access = Access.PRIVATE
    readers: Readers = Field(default=(), description="ids of users; for access restricted")
    metadata: Metadata

    def wanted(self) -> dict[str, Any]:
        """The fields that were sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class CaptionFiles(BaseModel):
    """The words of a film as subtitle files."""

    srt: str
    vtt: str


class VideoHead(BaseModel):
    """A film as lists show it."""

    id: str
    owner: str
    job_id: str
    title: str
    content_type: str
    duration_seconds: float
    width: int
    height: int
    fps: float
    size_bytes: int
    sha256: str
    language: str
    access: Access
    readers: tuple[str, ...]
    metadata: dict[str, Any]
    version: int
    missing: bool = Field(description="its file is gone; its job made it")
    created_at: datetime
    updated_at: datetime | None

    @classmethod
    def of(cls, video: Video) -> "VideoHead":
        """The view of a video's row."""
        return cls.model_validate(video.model_dump())


class VideoView(VideoHead):
    """A finished film, with URLs that read it and what is beside it until `expires_at`."""

    public_url: str | None = Field(
        description="path that shows it to whoever has it; null unless access is public"
    )
    download_url: str
    captions: CaptionFiles | None = Field(description="null when the film has no words")
    report_url: str | None = Field(description="the quality report, JSON")
    manifest_url: str | None = Field(description="what the film is made of, JSON")
    playlist: str | None = Field(description="path of the HLS playlist; null without a stream")
    expires_at: datetime

    @classmethod
    def whole(cls, film: Download) -> "VideoView":
        """The view of a video with its URLs."""
        srt, vtt = film.beside.get(SRT), film.beside.get(VTT)
        return cls.model_validate(
            film.video.model_dump()
            | {
                "public_url": film.public,
                "download_url": film.url,
                "captions": {"srt": srt, "vtt": vtt} if srt and vtt else None,
                "report_url": film.beside.get(REPORT),
                "manifest_url": film.beside.get(MANIFEST),
                "playlist": _playlist(film.video) if STREAM in film.beside else None,
                "expires_at": film.expires_at,
            }
        )


class VideoPage(BaseModel):
    """One page of films, newest first."""

    data: tuple[VideoHead, ...]
    next_cursor: str | None
    has_more: bool


def _playlist(video: Video) -> str:
    return f"/v1/videos/{video.id}/playlist.m3u8"
