"""The document of the API, OpenAPI 3.1: what the routes say of themselves, and what all share.

Shapes of bodies and answers come from the views. What every route has in common is added here:
problems, headers, credentials with their scopes, examples.
"""

import json
from functools import cache
from http import HTTPStatus
from typing import Any

from reelsmith import __version__
from reelsmith.http import hooks, problems
from reelsmith.http.doors import Doors, Route
from reelsmith.http.examples import BODIES
from reelsmith.http.views.problems import Problem
from reelsmith.text import hls

Json = dict[str, Any]

_ABOUT = """Words, pictures, slides and clips in, finished videos out.

Every error is a problem document (RFC 9457): programs switch on its `code`. Codes: {codes}.
Times are RFC 3339 in UTC, durations are seconds, sizes are bytes. Lists are newest first unless
they say otherwise; a page may be short, even empty, and go on at `next_cursor`. Within /v1 things
are only added: read answers leniently. What was added stands in docs/api-changes.md."""
_NOT_OURS = ("HTTPValidationError", "ResponseValidationError", "ValidationError")
_EMPTY = ("204", "302")
_SINGLE = ("/v1/me", "/v1/tenant")  # things of which a caller has one
_UNVERSIONED = ("exports", "shared", "uploads")  # rooms of things that callers do not change
_EVER = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.INTERNAL_SERVER_ERROR)
_KNOWN = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
_SENT = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)
_HEADERS: dict[str, str] = {
    "X-Request-Id": "names this request in logs and in the journal",
    "ETag": "the version of the thing",
    "Location": "where the new thing is",
    "Idempotency-Replayed": "whether this is the answer to an earlier request with the same key",
    "Retry-After": "seconds until it is worth asking again",
    "WWW-Authenticate": "how to send a credential",
    "RateLimit": "what is left of the limit (draft-ietf-httpapi-ratelimit-headers)",
    "RateLimit-Policy": "the limits that hold",
}
_KEYS: Json = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "rsk_...",
        "description": "An API key. Where it has scopes, it needs the one that stands beside it.",
    },
    "session": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The access token of a session, from POST /v1/sessions.",
    },
}


def document(doors: Doors) -> str:
    """The document as JSON."""
    made: Json = json.loads(
        doors.app.get_openapi_json_schema(
            title="Reelsmith",
            version=__version__,
            description=_ABOUT.format(codes=", ".join(f"`{code}`" for code in problems.HINTS)),
        )
    )
    made["servers"] = [{"url": "..", "description": "the deployment that gives this document"}]
    components = made.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas |= _problem_schemas()
    schemas |= {name: told for name, told in hooks.schemas().items() if name not in schemas}
    for unused in _NOT_OURS:
        schemas.pop(unused, None)
    made["webhooks"] = hooks.section()
    components["securitySchemes"] = _KEYS
    components["headers"] = {
        name: {"description": says, "schema": {"type": "string"}}
        for name, says in _HEADERS.items()
    }
    components["responses"] = {_name(status): _problem(status) for status in _all()}
    for route in doors.routes:
        operation = made["paths"].get(_path(route), {}).get(route.method.lower())
        if operation:
            _complete(operation, route)
    return json.dumps(made)


def _complete(operation: Json, route: Route) -> None:
    """Add to an operation what the routes do not say themselves."""
    body = operation.get("requestBody")
    if body and route.operation in BODIES:
        for content in body["content"].values():
            content["examples"] = {"usual": {"value": BODIES[route.operation]}}
    if body:
        body["required"] = True
    operation["security"] = _security(route)
    parameters = [_plain(found) for found in operation.get("parameters", [])]
    operation["parameters"] = [*parameters, *_conditions(route)]
    answers: Json = operation["responses"]
    answers.pop("422", None)
    for status, answer in answers.items():
        told = [*_told(operation, route), *(["Location"] if status == "302" else [])]
        answer["headers"] = {name: _ref("headers", name) for name in told}
        answer["content"] = _content(route, status, answer.get("content", {}))
    for trouble in _troubles(route, sends=bool(body)):
        answers.setdefault(str(trouble.value), _ref("responses", _name(trouble)))
    if _tagged(route) and route.method == "GET":
        answers["304"] = {
            "description": "nothing has changed since the version of If-None-Match",
            "headers": {name: _ref("headers", name) for name in ("X-Request-Id", "ETag")},
        }


