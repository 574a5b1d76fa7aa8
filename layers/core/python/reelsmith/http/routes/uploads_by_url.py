"""Files that we fetch: /v1/uploads/by-url."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from reelsmith.domain.rights import Act
from reelsmith.http.caller import caller
from reelsmith.http.doors import Doors
from reelsmith.http.onces import IdempotencyKey, once, replay_header
from reelsmith.http.views.uploads import UploadView
from reelsmith.http.views.uploads_by_url import NewFetch
from reelsmith.ports import Deps
from reelsmith.usecases import fetching


def register(doors: Doors, deps: Deps) -> None:
    """Add the route that has a file fetched."""

    @doors.post(
        "/v1/uploads/by-url",
        Act.ASSETS_CREATE,
        summary="Have a file fetched from a URL",
        tags=["uploads"],
        status_code=202,
    )
    def fetch(body: NewFetch, idempotency_key: IdempotencyKey = None) -> Response[UploadView]:
        made = fetching.ask(
            deps,
            caller=caller(doors.app),
            once=once(doors.app, idempotency_key),
            **body.model_dump(),
        )
        return Response(
            status_code=HTTPStatus.ACCEPTED.value,
            content_type="application/json",
            body=UploadView.of(made.thing),
            headers={"Location": f"/v1/uploads/{made.thing.id}"} | replay_header(made),
        )
