"""Finished films: look at one, fetch it."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from reelsmith.domain.people import Caller
from reelsmith.domain.videos import Video
from reelsmith.ports import Deps

URL_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Download:
    """A video with a URL that reads it until `expires_at`."""

    video: Video
    url: str
    expires_at: datetime


def read(deps: Deps, *, caller: Caller, video_id: str) -> Download:
    """One of the tenant's videos, with a freshly signed URL. Raises NotFound."""
    return download(deps, deps.videos.get(caller.tenant, video_id))


def download(deps: Deps, video: Video) -> Download:
    """Sign a URL for a video. It is never stored: it would be longer than any field for it."""
    url = deps.store.signed_url(video.key, filename=_filename(video), seconds=URL_SECONDS)
    return Download(video, url, deps.now() + timedelta(seconds=URL_SECONDS))


def _filename(video: Video) -> str:
    """A name for the saved file: the title's letters and digits, of any script."""
    name = re.sub(r"[\W_]+", "-", video.title).strip("-")[:80]
    return f"{name or video.id}.mp4"
