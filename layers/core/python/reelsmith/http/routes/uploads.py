"""A place to send a file to: /v1/uploads."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from reelsmith.domain.rights import Act
from reelsmith.http.caller import caller
from reelsmith.http.doors import Doors
from reelsmith.http.onces import IdempotencyKey, once, replay_header
from reelsmith.http.views.uploads import NewUpload, PartsView, SentParts, UploadView
from reelsmith.ports import Deps
from reelsmith.usecases import places, uploads
from reelsmith.usecases.places import PARTS_MOST

First = Annotated[int, Query(ge=1, le=PARTS_MOST, description="number of the first part")]


def register(doors: Doors, deps: Deps) -> None:
    """Add the upload routes."""
    _places(doors, deps)
    _parts(doors, deps)


def _places(doors: Doors, deps: Deps) -> None:
    @doors.post(
        "/v1/uploads",
        Act.ASSETS_CREATE,
        summary="Ask for a place to send a file to",
        tags=["uploads"],
        status_code=HTTPStatus.CREATED,
    )
    def ask(body: NewUpload, idempotency_key: IdempotencyKey = None) -> Response[UploadView]:
        made = places.ask(
            deps,
            caller=caller(doors.app),
            file=body.file(),
            multipart=body.multipart,
            once=once(doors.app, idempotency_key),
        )
        return Response(
            HTTPStatus.CREATED.value,
            content_type="application/json",
            body=UploadView.at(made.thing),
            headers=replay_header(made),
        )

    @doors.get(
        "/v1/uploads/<asset_id>",
        Act.ASSETS_READ,
        summary="See where an upload stands",
        tags=["uploads"],
    )
    def read(asset_id: str) -> UploadView:
        return UploadView.of(uploads.read(deps, caller=caller(doors.app), asset_id=asset_id))

    @doors.delete(
        "/v1/uploads/<asset_id>",
        Act.ASSETS_DELETE,
        summary="Give an upload up that is not ready",
        tags=["uploads"],
        status_code=HTTPStatus.NO_CONTENT,
    )
    def give_up(asset_id: str) -> Response[None]:
        places.give_up(deps, caller=caller(doors.app), asset_id=asset_id)
        return Response(HTTPStatus.NO_CONTENT.value)


def _parts(doors: Doors, deps: Deps) -> None:
    @doors.get(
        "/v1/uploads/<asset_id>/parts",
        Act.ASSETS_CHANGE,
        summary="Fresh URLs for the parts of a file",
        tags=["uploads"],
    )
    def parts(asset_id: str, first: First = 1) -> PartsView:
        found = places.parts(deps, caller=caller(doors.app), asset_id=asset_id, first=first)
        return PartsView.of(asset_id, found)

    @doors.post(
        "/v1/uploads/<asset_id>/complete",
        Act.ASSETS_CHANGE,
        summary="Join the parts of a file; it is checked next",
        tags=["uploads"],
        status_code=HTTPStatus.ACCEPTED,
    )
    def complete(asset_id: str, body: SentParts) -> tuple[UploadView, int]:
        asset = places.complete(
            deps, caller=caller(doors.app), asset_id=asset_id, sent=body.sent()
        )
        return UploadView.of(asset), HTTPStatus.ACCEPTED.value
