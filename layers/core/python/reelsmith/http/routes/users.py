"""The users of the tenant: /v1/users."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from reelsmith.domain.people import User
from reelsmith.domain.rights import Act
from reelsmith.http import cursors
from reelsmith.http.caller import caller
from reelsmith.http.doors import Doors
from reelsmith.http.onces import IdempotencyKey, once, replay_header
from reelsmith.http.preconditions import etag, expect
from reelsmith.http.queries import Cursor, Limit
from reelsmith.http.views.users import NewUser, PasswordSet, UserChange, UserPageView, UserView
from reelsmith.ports import Deps
from reelsmith.usecases import users
from reelsmith.usecases.looking import PAGE_DEFAULT


def register(doors: Doors, deps: Deps) -> None:
    """Add the routes of users."""
    _lists(doors, deps)
    _changes(doors, deps)
    _endings(doors, deps)


def _lists(doors: Doors, deps: Deps) -> None:
    @doors.post(
        "/v1/users", Act.USERS_CREATE, summary="Add a user", tags=["users"], status_code=201
    )
    def create(body: NewUser, idempotency_key: IdempotencyKey = None) -> Response[UserView]:
        made = users.create(
            deps,
            caller=caller(doors.app),
            newcomer=body.newcomer(),
            once=once(doors.app, idempotency_key),
        )
        place = {"Location": f"/v1/users/{made.thing.id}"}
        return _told(made.thing, HTTPStatus.CREATED, **place, **replay_header(made))

    @doors.get("/v1/users", Act.USERS_READ, summary="Users, oldest first", tags=["users"])
    def page(limit: Limit = PAGE_DEFAULT, cursor: Cursor = None) -> UserPageView:
        who = caller(doors.app)
        key, scope = cursors.key_of(deps.pepper()), (who.tenant, "users")
        after = cursors.unpack(key, scope, cursor) if cursor else None
        found = users.page(deps, caller=who, after=after, limit=limit)
        return UserPageView(
            data=tuple(UserView.of(user) for user in found.users),
            next_cursor=cursors.pack(key, scope, found.after) if found.after else None,
            has_more=found.after is not None,
        )

    @doors.get("/v1/users/<user_id>", Act.USERS_READ, summary="A user", tags=["users"])
    def read(user_id: str) -> Response[UserView]:
        return _told(users.read(deps, caller=caller(doors.app), user_id=user_id))


def _changes(doors: Doors, deps: Deps) -> None:
    @doors.patch("/v1/users/<user_id>", Act.USERS_CHANGE, summary="Change a user", tags=["users"])
    def change(user_id: str, body: UserChange) -> Response[UserView]:
        who = caller(doors.app)
        was = users.read(deps, caller=who, user_id=user_id)
        expect(doors.app, was)
        return _told(users.change(deps, caller=who, was=was, fields=body.fields()))

    @doors.put(
        "/v1/users/<user_id>/password",
        Act.USERS_CHANGE,
        summary="Set a user's password; its sessions end",
        tags=["users"],
        status_code=HTTPStatus.NO_CONTENT.value,
    )
    def set_password(user_id: str, body: PasswordSet) -> Response[None]:
        users.set_password(deps, caller=caller(doors.app), user_id=user_id, password=body.password)
        return Response(HTTPStatus.NO_CONTENT.value)


def _endings(doors: Doors, deps: Deps) -> None:
    @doors.delete(
        "/v1/users/<user_id>",
        Act.USERS_DELETE,
        summary="Delete a user, so that it can be restored",
        tags=["users"],
    )
    def put_away(user_id: str) -> Response[UserView]:
        return _told(users.put_away(deps, caller=caller(doors.app), user_id=user_id))

    @doors.post(
        "/v1/users/<user_id>/restore",
        Act.USERS_CHANGE,
        summary="Take a deleted user back",
        tags=["users"],
    )
    def restore(user_id: str) -> Response[UserView]:
        return _told(users.restore(deps, caller=caller(doors.app), user_id=user_id))


def _told(user: User, status: HTTPStatus = HTTPStatus.OK, **head: str) -> Response[UserView]:
    return Response(
        status.value,
        content_type="application/json",
        body=UserView.of(user),
        headers={"ETag": etag(user), **head},
    )
