"""Lists over HTTPS: where a page begins, and the cursor of the next one."""

from collections.abc import Sequence
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from reelsmith.domain.model import Entity
from reelsmith.domain.people import Caller
from reelsmith.http import cursors
from reelsmith.ports import Deps

OwnerOf = Annotated[
    str | None, Query(max_length=64, description="id of a user, or `me` for your own")
]
Opened = Annotated[
    bool, Query(description="only what others opened to you, by their access or as a reader")
]


class Place:
    """A list as one caller asks for it, and the place in it where a page begins."""

    def __init__(self, deps: Deps, caller: Caller, name: str, wanted: Entity, *more: str) -> None:
        self._key = cursors.key_of(deps.pepper())
        said = wanted.model_dump_json(exclude_none=True)
        self._scope: Sequence[str] = (caller.tenant, caller.owner, caller.role, name, said, *more)

    def after(self, cursor: str | None) -> str | None:
        """Where to go on. Raises Invalid when the cursor was not made for this list."""
        return cursors.unpack(self._key, self._scope, cursor) if cursor else None

    def ends(self, after: str | None) -> dict[str, str | bool | None]:
        """What the page says of the next one."""
        token = cursors.pack(self._key, self._scope, after) if after else None
        return {"next_cursor": token, "has_more": token is not None}
