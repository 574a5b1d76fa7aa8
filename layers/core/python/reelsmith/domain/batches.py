"""A batch: many films from one request, each row of it one job, fed as there is room for them."""

from datetime import timedelta
from enum import StrEnum
from typing import Any

from pydantic import ConfigDict, Field

from reelsmith.domain import ids
from reelsmith.domain.ids import Kind
from reelsmith.domain.jobs import Failure, JobStatus, Priority, UgcSpec
from reelsmith.domain.model import Entity, Moment, Title
from reelsmith.domain.people import Role

ROWS_MOST = 10_000
ROWS_A_PART = 500  # rows of a batch that are kept in one object
_FILM_FIELDS = frozenset(UgcSpec.model_fields)


_SHOWN = (
    "id",
    "title",
    "owner",
    "status",
    "cancel_requested",
    "rows",
    "completed",
    "cancelled",
    "film_seconds",
    "retry_of",
    "retried_by",
    "created_at",
    "updated_at",
    "completed_at",
)


class BatchStatus(StrEnum):
    """Where a batch stands. All but the first are final."""

    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether all of its rows have ended."""
        return self is not BatchStatus.PROCESSING


class RowOrder(UgcSpec):
    """What a caller says in a row: what `POST /v1/jobs` takes of a film, and its own id."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Title | None = Field(default=None, description="by default that of the batch")
    priority: Priority = Priority.NORMAL
    external_id: str | None = Field(
        default=None, min_length=1, max_length=200, description="the caller's own, one row's only"
    )

    def spec(self) -> UgcSpec:
        """The part that describes the film."""
        return UgcSpec.model_validate(self.model_dump(include=set(_FILM_FIELDS)))


class Row(Entity):
    """A row as it is kept. Numbers count from 0, as in `/rows/17/title`."""

    number: int
    external_id: str | None = None
    title: Title
    priority: Priority = Priority.NORMAL
    spec: UgcSpec
    of_row: int | None = Field(default=None, description="of the batch that this one retries")


class Batch(Entity):
    """The header of a batch. Its counters change in the transactions of what they count.

    `fed` rows were taken up, in their order: each became a job (`submitted`) or was `refused`.
    """

    id: str
    tenant: str
    owner: str
    role: Role = Field(description="of who asked: says whose files it may name")
    title: Title
    status: BatchStatus = BatchStatus.PROCESSING
    cancel_requested: bool = False
    rows: int
    fed: int = 0
    submitted: int = 0
    refused: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    film_seconds: float = Field(default=0.0, description="estimated, of all rows")
    drop: str | None = Field(default=None, description="name of the drop folder it came by")
    retry_of: str | None = None
    retried_by: str | None = None
    version: int = 1
    created_at: Moment
    updated_at: Moment
    completed_at: Moment | None = None

    @property
    def at_work(self) -> int:
        """Jobs of it that have not ended."""
        return self.submitted - self.completed - self.failed - self.cancelled

    @property
    def over(self) -> bool:
        """Whether nothing of it is to be done any more."""
        return self.at_work == 0 and (self.cancel_requested or self.fed == self.rows)

    @property
    def progress(self) -> float:
        """The share of rows that have ended, in percent."""
        return round(100.0 * (self.fed - self.at_work) / self.rows, 2)

    def ended(self, *, at: Moment) -> "Batch":
        """The same batch once nothing of it is left to be done."""
        status = BatchStatus.COMPLETED if self.completed else BatchStatus.FAILED
        if self.cancel_requested:
            status = BatchStatus.CANCELLED
        return self.model_copy(
            update={"status": status, "updated_at": at, "completed_at": self.completed_at or at}
        )

    def told(self) -> dict[str, Any]:
        """What callers are told of it, in answers and in events."""
        return self.model_dump(mode="json", include=set(_SHOWN)) | {
            "progress": self.progress,
            "waiting": self.rows - self.fed,
            "active": self.at_work,
            "failed": self.failed + self.refused,
        }

    def job_id(self, number: int) -> str:
        """The one id that the job of a row has; they sort in the order of rows."""
        moment = self.created_at + timedelta(milliseconds=number)
        return ids.derived(Kind.JOB, moment, self.id, str(number))


class RowStatus(StrEnum):
    """Where a row stands: as its job, waiting for one, or its job was deleted."""

    WAITING = "waiting"
    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DELETED = "deleted"


class RowOutcome(Entity):
    """What became of a row so far."""

    number: int
    external_id: str | None
    title: str
    status: RowStatus
    job_id: str | None = None
    video_id: str | None = None
    error: Failure | None = None


COUNTED: dict[JobStatus, str] = {
    JobStatus.COMPLETED: "completed",
    JobStatus.FAILED: "failed",
    JobStatus.CANCELLED: "cancelled",
}
"""The counter of a batch that counts its jobs of a final status."""
