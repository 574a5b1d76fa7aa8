"""A tenant's quotas: on its usage item, seen to in the transactions that use them.

`day_jobs` counts the jobs of `day`, `month_ms` the finished video of `month`. When another day or
month has begun, the count begins anew in the same update. Which of the two it is stands in the
update's condition; who was wrong about it learns so and asks once more.
"""

from datetime import datetime

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from reelsmith.domain.people import Tenant
from reelsmith.domain.quotas import Quota, QuotaName, Used, day_of, month_of, next_day, next_month
from reelsmith.table.items import Item, add, assign, encode

_MS_A_MINUTE = 60_000
_LIMITS = {
    QuotaName.ACTIVE_JOBS: ("max_active", 1),
    QuotaName.JOBS_PER_DAY: ("max_day", 1),
    QuotaName.MINUTES_PER_MONTH: ("max_month_ms", _MS_A_MINUTE),
    QuotaName.STORED_BYTES: ("max_bytes", 1),
}
"""Quota -> the attribute of its limit, and how many units of that are one of the quota."""


def limits_of(tenant: Tenant) -> dict[str, object]:
    """What a tenant may have, as its usage item holds it. None: no such attribute, no limit."""
    minutes = tenant.max_minutes_per_month
    return {
        "max_active": tenant.max_active_jobs,
        "max_day": tenant.max_jobs_per_day,
        "max_month_ms": None if minutes is None else minutes * _MS_A_MINUTE,
        "max_bytes": tenant.max_stored_bytes,
    }


def none_used(at: datetime) -> dict[str, object]:
    """The counters of a tenant that begins."""
    return {"day": day_of(at), "day_jobs": 0, "month": month_of(at), "month_ms": 0}


def one_more_job(at: datetime, *, rolls: bool) -> list[Action]:
    """Count a job of today; the first one of its day if the day `rolls`."""
    if rolls:
        return [assign("day", day_of(at)), assign("day_jobs", 1)]
    return add({"day_jobs": 1})


def more_video(ms: int, at: datetime, *, rolls: bool) -> list[Action]:
    """Count finished video of this month; the first of its month if the month `rolls`."""
    if rolls:
        return [assign("month", month_of(at)), assign("month_ms", ms)]
    return add({"month_ms": ms})


def room_for_job(at: datetime, *, rolls: bool) -> Condition:
    """No quota is reached, and it is as said whether a new day has begun."""
    room: Condition = room_for_active()
    earlier_month = Path("month").does_not_exist() | (Path("month") < encode(month_of(at)))
    room &= earlier_month | _below("month_ms", "max_month_ms")
    room &= room_for_bytes() & _day_is_new(at, rolls)
    if rolls:
        room &= Path("max_day").does_not_exist() | (Path("max_day") > encode(0))
    else:
        room &= _below("day_jobs", "max_day")
    return room


def room_for_active() -> Condition:
    """The quota of unfinished jobs is not reached."""
    room: Condition = Path("active") < Path("max_active")
    return room


def room_for_bytes() -> Condition:
    """The quota of stored bytes is not reached."""
    return _below("bytes", "max_bytes")


def month_is_new(at: datetime, rolls: bool) -> Condition:
    """It is as said whether a new month has begun since the last film."""
    new: Condition = Path("month").does_not_exist() | (Path("month") < encode(month_of(at)))
    return new if rolls else Path("month") >= encode(month_of(at))


def used(usage: Item, at: datetime) -> Used:
    """What a usage item says that counts at a moment."""
    this_day = usage.get("day", "") >= day_of(at)
    this_month = usage.get("month", "") >= month_of(at)
    return Used(
        active_jobs=usage["active"],
        jobs_today=usage["day_jobs"] if this_day else 0,
        ms_this_month=usage["month_ms"] if this_month else 0,
        stored_bytes=usage["bytes"],
    )


def reached(usage: Item, at: datetime) -> Quota | None:
    """The quota of a usage item that is reached, if any is; the one that opens last is named."""
    is_used = used(usage, at)
    month, day = next_month(at), next_day(at)
    return (
        stored(usage)
        or _full(usage, QuotaName.MINUTES_PER_MONTH, is_used.ms_this_month, opens=month)
        or _full(usage, QuotaName.JOBS_PER_DAY, is_used.jobs_today, opens=day)
        or active(usage)
    )


def active(usage: Item) -> Quota | None:
    """The quota of unfinished jobs of a usage item, if it is reached."""
    return _full(usage, QuotaName.ACTIVE_JOBS, usage["active"])


def stored(usage: Item) -> Quota | None:
    """The quota of stored bytes of a usage item, if it is reached."""
    return _full(usage, QuotaName.STORED_BYTES, usage["bytes"])


def _full(
    usage: Item, name: QuotaName, amount: int, *, opens: datetime | None = None
) -> Quota | None:
    attribute, unit = _LIMITS[name]
    limit = usage.get(attribute)
    if limit is None or amount < limit:
        return None
    told = amount if unit == 1 else round(amount / unit, 3)
    return Quota(name=name, limit=limit // unit, used=told, resets_at=opens)


def _day_is_new(at: datetime, rolls: bool) -> Condition:
    new: Condition = Path("day").does_not_exist() | (Path("day") < encode(day_of(at)))
    return new if rolls else Path("day") >= encode(day_of(at))


def _below(counter: str, limit: str) -> Condition:
    below: Condition = Path(limit).does_not_exist() | (Path(counter) < Path(limit))
    return below