def _content(route: Route, status: str, content: Json) -> Json:
    """What a good answer holds: nothing, a playlist, or what its view says."""
    if status in _EMPTY:
        return {}
    if route.path.endswith(".m3u8"):
        return {hls.CONTENT_TYPE: {"schema": {"type": "string"}}}
    return content


def _plain(parameter: Json) -> Json:
    """A parameter that may be left out is no null when it is sent."""
    schema = parameter["schema"]
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return parameter
    said = {name: value for name, value in schema.items() if name != "anyOf"}
    return parameter | {"schema": kinds[0] | said}


def _security(route: Route) -> list[Json]:
    if route.act is None:
        return []
    return [{"key": [route.act.scope]}, {"session": []}]


def _troubles(route: Route, *, sends: bool) -> list[HTTPStatus]:
    """The problems that can meet a request to a route."""
    found = [*_EVER, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE]
    found += _KNOWN if route.act or "<" in route.path else _KNOWN[:1]
    found += _SENT if sends else ()
    if route.act is None or route.act.writes:
        found.append(HTTPStatus.CONFLICT)
    if route.method == "PATCH":
        found.append(HTTPStatus.PRECONDITION_FAILED)
    return sorted(found)


def _conditions(route: Route) -> list[Json]:
    if not _tagged(route):
        return []
    name, says = (
        ("If-None-Match", "the ETag that you have: 304 when it still stands")
        if route.method == "GET"
        else ("If-Match", "the ETag that you read: 412 when another stands; may be left out")
    )
    return [{"name": name, "in": "header", "description": says, "schema": {"type": "string"}}]


def _tagged(route: Route) -> bool:
    """Whether the route gives one thing with its version, or changes one."""
    if route.method == "GET":
        one = route.path.endswith(">") and route.path.split("/")[2] not in _UNVERSIONED
        return one or route.path in _SINGLE
    return route.method == "PATCH"


def _told(operation: Json, route: Route) -> list[str]:
    """The headers of a good answer."""
    found = ["X-Request-Id"]
    if route.act:
        found += ["RateLimit", "RateLimit-Policy"]
    if _tagged(route):
        found.append("ETag")
    if any(found["name"].lower() == "idempotency-key" for found in operation["parameters"]):
        found += ["Location", "Idempotency-Replayed"]
    return found


def _problem(status: HTTPStatus) -> Json:
    """A problem; as plain JSON with a message when API Gateway itself refuses, before us."""
    found = ["X-Request-Id"]
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        found.append("Retry-After")
    if status is HTTPStatus.UNAUTHORIZED:
        found.append("WWW-Authenticate")
    return {
        "description": status.phrase,
        "headers": {name: _ref("headers", name) for name in found},
        "content": {
            problems.CONTENT_TYPE: {"schema": _ref("schemas", "Problem")},
            "application/json": {"schema": _ref("schemas", "Refusal")},
        },
    }


@cache
def _problem_schemas() -> Json:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    codes = {"enum": sorted(problems.HINTS)}
    schema["properties"]["code"] |= codes
    refusal = {
        "title": "Refusal",
        "type": "object",
        "description": "what API Gateway says when a request does not reach the service",
        "properties": {"message": {"type": ["string", "null"]}},
        "required": ["message"],
    }
    shared: Json = schema.pop("$defs", {})
    return shared | {"Problem": schema, "Refusal": refusal}


def _all() -> tuple[HTTPStatus, ...]:
    return (
        *_EVER,
        *_KNOWN,
        *_SENT,
        HTTPStatus.CONFLICT,
        HTTPStatus.PRECONDITION_FAILED,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.SERVICE_UNAVAILABLE,
    )


def _name(status: HTTPStatus) -> str:
    return status.name.title().replace("_", "")


def _ref(room: str, name: str) -> Json:
    return {"$ref": f"#/components/{room}/{name}"}


def _path(route: Route) -> str:
    return route.path.replace("<", "{").replace(">", "}")
