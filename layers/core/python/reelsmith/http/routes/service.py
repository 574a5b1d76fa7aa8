"""/v1/health and /v1/openapi.json: for everybody, without a key."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from reelsmith import __version__
from reelsmith.http import openapi
from reelsmith.http.doors import Doors
from reelsmith.http.views.service import Health
from reelsmith.ports import Deps
from reelsmith.usecases import health


def register(doors: Doors, deps: Deps) -> None:
    """Add the routes that need no credential."""

    @doors.get("/v1/health", None, summary="Whether the service can do its work", tags=["service"])
    def alive() -> Health:
        health.check(deps)
        return Health(status="ok", stage=deps.settings.stage, version=__version__)

    @doors.get("/v1/openapi.json", None, include_in_schema=False)
    def schema() -> Response[str]:
        body = openapi.document(doors)
        return Response(
            status_code=HTTPStatus.OK.value, content_type="application/json", body=body
        )
