"""The HTTP application: routes, and the rule that every error is a problem document."""

from types import ModuleType
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver

from reelsmith.http import answers, bodies, limiting, preconditions
from reelsmith.http.doors import Doors
from reelsmith.http.routes import (
    assets,
    audit,
    batches,
    erasing,
    events,
    jobs,
    keys,
    me,
    presentations,
    returns,
    service,
    sessions,
    shares,
    signin,
    tenant,
    uploads,
    uploads_by_url,
    usage,
    users,
    videos,
    webhooks,
)
from reelsmith.ports import Deps

ROOMS: tuple[ModuleType, ...] = (
    service,
    uploads,
    uploads_by_url,
    jobs,
    presentations,
    returns,
    batches,
    videos,
    assets,
    shares,
    signin,
    sessions,
    me,
    users,
    keys,
    usage,
    tenant,
    erasing,
    audit,
    events,
    webhooks,
)
SIGN_IN: tuple[ModuleType, ...] = (signin,)
"""The rooms of the sign-in function, which a flood of passwords may keep busy alone."""


class Api(APIGatewayHttpResolver):
    """A resolver that looks at a body before anything else does, and names each answer."""

    def resolve(self, event: Any, context: Any) -> dict[str, Any]:  # noqa: ANN401
        """Route one request; a body that nobody should parse is refused before anybody does."""
        limiting.begin()
        answer = bodies.refuse(event) or super().resolve(bodies.as_json(event), context)
        named = str(event.get("requestContext", {}).get("requestId", ""))
        said = {"X-Request-Id": named, **limiting.headers()}
        answer["headers"] = {**(answer.get("headers") or {}), **said}
        answer["body"] = answer.get("body") or ""
        return preconditions.spared(event, answer)


def build_app(deps: Deps, *, rooms: tuple[ModuleType, ...] = ROOMS) -> APIGatewayHttpResolver:
    """The routes of these rooms, bound to `deps`."""
    return open_doors(deps, rooms=rooms).app


def open_doors(deps: Deps, *, rooms: tuple[ModuleType, ...] = ROOMS) -> Doors:
    """The doors of an app with the routes of these rooms."""
    doors = Doors(Api(enable_validation=True), deps)
    answers.register(doors, deps)
    for room in rooms:
        room.register(doors, deps)
    return doors
