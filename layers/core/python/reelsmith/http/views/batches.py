"""What callers send and see of batches."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from reelsmith.domain.batches import Batch, BatchStatus, RowOutcome
from reelsmith.domain.jobs import AssetId
from reelsmith.domain.model import Title
from reelsmith.usecases.orders import Checked, Order


class NewBatch(BaseModel):
    """What a caller sends to ask for many films: rows in one of four forms.

    A row has the fields of `POST /v1/jobs` for a film, and an `external_id`. A body of type
    `text/csv` or `application/x-ndjson` is the same as `csv` or `ndjson` alone, with `title` and
    `dry_run` in the query.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Title = "Batch"
    rows: tuple[dict[str, Any], ...] | None = Field(default=None, description="up to 10,000")
    csv: str | None = Field(
        default=None,
        description="a header and rows; `;` parts lists, `resolution.width` and `metadata.<name>`"
        " are columns",
    )
    ndjson: str | None = Field(default=None, description="one JSON object a line")
    source: AssetId | None = Field(
        default=None, description="id of an uploaded file, text/csv or application/x-ndjson"
    )
    defaults: dict[str, Any] = Field(
        default_factory=dict, description="what rows have that do not say otherwise"
    )
    dry_run: bool = Field(default=False, description="check everything, make nothing")

    @model_validator(mode="after")
    def _has_one_form(self) -> Self:
        forms = (self.rows, self.csv, self.ndjson, self.source)
        if sum(form is not None for form in forms) != 1:
            raise ValueError("send one of `rows`, `csv`, `ndjson` and `source`")
        return self

    def order(self) -> Order:
        """The request as the use-cases take it."""
        return Order(
            title=self.title,
            rows=self.rows,
            csv=self.csv,
            ndjson=self.ndjson,
            source=self.source,
            defaults=self.defaults,
        )


class BatchView(BaseModel):
    """A batch and how far it is. Counts are exact at any moment."""

    id: str
    title: str
    owner: str
    status: BatchStatus
    progress: float = Field(description="share of rows that have ended, percent")
    cancel_requested: bool
    rows: int
    waiting: int = Field(description="rows that are no jobs yet")
    active: int = Field(description="jobs that are queued or processing")
    completed: int
    failed: int = Field(description="jobs that failed, and rows of which no job could be made")
    cancelled: int = Field(description="jobs that were called off")
    film_seconds: float = Field(description="estimated, of all rows")
    retry_of: str | None = Field(description="the batch whose failed rows these are")
    retried_by: str | None = Field(description="the batch that its failed rows went to")
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None

    @classmethod
    def of(cls, batch: Batch) -> "BatchView":
        """The view of a batch."""
        return cls.model_validate(batch.told())


class BatchPage(BaseModel):
    """One page of batches, newest first."""

    data: tuple[BatchView, ...]
    next_cursor: str | None
    has_more: bool


class BatchCheck(BaseModel):
    """What would come of a batch."""

    rows: int
    film_seconds: float = Field(description="estimated, of all rows")
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, checked: Checked) -> "BatchCheck":
        """The view of a check."""
        return cls(
            rows=len(checked.rows), film_seconds=checked.film_seconds, warnings=checked.warnings
        )


class RowView(RowOutcome):
    """What became of a row so far. `number` counts from 0, as in `/rows/17/text_prompt`."""


class RowPage(BaseModel):
    """One page of rows in their order. It may be short, even empty, and still not be the last."""

    data: tuple[RowView, ...]
    next_cursor: str | None
    has_more: bool
