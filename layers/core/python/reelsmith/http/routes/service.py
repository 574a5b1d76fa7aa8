"""/v1/health and /v1/openapi.json, for everybody without a key; /v1/health/deep for admins."""

from functools import cache
from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from reelsmith import __version__
from reelsmith.domain.rights import Act
from reelsmith.http import openapi
from reelsmith.http.caller import caller
from reelsmith.http.doors import Doors
from reelsmith.http.views.service import DeepHealth, Health, ServiceHealth
from reelsmith.ports import Deps
from reelsmith.usecases import health


def register(doors: Doors, deps: Deps) -> None:
    """Add the routes about the service itself."""

    @doors.get("/v1/health", None, summary="Whether the service can do its work", tags=["service"])
    def alive() -> Health:
        health.check(deps)
        return Health(status="ok", stage=deps.settings.stage, version=__version__)

    @doors.get(
        "/v1/health/deep",
        Act.SERVICE_READ,
        summary="Whether each service behind this one answers, and how fast",
        tags=["service"],
    )
    def deep() -> DeepHealth:
        found = health.check_deeply(deps, caller=caller(doors.app))
        return DeepHealth(
            status="ok" if all(one.ok for one in found.values()) else "degraded",
            services={n: ServiceHealth(ok=one.ok, ms=one.ms) for n, one in found.items()},
        )

    document = cache(lambda: openapi.document(doors))  # made when it is first asked for

    @doors.get("/v1/openapi.json", None, include_in_schema=False)
    def schema() -> Response[str]:
        body = document()
        return Response(
            status_code=HTTPStatus.OK.value, content_type="application/json", body=body
        )
