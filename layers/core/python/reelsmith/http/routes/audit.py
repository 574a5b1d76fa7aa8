"""The audit journal: /v1/audit."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from reelsmith.domain.audit import JournalFilter
from reelsmith.domain.rights import Act
from reelsmith.http.caller import caller
from reelsmith.http.doors import Doors
from reelsmith.http.pages import Place
from reelsmith.http.queries import Cursor, Limit, When
from reelsmith.http.views.audit import EntryPage, EntryView
from reelsmith.ports import Deps
from reelsmith.usecases import auditing
from reelsmith.usecases.auditing import PAGE_DEFAULT

Actor = Annotated[
    str | None,
    Query(min_length=1, max_length=64, description="id of a user, or `system`"),
]
Resource = Annotated[str | None, Query(min_length=1, max_length=64, description="id of a thing")]
Action = Annotated[
    str | None,
    Query(min_length=1, max_length=64, description="what actions begin with, as `security.`"),
]
Since = Annotated[When | None, Query(description="at this time or later, RFC 3339")]
Until = Annotated[When | None, Query(description="before this time, RFC 3339")]


def register(doors: Doors, deps: Deps) -> None:
    """Add the route of the journal."""

    @doors.get("/v1/audit", Act.AUDIT_READ, summary="The journal, newest first", tags=["audit"])
    def page(
        *,
        actor: Actor = None,
        resource: Resource = None,
        action: Action = None,
        since: Since = None,
        until: Until = None,
        limit: Limit = PAGE_DEFAULT,
        cursor: Cursor = None,
    ) -> EntryPage:
        who = caller(doors.app)
        wanted = JournalFilter(
            actor=actor, resource=resource, action=action, since=since, until=until
        )
        place = Place(deps, who, "audit", wanted)
        found = auditing.page(
            deps, caller=who, wanted=wanted, after=place.after(cursor), limit=limit
        )
        return EntryPage.model_validate(
            {"data": tuple(map(EntryView.of, found.entries)), **place.ends(found.after)}
        )
