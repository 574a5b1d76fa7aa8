"""Sign in and stay signed in: what needs no credential of `/v1/sessions`."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from reelsmith.http.caller import origin
from reelsmith.http.doors import Doors
from reelsmith.http.views.sessions import Credentials, Refresh, SignedInView
from reelsmith.ports import Deps
from reelsmith.usecases import sessions
from reelsmith.usecases.sessions import SignedIn


def register(doors: Doors, deps: Deps) -> None:
    """Add the routes that a password or a refresh token opens."""

    @doors.post("/v1/sessions", None, summary="Sign in", tags=["sessions"], status_code=201)
    def sign_in(body: Credentials) -> Response[SignedInView]:
        signed_in = sessions.sign_in(
            deps, name=body.username, password=body.password, origin=origin(doors.app)
        )
        return _told(signed_in, HTTPStatus.CREATED)

    @doors.post("/v1/sessions/refresh", None, summary="Stay signed in", tags=["sessions"])
    def refresh(body: Refresh) -> Response[SignedInView]:
        signed_in = sessions.refresh(
            deps, refresh_token=body.refresh_token, origin=origin(doors.app)
        )
        return _told(signed_in, HTTPStatus.OK)


def _told(signed_in: SignedIn, status: HTTPStatus) -> Response[SignedInView]:
    return Response(
        status.value,
        content_type="application/json",
        body=SignedInView.of(signed_in),
        headers={"Cache-Control": "no-store"},
    )
