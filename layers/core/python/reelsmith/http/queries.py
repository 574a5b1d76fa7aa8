"""Parameters that lists share."""

from datetime import UTC, datetime
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AfterValidator, AwareDatetime

from reelsmith.usecases.looking import PAGE_MOST

_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _within_reach(moment: datetime) -> datetime:
    """A moment of which ids can be told; nothing was made before, or will be after."""
    return min(max(moment, _FIRST), _LAST)


When = Annotated[AwareDatetime, AfterValidator(_within_reach)]

CreatedAfter = Annotated[When | None, Query(description="made at this time or later, RFC 3339")]
CreatedBefore = Annotated[When | None, Query(description="made before this time, RFC 3339")]
Limit = Annotated[int, Query(ge=1, le=PAGE_MOST, description="most entries of the page")]
Cursor = Annotated[
    str | None,
    Query(max_length=500, description="`next_cursor` of the page before, with the same filter"),
]
