"""What a tenant may have, what it has of that, and when there is room again.

A quota is reached when what is used has come up to its limit: the film or the file that gets it
there is the last one. Days and months are those of UTC.
"""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from reelsmith.domain.model import Entity, Moment
from reelsmith.domain.people import Tenant
from reelsmith.errors import OverQuota

_MS_A_MINUTE = 60_000


class QuotaName(StrEnum):
    """What is limited; public, never renamed."""

    ACTIVE_JOBS = "active_jobs"
    JOBS_PER_DAY = "jobs_per_day"
    MINUTES_PER_MONTH = "minutes_per_month"
    STORED_BYTES = "stored_bytes"


class Quota(Entity):
    """One limit and how much of it is used. `limit` None is none."""

    name: QuotaName
    limit: int | None
    used: float
    resets_at: Moment | None = None

    @property
    def reached(self) -> bool:
        """Whether nothing more may be made."""
        return self.limit is not None and self.used >= self.limit


class Used(Entity):
    """What counts against a tenant's quotas at some moment."""

    active_jobs: int = 0
    jobs_today: int = 0
    ms_this_month: int = 0
    stored_bytes: int = 0


def quotas(tenant: Tenant, used: Used, *, at: datetime) -> tuple[Quota, ...]:
    """All quotas of a tenant with what it uses."""
    return (
        Quota(name=QuotaName.ACTIVE_JOBS, limit=tenant.max_active_jobs, used=used.active_jobs),
        Quota(
            name=QuotaName.JOBS_PER_DAY,
            limit=tenant.max_jobs_per_day,
            used=used.jobs_today,
            resets_at=next_day(at),
        ),
        Quota(
            name=QuotaName.MINUTES_PER_MONTH,
            limit=tenant.max_minutes_per_month,
            used=round(used.ms_this_month / _MS_A_MINUTE, 3),
            resets_at=next_month(at),
        ),
        Quota(name=QuotaName.STORED_BYTES, limit=tenant.max_stored_bytes, used=used.stored_bytes),
    )


_SAYS = {
    QuotaName.ACTIVE_JOBS: "{limit} jobs are unfinished already",
    QuotaName.JOBS_PER_DAY: "{limit} jobs were made today already",
    QuotaName.MINUTES_PER_MONTH: "{limit} minutes of video were finished this month already",
    QuotaName.STORED_BYTES: "{limit} bytes are stored already",
}


def over(quota: Quota, *, at: datetime) -> OverQuota:
    """The error that says so of a quota that is reached."""
    opens = quota.resets_at
    return OverQuota(
        _SAYS[quota.name].format(limit=quota.limit),
        name=quota.name,
        limit=quota.limit or 0,
        used=quota.used,
        resets_at=opens,
        retry_after_s=(opens - at).total_seconds() if opens else None,
    )


def day_of(at: datetime) -> str:
    """The UTC day of a moment, `yyyy-mm-dd`."""
    return at.astimezone(UTC).date().isoformat()


def month_of(at: datetime) -> str:
    """The UTC month of a moment, `yyyy-mm`."""
    return day_of(at)[:7]


def next_day(at: datetime) -> datetime:
    """When the UTC day after that of a moment begins."""
    return _begins(at.astimezone(UTC).date() + timedelta(days=1))


def next_month(at: datetime) -> datetime:
    """When the UTC month after that of a moment begins."""
    first = at.astimezone(UTC).date().replace(day=1)
    return _begins((first + timedelta(days=32)).replace(day=1))


def _begins(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
