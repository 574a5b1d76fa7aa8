"""What callers see of finished videos."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from reelsmith.domain.access import Access
from reelsmith.domain.videos import Video
from reelsmith.usecases.papers import MANIFEST, REPORT, SRT, STREAM, VTT
from reelsmith.usecases.videos import Download


class CaptionFiles(BaseModel):
    """The words of a film as subtitle files."""

    srt: str
    vtt: str


class VideoView(BaseModel):
    """A finished film, with URLs that read it and what is beside it until `expires_at`."""

    id: str
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
    metadata: dict[str, Any]
    created_at: datetime
    download_url: str
    captions: CaptionFiles | None = Field(description="null when the film has no words")
    report_url: str | None = Field(description="the quality report, JSON")
    manifest_url: str | None = Field(description="what the film is made of, JSON")
    playlist: str | None = Field(description="path of the HLS playlist; null without a stream")
    expires_at: datetime

    @classmethod
    def of(cls, film: Download) -> "VideoView":
        """The view of a video with its fresh URLs."""
        srt, vtt = film.beside.get(SRT), film.beside.get(VTT)
        return cls.model_validate(
            film.video.model_dump()
            | {
                "download_url": film.url,
                "captions": {"srt": srt, "vtt": vtt} if srt and vtt else None,
                "report_url": film.beside.get(REPORT),
                "manifest_url": film.beside.get(MANIFEST),
                "playlist": _playlist(film.video) if STREAM in film.beside else None,
                "expires_at": film.expires_at,
            }
        )


def _playlist(video: Video) -> str:
    return f"/v1/videos/{video.id}/playlist.m3u8"
