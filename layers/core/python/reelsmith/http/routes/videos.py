"""Finished films: /v1/videos."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from reelsmith.domain.access import Access
from reelsmith.domain.lists import VideoFilter
from reelsmith.domain.rights import Act
from reelsmith.http import preconditions
from reelsmith.http.caller import caller
from reelsmith.http.doors import Doors
from reelsmith.http.pages import Opened, OwnerOf, Place
from reelsmith.http.queries import CreatedAfter, CreatedBefore, Cursor, Limit
from reelsmith.http.views.videos import VideoChange, VideoHead, VideoPage, VideoView
from reelsmith.ports import Deps
from reelsmith.text import hls
from reelsmith.usecases import videos
from reelsmith.usecases.library import PAGE_DEFAULT
from reelsmith.usecases.videos import Download


def register(doors: Doors, deps: Deps) -> None:
    """Add the video routes."""
    _list(doors, deps)
    _looks(doors, deps)
    _changes(doors, deps)


def _list(doors: Doors, deps: Deps) -> None:
    @doors.get("/v1/videos", Act.VIDEOS_READ, summary="Films, newest first", tags=["videos"])
    def page(
        *,
        owner: OwnerOf = None,
        opened: Opened = False,
        access: Annotated[Access | None, Query()] = None,
        created_after: CreatedAfter = None,
        created_before: CreatedBefore = None,
        limit: Limit = PAGE_DEFAULT,
        cursor: Cursor = None,
    ) -> VideoPage:
        who = caller(doors.app)
        wanted = VideoFilter(
            owner=owner, access=access, created_after=created_after, created_before=created_before
        )
        place = Place(deps, who, "videos", wanted, str(opened))
        found = videos.page(
            deps,
            caller=who,
            wanted=wanted,
            opened=opened,
            after=place.after(cursor),
            limit=limit,
        )
        shown = tuple(VideoHead.of(video) for video in found.things)
        return VideoPage.model_validate({"data": shown} | place.ends(found.after))


def _looks(doors: Doors, deps: Deps) -> None:
    @doors.get(
        "/v1/videos/<video_id>",
        Act.VIDEOS_READ,
        summary="A film and URLs for it",
        tags=["videos"],
    )
    def read(video_id: str) -> Response[VideoView]:
        return _shown(videos.read(deps, caller=caller(doors.app), video_id=video_id))

    @doors.get(
        "/v1/videos/<video_id>/content",
        Act.VIDEOS_READ,
        summary="The film itself, by a redirect to a URL that ends in 15 minutes",
        tags=["videos"],
        status_code=HTTPStatus.FOUND,
    )
    def content(video_id: str) -> Response[None]:
        video = videos.look(deps, caller=caller(doors.app), video_id=video_id)
        return to(videos.content(deps, video).url)

    @doors.get(
        "/v1/videos/<video_id>/playlist.m3u8",
        Act.VIDEOS_READ,
        summary="A film to stream by HLS",
        tags=["videos"],
    )
    def playlist(video_id: str) -> Response[str]:
        video = videos.look(deps, caller=caller(doors.app), video_id=video_id)
        made = videos.playlist(deps, video)
        return Response(HTTPStatus.OK.value, content_type=hls.CONTENT_TYPE, body=made)


def _changes(doors: Doors, deps: Deps) -> None:
    @doors.patch(
        "/v1/videos/<video_id>",
        Act.VIDEOS_CHANGE,
        summary="Rename a film, open or close it to others, set its metadata",
        tags=["videos"],
    )
    def change(video_id: str, body: VideoChange) -> Response[VideoView]:
        who = caller(doors.app)
        was = videos.look(deps, caller=who, video_id=video_id, act=Act.VIDEOS_CHANGE)
        preconditions.expect(doors.app, was)
        now = videos.change(deps, caller=who, was=was, wanted=body.wanted())
        return _shown(videos.download(deps, now))

    @doors.delete(
        "/v1/videos/<video_id>",
        Act.VIDEOS_DELETE,
        summary="Take a film away, with its files and links",
        tags=["videos"],
        status_code=HTTPStatus.NO_CONTENT,
    )
    def remove(video_id: str) -> Response[None]:
        videos.remove(deps, caller=caller(doors.app), video_id=video_id)
        return Response(HTTPStatus.NO_CONTENT.value)


def to(url: str) -> Response[None]:
    """A redirect that nobody keeps: the URL is signed and ends soon."""
    headers = {"Location": url, "Cache-Control": "no-store"}
    return Response(HTTPStatus.FOUND.value, headers=headers)


def _shown(film: Download) -> Response[VideoView]:
    return Response(
        HTTPStatus.OK.value,
        content_type="application/json",
        body=VideoView.whole(film),
        headers={"ETag": preconditions.etag(film.video)},
    )
