"""The webhooks of the document of the API: what is sent to URLs of callers, and how it is signed.

OpenAPI 3.1, "Webhooks"; the envelope and the headers are those of Standard Webhooks 1.0.0.
"""

from typing import Any

from pydantic import BaseModel

from reelsmith.domain.events import EventType
from reelsmith.http.views.told import TOLD

Json = dict[str, Any]

_HEADERS: dict[str, str] = {
    "webhook-id": "id of the event, the same in every attempt: do it once",
    "webhook-timestamp": "of the attempt, seconds since 1970: refuse what is 5 minutes off",
    "webhook-signature": "`v1,` and base64 of HMAC-SHA256 by the secret over"
    " `{webhook-id}.{webhook-timestamp}.{body}`; two of them, parted by a blank, while it rotates",
}
_ANSWERS: dict[str, str] = {
    "2XX": "taken",
    "410": "nothing more is to be sent here: switches the webhook off",
    "default": "tried again over 24 hours; `Retry-After` is honoured",
}


def section() -> Json:
    """Each type of event as the request that tells of it."""
    return {kind.value: {"post": _request(kind, *TOLD[kind])} for kind in EventType}


def schemas() -> Json:
    """The shapes that the requests refer to, by name."""
    found: Json = {}
    for _, told in TOLD.values():
        schema = told.model_json_schema(
            mode="serialization", ref_template="#/components/schemas/{model}"
        )
        found |= schema.pop("$defs", {}) | {told.__name__: schema}
    return found


def _request(kind: EventType, says: str, told: type[BaseModel]) -> Json:
    envelope = {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": kind.value},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": {"$ref": f"#/components/schemas/{told.__name__}"},
        },
    }
    return {
        "summary": says,
        "tags": ["webhooks"],
        "parameters": [_header(name, about) for name, about in _HEADERS.items()],
        "requestBody": {"required": True, "content": {"application/json": {"schema": envelope}}},
        "responses": {status: {"description": means} for status, means in _ANSWERS.items()},
    }


def _header(name: str, about: str) -> Json:
    shape = {"type": "string"}
    return {"name": name, "in": "header", "required": True, "description": about, "schema": shape}
