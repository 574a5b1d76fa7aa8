"""The rim: what every error becomes that no route catches, which is all of them."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError, ServiceError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from reelsmith import aws
from reelsmith.errors import (
    Forbidden,
    Invalid,
    NotFound,
    ReelsmithError,
    Unauthorized,
    Unavailable,
)
from reelsmith.http import problems
from reelsmith.http.caller import caller, is_known, request_id
from reelsmith.http.doors import Doors
from reelsmith.ports import Deps
from reelsmith.telemetry import MetricUnit, log, measure, outline
from reelsmith.usecases import refusals


def register(doors: Doors, deps: Deps) -> None:
    """Answer every error with a problem document."""
    _ours(doors, deps)
    _of_requests(doors)
    _unforeseen(doors.app)


def _ours(doors: Doors, deps: Deps) -> None:
    app = doors.app

    @app.exception_handler(ReelsmithError)
    def ours(error: ReelsmithError) -> Response[str]:
        return _told(app, error)

    @app.exception_handler([Forbidden, Unauthorized])
    def refused(error: Forbidden | Unauthorized) -> Response[str]:
        if is_known(app):
            refusals.note(deps, caller=caller(app), error=error, wanted=doors.wanted())
        return _told(app, error)


def _of_requests(doors: Doors) -> None:
    app = doors.app

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
        return _no_route(doors)

    @app.exception_handler(ServiceError)
    def routing(error: ServiceError) -> Response[str]:
        return problems.document(
            HTTPStatus(error.status_code),
            code=Invalid.code,
            detail=str(error.msg),
            request_id=request_id(app),
        )


def _unforeseen(app: APIGatewayHttpResolver) -> None:
    @app.exception_handler(list(aws.FAILURES))
    def busy(error: Exception) -> Response[str]:
        log.error("a service failed", extra={"error": outline(error)})
        away = Unavailable("a service is busy; send the same request again")
        return problems.of_error(away, request_id=request_id(app))

    @app.exception_handler(Exception)
    def unforeseen(error: Exception) -> Response[str]:
        log.error("unforeseen error", extra={"error": outline(error)})
        return problems.document(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            code=problems.INTERNAL,
            detail="something broke here",
            request_id=request_id(app),
        )


def _told(app: APIGatewayHttpResolver, error: ReelsmithError) -> Response[str]:
    measure("Errors", 1, MetricUnit.Count, code=error.code)
    return problems.of_error(error, request_id=request_id(app))


def _no_route(doors: Doors) -> Response[str]:
    """The answer where no route is, or one of other methods."""
    event = doors.app.current_event
    allowed = doors.methods_at(event.path)
    if not allowed or event.http_method in allowed:  # an id may hold what no id can
        nothing = NotFound("there is no such route; all are in /v1/openapi.json")
        return problems.of_error(nothing, request_id=request_id(doors.app))
    answer = problems.document(
        HTTPStatus.METHOD_NOT_ALLOWED,
        code=problems.METHOD_NOT_ALLOWED,
        detail=f"{event.http_method} is not possible here",
        request_id=request_id(doors.app),
    )
    answer.headers["Allow"] = ", ".join(allowed)
    return answer
