"""Finished films: /v1/videos."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from reelsmith.domain.rights import Act
from reelsmith.http.caller import caller
from reelsmith.http.doors import Doors
from reelsmith.http.views.videos import VideoView
from reelsmith.ports import Deps
from reelsmith.text import hls
from reelsmith.usecases import videos


def register(doors: Doors, deps: Deps) -> None:
    """Add the video routes."""

    @doors.get(
        "/v1/videos/<video_id>",
        Act.VIDEOS_READ,
        summary="A film and a fresh URL for it",
        tags=["videos"],
    )
    def read(video_id: str) -> VideoView:
        return VideoView.of(videos.read(deps, caller=caller(doors.app), video_id=video_id))

    @doors.get(
        "/v1/videos/<video_id>/playlist.m3u8",
        Act.VIDEOS_READ,
        summary="A film to stream by HLS",
        tags=["videos"],
    )
    def playlist(video_id: str) -> Response[str]:
        made = videos.playlist(deps, caller=caller(doors.app), video_id=video_id)
        return Response(HTTPStatus.OK.value, content_type=hls.CONTENT_TYPE, body=made)
