"""What callers see of usage, quotas and their tenant."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from reelsmith.domain.people import Tenant
from reelsmith.domain.quotas import Quota
from reelsmith.domain.usage import Figures
from reelsmith.usecases.usage import Report


class FiguresView(Figures):
    """Counts and sums of a span of days."""

    @classmethod
    def of(cls, figures: Figures, **more: object) -> "FiguresView":
        """The view of figures."""
        return cls.model_validate(figures.model_dump() | more)


class DayView(FiguresView):
    """One UTC day. A job counts on the day it was asked for and on the day it ended."""

    day: date


class LifeView(BaseModel):
    """Everything so far, and what is there now."""

    jobs: int
    active: int = Field(description="jobs that are queued or processing")
    completed: int
    failed: int
    cancelled: int
    output_seconds: float = Field(description="of finished videos")
    output_bytes: int = Field(description="of finished videos")
    files: int = Field(description="uploaded files that are there")
    stored_bytes: int | None = Field(description="null for a user: users may share content")


class UsageView(BaseModel):
    """What a user or the tenant made from a day to another. Days without use are left out."""

    owner: str | None = Field(description="null for the whole tenant")
    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    span: FiguresView
    total: LifeView
    days: tuple[DayView, ...]

    @classmethod
    def of(cls, report: Report) -> "UsageView":
        """The view of a report."""
        life = report.life
        return cls(
            owner=report.owner,
            first=report.first,
            last=report.last,
            span=FiguresView.of(report.span),
            total=LifeView.model_validate(life.figures.model_dump() | life.model_dump()),
            days=tuple(
                DayView.model_validate({**f.model_dump(), "day": d}) for d, f in report.days
            ),
        )


class TenantChange(BaseModel):
    """What an administrator may change of the tenant. Limits are the operator's."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]


class TenantView(BaseModel):
    """The caller's tenant, its limits and what it uses of them."""

    id: str
    name: str
    requests_per_minute: int
    quotas: tuple[Quota, ...] = Field(description="a `limit` of null is none")
    version: int
    created_at: datetime
    updated_at: datetime | None

    @classmethod
    def of(cls, tenant: Tenant, quotas: tuple[Quota, ...]) -> "TenantView":
        """The view of a tenant with its quotas."""
        return cls(
            id=tenant.id,
            name=tenant.name,
            requests_per_minute=tenant.max_requests_per_minute,
            quotas=quotas,
            version=tenant.version,
            created_at=tenant.created_at,
            updated_at=tenant.updated_at,
        )
