"""Whoever asks, as a user: /v1/me."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from reelsmith.domain.people import User
from reelsmith.domain.rights import Act
from reelsmith.http.caller import caller
from reelsmith.http.doors import Doors
from reelsmith.http.preconditions import etag, expect
from reelsmith.http.views.users import MeChange, PasswordChange, UserView
from reelsmith.ports import Deps
from reelsmith.usecases import users


def register(doors: Doors, deps: Deps) -> None:
    """Add the routes about oneself."""

    @doors.get("/v1/me", Act.ME_READ, summary="The user I am", tags=["users"])
    def read() -> Response[UserView]:
        user = users.me(deps, caller=caller(doors.app))
        return _told(user)

    @doors.patch("/v1/me", Act.ME_CHANGE, summary="Change what I am called", tags=["users"])
    def change(body: MeChange) -> Response[UserView]:
        who = caller(doors.app)
        was = users.me(deps, caller=who)
        expect(doors.app, was)
        user = users.change_me(deps, caller=who, was=was, fields=body.fields())
        return _told(user)

    @doors.put(
        "/v1/me/password",
        Act.ME_CHANGE,
        summary="Change my password; I am signed out everywhere",
        tags=["users"],
        status_code=HTTPStatus.NO_CONTENT.value,
    )
    def change_password(body: PasswordChange) -> Response[None]:
        users.change_password(
            deps, caller=caller(doors.app), old=body.old_password, new=body.password
        )
        return Response(HTTPStatus.NO_CONTENT.value)


def _told(user: User) -> Response[UserView]:
    return Response(
        HTTPStatus.OK.value,
        content_type="application/json",
        body=UserView.of(user),
        headers={"ETag": etag(user)},
    )
