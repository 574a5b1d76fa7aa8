"""Errors as RFC 9457 problem documents. The one table from error to HTTP status."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from reelsmith import errors
from reelsmith.domain.faults import fault_of
from reelsmith.errors import FieldFault, Invalid, ReelsmithError

CONTENT_TYPE = "application/problem+json"

_STATUS: dict[type[ReelsmithError], HTTPStatus] = {
    errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Unauthorized: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.Stale: HTTPStatus.CONFLICT,
    errors.NameTaken: HTTPStatus.CONFLICT,
    errors.InUse: HTTPStatus.CONFLICT,
    errors.Outdated: HTTPStatus.PRECONDITION_FAILED,
    errors.TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    errors.KeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.OverQuota: HTTPStatus.TOO_MANY_REQUESTS,
    errors.MediaError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
_RETRY_AFTER_S = {HTTPStatus.TOO_MANY_REQUESTS: 30, HTTPStatus.SERVICE_UNAVAILABLE: 2}


def of_error(error: ReelsmithError, *, request_id: str) -> Response[str]:
    """An error we raised; a kind missing from the table is our own fault, so 500."""
    status = _STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)
    faults = error.faults if isinstance(error, Invalid) else ()
    return document(
        status,
        code=error.code,
        detail=error.detail,
        request_id=request_id,
        faults=faults,
        retryable=error.retryable,
    )


def of_request(error: RequestValidationError, *, request_id: str) -> Response[str]:
    """A request that does not fit its schema: every wrong field, and 400 when it is no JSON."""
    found = error.errors()
    no_json = any(e.get("type") == "json_invalid" for e in found)
    faults = tuple(_fault(e) for e in found)
    return document(
        HTTPStatus.BAD_REQUEST if no_json else HTTPStatus.UNPROCESSABLE_ENTITY,
        code=Invalid.code,
        detail=f"{len(faults)} wrong field{'s' if len(faults) > 1 else ''}",
        request_id=request_id,
        faults=faults,
    )


def document(
    status: HTTPStatus,
    *,
    code: str,
    detail: str,
    request_id: str,
    faults: tuple[FieldFault, ...] = (),
    retryable: bool = False,
) -> Response[str]:
    """One problem document; `code` ends the `type` URN that callers switch on."""
    body: dict[str, object] = {
        "type": f"urn:reelsmith:problem:{code}",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "code": code,
        "request_id": request_id,
        "retryable": retryable,
    }
    if faults:
        body["errors"] = [fault.model_dump() for fault in faults]
    headers: Mapping[str, str] = {"X-Request-Id": request_id}
    if status in _RETRY_AFTER_S:
        headers = {**headers, "Retry-After": str(_RETRY_AFTER_S[status])}
    return Response(
        status_code=status.value,
        content_type=CONTENT_TYPE,
        body=json.dumps(body, ensure_ascii=False),
        headers=dict(headers),
    )


def bare(status: HTTPStatus, *, code: str, detail: str, request_id: str) -> dict[str, Any]:
    """A problem document as API Gateway wants it, for what never reaches the routes."""
    made = document(status, code=code, detail=detail, request_id=request_id)
    headers = {"Content-Type": CONTENT_TYPE, "X-Request-Id": request_id}
    return {"statusCode": made.status_code, "headers": headers, "body": made.body}


def _fault(error: Mapping[str, object]) -> FieldFault:
    """Where the field stands is told as a JSON pointer into the body, or as `?name` of a query."""
    location = error.get("loc")
    place, *rest = location if isinstance(location, tuple | list) and location else ("body",)
    fault = fault_of({**error, "loc": tuple(rest)})
    if place == "query":
        return fault.model_copy(update={"pointer": f"?{fault.pointer.removeprefix('/')}"})
    return fault
