"""What is refused of a request's body before anybody parses it."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from reelsmith.errors import Invalid
from reelsmith.http import problems

BODY_MOST_BYTES = 256 << 10
_ENDLESS_NUMBER = re.compile(r"[0-9]{4001}")  # Python's JSON breaks on numbers of 4,301 digits
_JSON = re.compile(r"application/json\s*(;|$)", re.IGNORECASE)


def refuse(event: Mapping[str, Any]) -> dict[str, Any] | None:
    """The problem with the body of a request in API Gateway's format, or None."""
    body = event.get("body") or ""
    request = str(event.get("requestContext", {}).get("requestId", ""))
    if len(body) > BODY_MOST_BYTES:
        return problems.bare(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            code=problems.TOO_LARGE,
            detail=f"a body may have {BODY_MOST_BYTES} bytes",
            request_id=request,
        )
    if body and not _JSON.match(_content_type(event)):
        return problems.bare(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            code=problems.UNSUPPORTED,
            detail="the body is not said to be JSON",
            request_id=request,
        )
    if _ENDLESS_NUMBER.search(body):
        return problems.bare(
            HTTPStatus.BAD_REQUEST,
            code=Invalid.code,
            detail="the body holds a number of more than 4,000 digits",
            request_id=request,
        )
    return None


def _content_type(event: Mapping[str, Any]) -> str:
    """What the request says its body is; JSON where it says nothing."""
    headers = event.get("headers") or {}
    said = (value for name, value in headers.items() if name.lower() == "content-type")
    return str(next(said, "application/json")).strip()
