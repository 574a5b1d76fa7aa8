"""A place to send a file to: /v1/uploads."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from reelsmith.http.caller import caller
from reelsmith.http.views import NewUpload, UploadView
from reelsmith.ports import Deps
from reelsmith.usecases import uploads


def register(app: APIGatewayHttpResolver, deps: Deps) -> None:
    """Add the upload routes to `app`."""

    @app.post("/v1/uploads", summary="Ask for a place to send a file to", tags=["uploads"])
    def ask(body: NewUpload) -> tuple[UploadView, int]:
        asset, form = uploads.request(deps, caller=caller(app), **body.model_dump())
        return UploadView.of(asset, form), HTTPStatus.CREATED.value

    @app.get("/v1/uploads/<asset_id>", summary="See where an upload stands", tags=["uploads"])
    def read(asset_id: str) -> UploadView:
        return UploadView.of(uploads.read(deps, caller=caller(app), asset_id=asset_id))
