"""Pages of lists that show only what fits: how far a page looks is bounded, so is its cost."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from reelsmith.domain import ids
from reelsmith.domain.ids import Kind
from reelsmith.domain.lists import PageOf

MOST_LOOKS = 300  # rows a page looks at before it comes back short
_EDGE = timedelta(seconds=5)

ThingT = TypeVar("ThingT")
Read = Callable[[str | None, int], Sequence[tuple[str, ThingT | None]]]
"""(place to go on after, most rows) -> (place, thing) in the order of the list.

A thing that is gone is None; fewer rows than asked for are the end of the list.
"""


def page(
    read: Read[ThingT], fits: Callable[[ThingT], bool], *, after: str | None, limit: int
) -> PageOf[ThingT]:
    """The next `limit` things that fit, or fewer and the place where the looking stopped."""
    things: list[ThingT] = []
    looked = 0
    while True:
        rows = read(after, limit + 1)  # one more tells whether there is another page
        for place, thing in rows[:limit]:
            if len(things) == limit:
                return PageOf(things=tuple(things), after=after)
            after, looked = place, looked + 1
            if thing is not None and fits(thing):
                things.append(thing)
        if len(rows) <= limit:
            return PageOf(things=tuple(things), after=None)
        if len(things) == limit or looked >= MOST_LOOKS:
            return PageOf(things=tuple(things), after=after)


def span(kind: Kind, after: datetime | None, before: datetime | None) -> tuple[str, str]:
    """The first and the last id that things made in this span can have.

    Ids are given out a moment before or after the time that a thing is stored with; what is at
    the edge is for the filter to see.
    """
    first = ids.since(kind, after - _EDGE) if after else f"{kind}_"
    last = ids.since(kind, before + _EDGE) if before else f"{kind}_~"
    return first, last
