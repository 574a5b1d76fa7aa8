"""A place to send a file to: /v1/uploads."""

from http import HTTPStatus

from reelsmith.domain.rights import Act
from reelsmith.http.caller import caller
from reelsmith.http.doors import Doors
from reelsmith.http.views.uploads import NewUpload, UploadView
from reelsmith.ports import Deps
from reelsmith.usecases import uploads


def register(doors: Doors, deps: Deps) -> None:
    """Add the upload routes."""

    @doors.post(
        "/v1/uploads",
        Act.ASSETS_CREATE,
        summary="Ask for a place to send a file to",
        tags=["uploads"],
    )
    def ask(body: NewUpload) -> tuple[UploadView, int]:
        asset, form = uploads.request(deps, caller=caller(doors.app), **body.model_dump())
        return UploadView.of(asset, form), HTTPStatus.CREATED.value

    @doors.get(
        "/v1/uploads/<asset_id>",
        Act.ASSETS_READ,
        summary="See where an upload stands",
        tags=["uploads"],
    )
    def read(asset_id: str) -> UploadView:
        return UploadView.of(uploads.read(deps, caller=caller(doors.app), asset_id=asset_id))
