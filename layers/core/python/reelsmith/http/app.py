"""The HTTP application: routes, and the rule that every error is a problem document."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError, ServiceError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from reelsmith import aws
from reelsmith.errors import Invalid, NotFound, ReelsmithError, Unavailable
from reelsmith.http import bodies, problems
from reelsmith.http.caller import request_id
from reelsmith.http.doors import Doors
from reelsmith.http.routes import jobs, service, uploads, videos
from reelsmith.ports import Deps
from reelsmith.telemetry import MetricUnit, log, measure

ROOMS = (service, uploads, jobs, videos)


class Api(APIGatewayHttpResolver):
    """A resolver that looks at a body before anything else does."""

    def resolve(self, event: Any, context: Any) -> dict[str, Any]:  # noqa: ANN401
        """Route one request; a body that nobody should parse is refused before anybody does."""
        return bodies.refuse(event) or super().resolve(event, context)


def build_app(deps: Deps) -> APIGatewayHttpResolver:
    """All routes, bound to `deps`."""
    app = Api(enable_validation=True)
    doors = Doors(app, deps)
    _answer_with_problems(app, doors)
    for room in ROOMS:
        room.register(doors, deps)
    return app


def _answer_with_problems(app: APIGatewayHttpResolver, doors: Doors) -> None:
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
            code=Invalid.code,
            detail="the body is nested too deep",
            request_id=request_id(app),
        )

    @app.exception_handler(NotFoundError)
    def nowhere(_: NotFoundError) -> Response[str]:
        return _no_route(app, doors)

    @app.exception_handler(ServiceError)
    def routing(error: ServiceError) -> Response[str]:
        status = HTTPStatus(error.status_code)
        return problems.document(
            status, code=Invalid.code, detail=str(error.msg), request_id=request_id(app)
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
            code=problems.INTERNAL,
            detail="something broke here",
            request_id=request_id(app),
        )


def _no_route(app: APIGatewayHttpResolver, doors: Doors) -> Response[str]:
    """The answer where no route is, or one of other methods."""
    allowed = doors.methods_at(app.current_event.path)
    if not allowed:
        nothing = NotFound("there is no such route; all are in /v1/openapi.json")
        return problems.of_error(nothing, request_id=request_id(app))
    answer = problems.document(
        HTTPStatus.METHOD_NOT_ALLOWED,
        code=problems.METHOD_NOT_ALLOWED,
        detail=f"{app.current_event.http_method} is not possible here",
        request_id=request_id(app),
    )
    answer.headers["Allow"] = ", ".join(allowed)
    return answer
