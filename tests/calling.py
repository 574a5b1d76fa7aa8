"""Requests in API Gateway's format, sent to the routes in this process."""

import json

from reelsmith.http.app import build_app
from reelsmith.http.caller import context_of
from tests.builders import a_caller

NOBODY = "nobody"


class Api:
    """Sends requests as one caller. `Api(...)(method, path)` -> (status, body, headers)."""

    def __init__(self, deps):
        self.app = build_app(deps)

    def __call__(self, method, path, body=None, *, who=None, query=None, headers=None):
        answer = self.app.resolve(request(method, path, body, who, query, headers), None)
        head = answer.get("headers") or {}
        head |= {k: v[0] for k, v in (answer.get("multiValueHeaders") or {}).items()}
        return answer["statusCode"], _read(answer.get("body"), head), head


def request(method, path, body=None, who=None, query=None, headers=None):
    """The event of one request; `who` is a caller, None for `a_caller()`, or NOBODY."""
    known = None if who == NOBODY else {"lambda": context_of(who or a_caller())}
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "queryStringParameters": query or {},
        "headers": {"content-type": "application/json"} | (headers or {}),
        "requestContext": {
            "requestId": "req-1",
            "http": {"method": method, "path": path, "sourceIp": "10.0.0.1", "userAgent": "t"},
            "stage": "$default",
            "authorizer": known,
        },
        "body": body if isinstance(body, str) else json.dumps(body) if body is not None else None,
        "isBase64Encoded": False,
    }


def _read(body, head):
    said = {name.lower(): value for name, value in head.items()}.get("content-type", "")
    return json.loads(body) if body and "json" in said else body
