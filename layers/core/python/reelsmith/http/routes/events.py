"""The log of events: /v1/events."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from reelsmith.domain.events import EventType
from reelsmith.domain.rights import Act
from reelsmith.errors import Invalid
from reelsmith.http import cursors
from reelsmith.http.caller import caller
from reelsmith.http.doors import Doors
from reelsmith.http.queries import Limit
from reelsmith.http.views.webhooks import EventList, EventView
from reelsmith.ports import Deps
from reelsmith.usecases import events
from reelsmith.usecases.looking import PAGE_DEFAULT

Types = Annotated[
    str | None,
    Query(max_length=500, description="as `job.completed,job.failed`; left out: all"),
]
Wait = Annotated[
    int, Query(ge=0, le=events.WAIT_MOST_S, description="seconds to wait for an event")
]
Cursor = Annotated[
    str | None,
    Query(max_length=500, description="`next_cursor` of the answer before: nothing is missed"),
]


def register(doors: Doors, deps: Deps) -> None:
    """Add the route of the log."""

    @doors.get(
        "/v1/events", Act.EVENTS_READ, summary="What happened, oldest first", tags=["events"]
    )
    def page(
        types: Types = None, limit: Limit = PAGE_DEFAULT, wait: Wait = 0, cursor: Cursor = None
    ) -> EventList:
        who = caller(doors.app)
        # bound to the tenant alone: who follows goes on with another key, or another filter
        key, scope = cursors.key_of(deps.pepper()), (who.tenant, "events")
        found = events.follow(
            deps,
            caller=who,
            types=_types(types),
            after=cursors.unpack(key, scope, cursor) if cursor else None,
            limit=limit,
            seconds=wait,
        )
        return EventList(
            data=tuple(map(EventView.of, found.events)),
            next_cursor=cursors.pack(key, scope, found.after) if found.after else None,
            has_more=found.more,
        )


def _types(said: str | None) -> tuple[EventType, ...]:
    """The types of a filter. Raises Invalid."""
    try:
        return tuple(EventType(one.strip()) for one in (said or "").split(",") if one.strip())
    except ValueError as unknown:
        raise Invalid.field(
            "?types", "there is no such type", remedy=f"send some of {', '.join(EventType)}"
        ) from unknown
