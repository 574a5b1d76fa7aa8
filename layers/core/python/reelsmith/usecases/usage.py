"""What users and tenants have made: their lives, and days."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from reelsmith.domain import rights
from reelsmith.domain.people import Caller
from reelsmith.domain.quotas import day_of
from reelsmith.domain.rights import Act, Reach
from reelsmith.domain.usage import DayOfUse, Figures, LifeOfUse
from reelsmith.errors import Invalid, NotFound
from reelsmith.ports import Deps

DAYS_DEFAULT, DAYS_MOST = 30, 92


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody made from a day to another, each UTC day by itself, and in all its life.

    `owner` None is the whole tenant.
    """

    owner: str | None
    first: date
    last: date
    days: tuple[tuple[str, Figures], ...]
    span: Figures
    life: LifeOfUse


def report(
    deps: Deps,
    *,
    caller: Caller,
    owner: str | None = None,
    first: date | None = None,
    last: date | None = None,
) -> Report:
    """What a user or the tenant made; by default the last 30 days.

    Who may see only its own sees its own when no `owner` is named.

    Raises:
        Forbidden: the key has no scope for it.
        Invalid: the days are no span, or one of more than 92 days.
        NotFound: there is no such user, or it is somebody else.
    """
    far = rights.require(caller, Act.USAGE_READ)
    if far is not Reach.TENANT:
        if owner not in {None, caller.owner}:
            raise NotFound(f"no user {owner}")
        owner = caller.owner
    first, last = _span(deps, first, last)
    life = deps.usage.life(caller.tenant, owner)
    found = deps.usage.days(
        caller.tenant, first=first.isoformat(), last=last.isoformat(), owner=owner
    )
    days = _by_day(found)
    span = sum((figures for _, figures in days), start=Figures())
    return Report(owner, first, last, days, span, life)


def job_stats(deps: Deps, *, caller: Caller, user_id: str) -> LifeOfUse:
    """How many jobs a user has made and what became of them. Raises as `report`."""
    return report(deps, caller=caller, owner=user_id).life


def _span(deps: Deps, first: date | None, last: date | None) -> tuple[date, date]:
    last = last or date.fromisoformat(day_of(deps.now()))
    first = first or last - timedelta(days=DAYS_DEFAULT - 1)
    if first > last:
        raise Invalid.field("?from", "it is after `to`", remedy="name the earlier day as `from`")
    if (last - first).days >= DAYS_MOST:
        raise Invalid.field(
            "?from", f"that is more than {DAYS_MOST} days", remedy="ask for a shorter span"
        )
    return first, last


def _by_day(found: Sequence[DayOfUse]) -> tuple[tuple[str, Figures], ...]:
    """The users of each day together."""
    days: defaultdict[str, Figures] = defaultdict(Figures)
    for one in found:
        days[one.day] += one.figures
    return tuple(sorted(days.items()))
