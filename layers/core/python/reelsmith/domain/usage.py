"""What somebody has made: sums over a life, a span of days or a day."""

from pydantic import Field

from reelsmith.domain.model import Entity


class Figures(Entity):
    """Counts and sums. A job counts on the day it was asked for and on the day it ended."""

    jobs: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    output_seconds: float = Field(default=0.0, description="of finished videos")
    output_bytes: int = Field(default=0, description="of finished videos")
    api_calls: int = Field(
        default=0, description="a process notes some at a time, so it may be ahead by a few"
    )

    def __add__(self, other: "Figures") -> "Figures":
        """Both together."""
        return Figures(
            jobs=self.jobs + other.jobs,
            completed=self.completed + other.completed,
            failed=self.failed + other.failed,
            cancelled=self.cancelled + other.cancelled,
            output_seconds=round(self.output_seconds + other.output_seconds, 3),
            output_bytes=self.output_bytes + other.output_bytes,
            api_calls=self.api_calls + other.api_calls,
        )


class DayOfUse(Entity):
    """What one user made on one UTC day, `yyyy-mm-dd`."""

    day: str
    owner: str
    figures: Figures


class LifeOfUse(Entity):
    """What a user or a tenant has made since it is there, and what it has now.

    `api_calls` are counted by the day only. `stored_bytes` are counted for tenants only: users may
    share the same content.
    """

    figures: Figures = Figures()
    active: int = 0
    files: int = 0
    stored_bytes: int | None = None
