"""Versions of things as entity tags (RFC 9110, 8.8.3), and what callers expect of them.

A GET of one thing answers with the header `ETag: etag(thing)`; 304 is then made of it where the
caller has that version. A PATCH calls `expect(app, thing)` with the thing as just read,
then writes where that version stands.
"""

import hashlib
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Protocol

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from reelsmith.errors import Outdated

_TAG_LENGTH = 20  # hex digits of SHA-256: 80 bits tell versions apart


class Versioned(Protocol):
    """A thing whose version changes with it."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def version(self) -> int:
        """Its version, higher with each change."""


def etag(thing: Versioned) -> str:
    """The entity tag of a thing in this version."""
    return tag_of(thing.id, str(thing.version))


def tag_of(*parts: str) -> str:
    """The entity tag of whatever these parts tell apart."""
    return f'"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:_TAG_LENGTH]}"'


def expect(app: APIGatewayHttpResolver, thing: Versioned) -> None:
    """See that the request's If-Match, if it has one, names this version of the thing.

    Raises:
        Outdated: it names another.
    """
    wanted = _tags(app, "If-Match")
    if wanted and "*" not in wanted and etag(thing) not in wanted:
        raise Outdated("it changed since you read it; read it again, then repeat your change")


def spared(event: Mapping[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """A good answer to a GET without its body, as 304, when If-None-Match names its ETag."""
    method = event.get("requestContext", {}).get("http", {}).get("method")
    tag = (answer.get("headers") or {}).get("ETag")
    if method != "GET" or answer["statusCode"] != HTTPStatus.OK or not tag:
        return answer
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    if not names(_split(headers.get("if-none-match", "")), tag):
        return answer
    kept = {k: v for k, v in answer["headers"].items() if k.lower() != "content-type"}
    return {**answer, "statusCode": HTTPStatus.NOT_MODIFIED.value, "headers": kept, "body": ""}


def known(app: APIGatewayHttpResolver) -> set[str]:
    """The tags that the request's If-None-Match says the caller has."""
    return _tags(app, "If-None-Match")


def names(tags: set[str], tag: str) -> bool:
    """Whether a tag is among these, weak or not (RFC 9110, 8.8.3.2: weak comparison)."""
    return "*" in tags or tag.removeprefix("W/") in {one.removeprefix("W/") for one in tags}


def _tags(app: APIGatewayHttpResolver, header: str) -> set[str]:
    return _split(app.current_event.headers.get(header) or "")


def _split(said: str) -> set[str]:
    return {one.strip() for one in said.split(",") if one.strip()}
