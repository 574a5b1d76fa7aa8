"""Errors as RFC 9457 problem documents. The one table from error to HTTP status."""

import json
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from reelsmith import errors
from reelsmith.domain.faults import fault_of
from reelsmith.domain.jobs import JobKind
from reelsmith.errors import (
    FieldFault,
    InUse,
    Invalid,
    NameTaken,
    OverQuota,
    ReelsmithError,
    TooMany,
)
from reelsmith.http.views.new_jobs import TAG

CONTENT_TYPE = "application/problem+json"

_STATUS: dict[type[ReelsmithError], HTTPStatus] = {
    errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Unauthorized: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.Outdated: HTTPStatus.PRECONDITION_FAILED,
    errors.TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    errors.KeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.OverQuota: HTTPStatus.TOO_MANY_REQUESTS,
    errors.MediaError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Cancelled: HTTPStatus.CONFLICT,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
_RETRY_AFTER_S = {HTTPStatus.TOO_MANY_REQUESTS: 30, HTTPStatus.SERVICE_UNAVAILABLE: 2}

METHOD_NOT_ALLOWED = "method_not_allowed"
TOO_LARGE = "too_large"
UNSUPPORTED = "unsupported_media_type"
INTERNAL = ReelsmithError.code

HINTS: dict[str, str] = {
    errors.Invalid.code: "mend what `errors` names; the schema is at /v1/openapi.json",
    errors.Unauthorized.code: "send `Authorization: Bearer` with a key or a session's token",
    errors.Forbidden.code: "ask an administrator of your tenant for the role or scope",
    errors.NotFound.code: "look for the id in the list; what others keep to themselves is not in",
    errors.Conflict.code: "read the thing again: its state decides what is possible",
    errors.Stale.code: "read the thing again: another attempt is under way",
    errors.NameTaken.code: "choose others for the fields in `errors`",
    errors.InUse.code: "wait until the jobs in `jobs` end, or cancel them",
    errors.Outdated.code: "read it again and send the ETag that it has now",
    errors.TooMany.code: "wait as many seconds as Retry-After says",
    errors.KeyReused.code: "send a new Idempotency-Key with a new request",
    errors.OverQuota.code: "wait until unfinished work ends, or have the limit raised",
    errors.MediaError.code: "send another file: this one fails the same way again",
    errors.BrokenPromise.code: "report it with the request id",
    errors.Cancelled.code: "ask for it anew",
    errors.Unavailable.code: "send the same request again, with the same Idempotency-Key",
    METHOD_NOT_ALLOWED: "use one of the methods that Allow names",
    TOO_LARGE: "send files by POST /v1/uploads",
    UNSUPPORTED: "send JSON, with `Content-Type: application/json`",
    INTERNAL: "name the request id when you report it",
}
"""Every public code, and what a caller can do about it."""


def status_of(error: type[ReelsmithError]) -> HTTPStatus:
    """The status of an error: its own or its nearest ancestor's; 500 for one of no such family."""
    own = (_STATUS[kind] for kind in error.__mro__ if kind in _STATUS)
    return next(own, HTTPStatus.INTERNAL_SERVER_ERROR)


def of_error(error: ReelsmithError, *, request_id: str) -> Response[str]:
    """An error we raised."""
    wait = error.retry_after_s if isinstance(error, TooMany | OverQuota) else None
    return _response(told(error, request_id=request_id), retry_after_s=wait)


def told(error: ReelsmithError, *, request_id: str) -> dict[str, object]:
    """An error we raised, as the members of its document."""
    members = _members(
        status_of(type(error)),
        code=error.code,
        detail=error.detail,
        request_id=request_id,
        faults=_faults(error),
        retryable=error.retryable,
    )
    if isinstance(error, OverQuota):
        members["quota"] = _quota(error)
    return members | ({"jobs": list(error.jobs)} if isinstance(error, InUse) else {})


def _quota(error: OverQuota) -> dict[str, object]:
    opens = error.resets_at.isoformat() if error.resets_at else None
    return {"name": error.name, "limit": error.limit, "used": error.used, "resets_at": opens}


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
) -> Response[str]:
    """One problem document; `code` ends the `type` URN that callers switch on."""
    return _response(
        _members(status, code=code, detail=detail, request_id=request_id, faults=faults)
    )


def bare(status: HTTPStatus, *, code: str, detail: str, request_id: str) -> dict[str, Any]:
    """A problem document as API Gateway wants it, for what never reaches the routes."""
    made = document(status, code=code, detail=detail, request_id=request_id)
    headers = {"Content-Type": CONTENT_TYPE}
    return {"statusCode": made.status_code, "headers": headers, "body": made.body}


def _members(
    status: HTTPStatus,
    *,
    code: str,
    detail: str,
    request_id: str,
    faults: tuple[FieldFault, ...] = (),
    retryable: bool = False,
) -> dict[str, object]:
    body: dict[str, object] = {
        "type": f"urn:reelsmith:problem:{code}",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "instance": f"urn:reelsmith:request:{request_id}",
        "code": code,
        "hint": HINTS.get(code, HINTS[INTERNAL]),
        "request_id": request_id,
        "retryable": retryable,
    }
    return body | ({"errors": [fault.model_dump() for fault in faults]} if faults else {})


def _response(body: dict[str, Any], *, retry_after_s: float | None = None) -> Response[str]:
    status = HTTPStatus(body["status"])
    return Response(
        status_code=status.value,
        content_type=CONTENT_TYPE,
        body=json.dumps(body),  # in ASCII, whatever a caller sent that stands in `detail`
        headers=_headers(status, retry_after_s),
    )


def _headers(status: HTTPStatus, retry_after_s: float | None) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    wait = _RETRY_AFTER_S.get(status) if retry_after_s is None else retry_after_s
    if wait is not None:
        headers["Retry-After"] = str(max(1, math.ceil(wait)))
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="reelsmith"'
    return headers


def _faults(error: ReelsmithError) -> tuple[FieldFault, ...]:
    if isinstance(error, NameTaken):
        return tuple(
            FieldFault(pointer=f"/{name}", detail="it is taken already", remedy="choose another")
            for name in error.fields
        )
    return error.faults if isinstance(error, Invalid) else ()


def _fault(error: Mapping[str, object]) -> FieldFault:
    """Where the field stands is told as a JSON pointer into the body, or as `?name` of a query."""
    location = error.get("loc")
    place, *rest = location if isinstance(location, tuple | list) and location else ("body",)
    if rest and str(rest[0]).startswith(TAG):
        rest = rest[1:]
    if error.get("type") == "union_tag_invalid":
        known = ", ".join(sorted({JobKind.UGC.value, JobKind.BATCH.value}))
        return FieldFault(
            pointer="/kind", detail="there is no such kind", remedy=f"send one of {known}"
        )
    fault = fault_of({**error, "loc": tuple(rest)})
    if place == "query":
        return fault.model_copy(update={"pointer": f"?{fault.pointer.removeprefix('/')}"})
    return fault
