"""The HTTP application: routes, and the rule that every error is a problem document."""

import re
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import ServiceError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from reelsmith import aws
from reelsmith.errors import ReelsmithError, Unavailable
from reelsmith.http import problems
from reelsmith.http.caller import request_id
from reelsmith.http.doors import Doors
from reelsmith.http.routes import jobs, service, uploads, videos
from reelsmith.ports import Deps
from reelsmith.telemetry import MetricUnit, log, measure

BODY_MOST_BYTES = 256 << 10
ROOMS = (service, uploads, jobs, videos)
_ENDLESS_NUMBER = re.compile(r"[0-9]{4001}")  # Python's JSON breaks on numbers of 4,301 digits


class Api(APIGatewayHttpResolver):
    """A resolver that looks at a body before anything else does."""

    def resolve(self, event: Any, context: Any) -> dict[str, Any]:  # noqa: ANN401
        """Route one request; a body that nobody should parse is refused before anybody does."""
        body = event.get("body") or ""
        request = str(event.get("requestContext", {}).get("requestId", ""))
        if len(body) > BODY_MOST_BYTES:
            return problems.bare(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                code="too_large",
                detail=f"a body may have {BODY_MOST_BYTES} bytes;"
                " files travel by POST /v1/uploads",
                request_id=request,
            )
        if _ENDLESS_NUMBER.search(body):
            return problems.bare(
                HTTPStatus.BAD_REQUEST,
                code="invalid_request",
                detail="the body holds a number of more than 4,000 digits",
                request_id=request,
            )
        return super().resolve(event, context)


def build_app(deps: Deps) -> APIGatewayHttpResolver:
    """All routes, bound to `deps`."""
    app = Api(enable_validation=True)
    _answer_with_problems(app)
    doors = Doors(app, deps)
    for room in ROOMS:
        room.register(doors, deps)
    return app


def _answer_with_problems(app: APIGatewayHttpResolver) -> None:
    @app.exception_handler(ReelsmithError)
    def ours(error: ReelsmithError) -> Response[str]:
        measure("Errors", 1, MetricUnit.Count, code=error.code)
        return problems.of_error(error, request_id=request_id(app))

    @app.exception_handler(RequestValidationError)
    def malformed(error: RequestValidationError) -> Response[str]:
        return problems.of_request(error, request_id=request_id(app))

    @app.exception_handler(RecursionError)
    def nested(_: RecursionError) -> Response[str]:
        return problems.document(
            HTTPStatus.BAD_REQUEST,
            code="invalid_request",
            detail="the body is nested too deep",
            request_id=request_id(app),
        )

    @app.exception_handler(ServiceError)
    def routing(error: ServiceError) -> Response[str]:
        status = HTTPStatus(error.status_code)
        return problems.document(
            status, code="http", detail=str(error.msg), request_id=request_id(app)
        )

    @app.exception_handler(list(aws.FAILURES))
    def busy(error: Exception) -> Response[str]:
        log.exception("a service failed", exc_info=error)
        away = Unavailable("a service is busy; send the same request again")
        return problems.of_error(away, request_id=request_id(app))

    @app.exception_handler(Exception)
    def unforeseen(error: Exception) -> Response[str]:
        log.exception("unforeseen error", exc_info=error)
        return problems.document(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            code="internal",
            detail="something broke here; name the request id when you report it",
            request_id=request_id(app),
        )
