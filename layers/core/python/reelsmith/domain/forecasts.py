"""When waiting jobs will start, if none comes and each takes what its like took. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from itertools import count

from reelsmith.domain.admission import Bid, Hall, Service, Slots

_OVERDUE = 0.1  # of its expected time a job that is past it is taken to need still


@dataclass(frozen=True, slots=True)
class Turn:
    """A job's place in the order of starts, 1 for the next one, and when it is expected."""

    place: int
    at: datetime


def foresee(
    waiting: Collection[Bid],
    running: Iterable[Bid],
    *,
    slots: Slots,
    lately: Service,
    at: datetime,
) -> Mapping[str, Turn]:
    """The turn of every waiting job, by its id: admission itself, played on from this moment."""
    running = tuple(running)
    hall = Hall(waiting, running, slots=slots, lately=lately)
    serial = count()
    ends = [(_end(bid, at), next(serial), bid) for bid in running]
    heapify(ends)
    turns: dict[str, Turn] = {}
    now = at
    while len(turns) < len(waiting):
        while bid := hall.call_in(now):
            turns[bid.id] = Turn(len(turns) + 1, now)
            heappush(ends, (now + timedelta(seconds=bid.seconds), next(serial), bid))
        if not ends:
            break
        now, _, over = heappop(ends)
        hall.finish(over)
    return turns


def _end(bid: Bid, at: datetime) -> datetime:
    least = timedelta(seconds=bid.seconds * _OVERDUE)
    return max(bid.since + timedelta(seconds=bid.seconds), at + least)
