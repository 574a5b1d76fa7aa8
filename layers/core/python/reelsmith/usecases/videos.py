"""Finished films: look at one, fetch it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from reelsmith.domain import rights
from reelsmith.domain.people import Caller
from reelsmith.domain.rights import Act
from reelsmith.domain.streams import StreamFacts
from reelsmith.domain.videos import Video
from reelsmith.errors import NotFound
from reelsmith.ports import Deps
from reelsmith.storage import keys
from reelsmith.text import hls
from reelsmith.usecases import papers

URL_SECONDS = 900
STREAM_SECONDS = 3_600  # a player reads on while the film runs


@dataclass(frozen=True, slots=True)
class Download:
    """A video with URLs that read it, and what is kept beside it by name, until `expires_at`."""

    video: Video
    url: str
    beside: Mapping[str, str]
    expires_at: datetime


def read(deps: Deps, *, caller: Caller, video_id: str) -> Download:
    """One of the tenant's videos, with a freshly signed URL. Raises NotFound."""
    return download(deps, _visible(deps, caller, video_id))


def playlist(deps: Deps, *, caller: Caller, video_id: str) -> str:
    """The HLS playlist of one of the tenant's videos, its bytes behind a freshly signed URL.

    Raises:
        NotFound: there is no such video, or it was made without a stream.
    """
    video = _visible(deps, caller, video_id)
    if papers.STREAM not in video.beside:
        raise NotFound(f"video {video_id} has no stream; ask for one by hls when making it")
    told = deps.store.read(keys.beside(video.key, papers.STREAM_FACTS))
    url = deps.store.signed_url(
        keys.beside(video.key, papers.STREAM),
        filename=f"{_filename(video)}-{papers.STREAM}",
        seconds=STREAM_SECONDS,
    )
    return hls.playlist(StreamFacts.model_validate_json(told), url)


def download(deps: Deps, video: Video) -> Download:
    """Sign a URL for a video. It is never stored: it would be longer than any field for it."""
    base = _filename(video)
    url = deps.store.signed_url(video.key, filename=f"{base}.mp4", seconds=URL_SECONDS)
    beside = {
        name: deps.store.signed_url(
            keys.beside(video.key, name), filename=f"{base}-{name}", seconds=URL_SECONDS
        )
        for name in video.beside
    }
    return Download(video, url, beside, deps.now() + timedelta(seconds=URL_SECONDS))


def _visible(deps: Deps, caller: Caller, video_id: str) -> Video:
    video = deps.videos.get(caller.tenant, video_id)
    rights.require_on(caller, Act.VIDEOS_READ, video, called=f"video {video_id}")
    return video


def _filename(video: Video) -> str:
    """A name for saved files: the title's letters and digits, of any script."""
    name = re.sub(r"[\W_]+", "-", video.title).strip("-")[:80]
    return name or video.id
