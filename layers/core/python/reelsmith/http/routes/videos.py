"""Finished films: /v1/videos."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response

from reelsmith.http.caller import caller
from reelsmith.http.views import VideoView
from reelsmith.ports import Deps
from reelsmith.text import hls
from reelsmith.usecases import videos


def register(app: APIGatewayHttpResolver, deps: Deps) -> None:
    """Add the video routes to `app`."""

    @app.get("/v1/videos/<video_id>", summary="A film and a fresh URL for it", tags=["videos"])
    def read(video_id: str) -> VideoView:
        return VideoView.of(videos.read(deps, caller=caller(app), video_id=video_id))

    @app.get(
        "/v1/videos/<video_id>/playlist.m3u8", summary="A film to stream by HLS", tags=["videos"]
    )
    def playlist(video_id: str) -> Response[str]:
        made = videos.playlist(deps, caller=caller(app), video_id=video_id)
        return Response(HTTPStatus.OK.value, content_type=hls.CONTENT_TYPE, body=made)
