"""Finished films: /v1/videos."""

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from reelsmith.http.caller import caller
from reelsmith.http.views import VideoView
from reelsmith.ports import Deps
from reelsmith.usecases import videos


def register(app: APIGatewayHttpResolver, deps: Deps) -> None:
    """Add the video routes to `app`."""

    @app.get("/v1/videos/<video_id>", summary="A film and a fresh URL for it", tags=["videos"])
    def read(video_id: str) -> VideoView:
        return VideoView.of(videos.read(deps, caller=caller(app), video_id=video_id))
