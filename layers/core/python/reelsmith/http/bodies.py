"""What is refused of a request's body before anybody parses it."""

import base64
import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from reelsmith.errors import Invalid
from reelsmith.http import problems

BODY_MOST_BYTES = 256 << 10
_ENDLESS_NUMBER = re.compile(r"[0-9]{4001}")  # Python's JSON breaks on numbers of 4,301 digits
_ROWS = {"text/csv": "csv", "application/x-ndjson": "ndjson"}
_BESIDE_ROWS = ("title", "dry_run")
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
    if body and not _JSON.match(_content_type(event)) and not _form(event):
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


def as_json(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """The request with a body of rows as the field of a JSON body; any other as it is."""
    form, body = _form(event), event.get("body")
    if not form or not body:
        return event
    rows = _plain(body) if event.get("isBase64Encoded") else body
    query = event.get("queryStringParameters") or {}
    more = {name: query[name] for name in _BESIDE_ROWS if name in query}
    headers = {
        name: value
        for name, value in (event.get("headers") or {}).items()
        if name.lower() != "content-type"
    }
    return {
        **event,
        "headers": headers | {"content-type": "application/json"},
        "body": json.dumps({form: rows} | more),
        "isBase64Encoded": False,
    }


def _plain(body: str) -> str:
    """Text that came in base64. Where it is no UTF-8 it shows, and fits no field."""
    return base64.b64decode(body).decode(errors="surrogateescape")


def _form(event: Mapping[str, Any]) -> str | None:
    """The field of a new batch that a body of this type is."""
    asked = event.get("requestContext", {}).get("http", {})
    if (asked.get("method"), event.get("rawPath")) != ("POST", "/v1/batches"):
        return None
    return _ROWS.get(_content_type(event).partition(";")[0].strip().lower())


def _content_type(event: Mapping[str, Any]) -> str:
    """What the request says its body is; JSON where it says nothing."""
    headers = event.get("headers") or {}
    said = (value for name, value in headers.items() if name.lower() == "content-type")
    return str(next(said, "application/json")).strip()
