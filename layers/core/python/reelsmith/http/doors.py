"""Routes with their rights: what a route does is said where it is made, and checked first.

A caller that may not do it at all is refused here; with whose things it may be done is for the
use-cases to see. What changes anything looks at the credential again, so that a key that was
revoked a moment ago, and is still believed by the authorizer's cache, changes nothing.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware

from reelsmith.domain import rights
from reelsmith.domain.rights import Act
from reelsmith.http.caller import caller
from reelsmith.http.limiting import Turnstile
from reelsmith.ports import Deps
from reelsmith.usecases import sessions

Handler = Callable[..., Any]
Bind = Callable[[Handler], Handler]

_PLACE = re.compile(r"<\w+>")  # of an id in a path


@dataclass(frozen=True, slots=True)
class Route:
    """A route and what it does; None for what everybody may do without a credential.

    `operation` is its name in the document of the API, and in clients made of it.
    """

    method: str
    path: str
    act: Act | None
    operation: str


class Doors:
    """Adds routes to an app and remembers them."""

    def __init__(self, app: APIGatewayHttpResolver, deps: Deps) -> None:
        self.app = app
        self._deps = deps
        self._turnstile = Turnstile(deps)
        self.routes: list[Route] = []

    def get(self, path: str, act: Act | None, **documented: object) -> Bind:
        """A route that reads."""
        return self._route("GET", path, act, documented)

    def post(self, path: str, act: Act | None, **documented: object) -> Bind:
        """A route that makes or does something."""
        return self._route("POST", path, act, documented)

    def put(self, path: str, act: Act | None, **documented: object) -> Bind:
        """A route that sets something as a whole."""
        return self._route("PUT", path, act, documented)

    def patch(self, path: str, act: Act | None, **documented: object) -> Bind:
        """A route that changes parts of something."""
        return self._route("PATCH", path, act, documented)

    def delete(self, path: str, act: Act | None, **documented: object) -> Bind:
        """A route that takes something away."""
        return self._route("DELETE", path, act, documented)

    def methods_at(self, path: str) -> tuple[str, ...]:
        """The methods that some route has at this path."""
        return tuple(
            sorted(
                r.method for r in self.routes if re.fullmatch(_PLACE.sub("[^/]+", r.path), path)
            )
        )

    def wanted(self) -> str:
        """Method and route of the request in hand: `POST /v1/jobs/<job_id>/cancel`."""
        event = self.app.current_event
        found = (r for r in self.routes if r.method == event.http_method)
        path = next((r.path for r in found if _fits(r, event.path)), "no route")
        return f"{event.http_method} {path}"

    def _route(self, method: str, path: str, act: Act | None, documented: dict[str, Any]) -> Bind:
        guards = [self._guard(act) if act else self._open_guard(writes=method != "GET")]

        def bind(handler: Handler) -> Handler:
            said = {"operation_id": _operation(path, handler)} | documented
            self.routes.append(Route(method, path, act, str(said["operation_id"])))
            bound: Handler = self.app.route(path, method, middlewares=guards, **said)(handler)
            return bound

        return bind

    def _guard(self, act: Act) -> Callable[..., Response[Any]]:
        def guard(app: APIGatewayHttpResolver, go_on: NextMiddleware) -> Response[Any]:
            who = caller(app)
            self._turnstile.admit(who)
            rights.require(who, act)
            if act.writes:
                sessions.look_again(self._deps, who)
            return go_on(app)

        return guard

    def _open_guard(self, *, writes: bool) -> Callable[..., Response[Any]]:
        def guard(app: APIGatewayHttpResolver, go_on: NextMiddleware) -> Response[Any]:
            self._turnstile.admit_openly(app, writes=writes)
            return go_on(app)

        return guard


def _fits(route: Route, path: str) -> bool:
    return re.fullmatch(_PLACE.sub("[^/]+", route.path), path) is not None


def _operation(path: str, handler: Handler) -> str:
    """The room and what is done there, as `jobs_cancel`."""
    room = path.split("/")[2]
    return f"{room}_{'list' if handler.__name__ == 'page' else handler.__name__}"
