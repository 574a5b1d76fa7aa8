"""What was made, by day and in all: /v1/usage and /v1/users/{id}/usage."""

from datetime import date
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from reelsmith.domain.rights import Act
from reelsmith.http.caller import caller
from reelsmith.http.doors import Doors
from reelsmith.http.views.usage import UsageView
from reelsmith.ports import Deps
from reelsmith.usecases import usage

_First = Annotated[
    date | None, Query(alias="from", description="first UTC day; 30 days before `to` by default")
]
_Last = Annotated[date | None, Query(alias="to", description="last UTC day; today by default")]
_Owner = Annotated[
    str | None, Query(max_length=64, description="id of a user; administrators may leave it out")
]


def register(doors: Doors, deps: Deps) -> None:
    """Add the routes of usage."""

    @doors.get(
        "/v1/usage",
        Act.USAGE_READ,
        summary="What was made, by day and in all",
        tags=["usage"],
    )
    def read(first: _First = None, last: _Last = None, owner: _Owner = None) -> UsageView:
        who = caller(doors.app)
        return UsageView.of(usage.report(deps, caller=who, owner=owner, first=first, last=last))

    @doors.get(
        "/v1/users/<user_id>/usage",
        Act.USAGE_READ,
        summary="What a user made, by day and in all",
        tags=["usage"],
        operation_id="users_usage",
    )
    def of_user(user_id: str, first: _First = None, last: _Last = None) -> UsageView:
        who = caller(doors.app)
        return UsageView.of(usage.report(deps, caller=who, owner=user_id, first=first, last=last))
