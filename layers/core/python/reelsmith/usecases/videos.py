"""Finished films: list them, look at one, fetch it, change it, take it away.

Who may not read a film any more is refused with the next request. URLs that were given out before
live on for their 15 minutes, those of a stream as much longer as the film is; the files of a
deleted film are gone with the next round of the housekeeping, and its URLs with them.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reelsmith.domain import audit, rights
from reelsmith.domain.access import Access
from reelsmith.domain.ids import Kind
from reelsmith.domain.lists import PageOf, VideoFilter
from reelsmith.domain.people import Caller
from reelsmith.domain.rights import Act
from reelsmith.domain.streams import StreamFacts
from reelsmith.domain.videos import Video
from reelsmith.errors import NotFound
from reelsmith.ports import Address, Deps
from reelsmith.storage import keys
from reelsmith.text import hls
from reelsmith.usecases import library, links, papers, suspicion
from reelsmith.usecases.library import PAGE_MOST, URL_SECONDS


@dataclass(frozen=True, slots=True)
class Download:
    """A video with URLs that read it, and what is kept beside it by name, until `expires_at`."""

    video: Video
    url: str
    beside: Mapping[str, str]
    expires_at: datetime
    public: str | None = None
    """Where its standing link leads, while it is public."""


def page(
    deps: Deps,
    *,
    caller: Caller,
    wanted: VideoFilter,
    opened: bool = False,
    after: str | None = None,
    limit: int = library.PAGE_DEFAULT,
) -> PageOf[Video]:
    """Videos that the caller sees, newest first; with `opened`, only those of others."""
    rights.require(caller, Act.VIDEOS_READ)
    return deps.videos.page(
        caller.tenant,
        wanted.model_copy(update={"owner": library.owner_of(caller, wanted.owner)}),
        sees=lambda video: library.sees(caller, Act.VIDEOS_READ, video, opened=opened),
        after=after,
        limit=min(limit, PAGE_MOST),
    )


def look(deps: Deps, *, caller: Caller, video_id: str, act: Act = Act.VIDEOS_READ) -> Video:
    """One of the tenant's videos, for this act. Raises Forbidden, NotFound."""
    video = deps.videos.get(caller.tenant, video_id)
    rights.require_on(caller, act, video, called=f"video {video_id}")
    return video


def read(deps: Deps, *, caller: Caller, video_id: str) -> Download:
    """One of the tenant's videos, with signed URLs. Raises NotFound."""
    return download(deps, look(deps, caller=caller, video_id=video_id))


def find(deps: Deps, *, caller: Caller, video_id: str | None) -> Download | None:
    """As `read`, or None for a film that is not there any more."""
    try:
        return read(deps, caller=caller, video_id=video_id) if video_id else None
    except NotFound:
        return None


def change(deps: Deps, *, caller: Caller, was: Video, wanted: Mapping[str, Any]) -> Video:
    """Set the title, access, readers or metadata of a video that stands as `was`.

    Raises:
        Conflict: it changed meanwhile.
        Forbidden, NotFound: as `rights.require_on`.
        Invalid: readers of a thing that is not restricted, or that are no users.
    """
    rights.require_on(caller, Act.VIDEOS_CHANGE, was, called=f"video {was.id}")
    if not wanted:
        return was
    now = was.model_copy(update={**wanted, "updated_at": deps.now()})
    if now.access is not Access.RESTRICTED and "readers" not in wanted:
        now = now.model_copy(update={"readers": ()})
    library.check_opening(now.access, now.readers)
    now = links.as_its_access_asks(deps, caller, now)
    told = library.differences(was, now, told=("access", "readers"))
    stored = deps.videos.change(was, now, entry=_entry(deps, caller, "video.changed", was, told))
    links.ended(deps, caller, was, stored)
    deps.addresses.forget(was.tenant, was.id)
    return stored


def remove(deps: Deps, *, caller: Caller, video_id: str) -> None:
    """Take a video away with its links; its files go with the next round.

    Raises:
        Forbidden, NotFound: as `rights.require_on`.
    """
    video = look(deps, caller=caller, video_id=video_id, act=Act.VIDEOS_DELETE)
    links.revoke_all(deps, caller, video)
    deps.videos.remove(video, entry=_entry(deps, caller, "video.deleted", video, {}))
    deps.addresses.forget(video.tenant, video.id)
    suspicion.deleted(deps, caller=caller)


def playlist(deps: Deps, video: Video) -> str:
    """The HLS playlist of a video, its bytes behind a signed URL.

    Raises:
        NotFound: it was made without a stream.
    """
    if papers.STREAM not in video.beside:
        raise NotFound(f"video {video.id} has no stream; ask for one by hls when making it")
    told = deps.store.read(keys.beside(video.key, papers.STREAM_FACTS))
    stream = library.address(
        deps,
        video,
        keys.beside(video.key, papers.STREAM),
        filename=f"{_filename(video)}-{papers.STREAM}",
        seconds=URL_SECONDS + math.ceil(video.duration_seconds),  # players read while it runs
    )
    return hls.playlist(StreamFacts.model_validate_json(told), stream.url)


def download(deps: Deps, video: Video) -> Download:
    """Signed URLs for a video. They are never stored: no field for them would be long enough."""
    base = _filename(video)
    film = library.address(deps, video, video.key, filename=f"{base}.mp4")
    beside = {
        name: library.address(deps, video, keys.beside(video.key, name), filename=f"{base}-{name}")
        for name in video.beside
    }
    ends = min(one.expires_at for one in (film, *beside.values()))
    urls = {name: one.url for name, one in beside.items()}
    return Download(video, film.url, urls, ends, links.public_path(deps, video))


def content(deps: Deps, video: Video) -> Address:
    """A signed URL of the film itself."""
    return library.address(deps, video, video.key, filename=f"{_filename(video)}.mp4")


def _entry(
    deps: Deps, caller: Caller, action: str, video: Video, told: Mapping[str, Any]
) -> audit.AuditEntry:
    return audit.by_caller(
        caller,
        entry_id=deps.new_id(Kind.EVENT),
        action=action,
        resource=video.id,
        at=deps.now(),
        **told,
    )


def _filename(video: Video) -> str:
    """A name for saved files: the title's letters and digits, of any script."""
    name = re.sub(r"[\W_]+", "-", video.title).strip("-")[:80]
    return name or video.id
