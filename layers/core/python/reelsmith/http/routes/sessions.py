"""The sessions of whoever asks: /v1/sessions."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from reelsmith.domain.rights import Act
from reelsmith.http.caller import caller
from reelsmith.http.doors import Doors
from reelsmith.http.views.sessions import SessionList, SessionView
from reelsmith.ports import Deps
from reelsmith.usecases import sessions

_NOTHING = HTTPStatus.NO_CONTENT.value


def register(doors: Doors, deps: Deps) -> None:
    """Add the routes of one's own sessions."""

    @doors.get("/v1/sessions", Act.ME_READ, summary="Where I am signed in", tags=["sessions"])
    def mine() -> SessionList:
        who = caller(doors.app)
        found = sessions.mine(deps, caller=who)
        return SessionList(data=tuple(SessionView.of(one, who) for one in found))

    @doors.delete(
        "/v1/sessions/current",
        Act.ME_CHANGE,
        summary="Sign out here",
        tags=["sessions"],
        status_code=_NOTHING,
    )
    def sign_out() -> Response[None]:
        sessions.sign_out(deps, caller=caller(doors.app))
        return Response(_NOTHING)

    @doors.delete(
        "/v1/sessions",
        Act.ME_CHANGE,
        summary="Sign out everywhere",
        tags=["sessions"],
        status_code=_NOTHING,
    )
    def sign_out_everywhere() -> Response[None]:
        sessions.sign_out_everywhere(deps, caller=caller(doors.app))
        return Response(_NOTHING)
