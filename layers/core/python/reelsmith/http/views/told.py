"""What the `data` of an event has, by its type. Programs are told these shapes in the document."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from reelsmith.domain.assets import AssetStatus, FileType
from reelsmith.domain.events import EventType
from reelsmith.http.views.batches import BatchView
from reelsmith.http.views.jobs import JobHead

Metadata = dict[str, Any] | None
_ECHO = Field(description="that you sent with the job, up to 1 kB of it; longer ones are null")


class JobTold(JobHead):
    """A job as lists show it, as it was at that moment."""

    metadata: Metadata = _ECHO


class FilmTold(BaseModel):
    """A film that can be fetched."""

    id: str
    job_id: str
    title: str
    duration_seconds: float
    width: int
    height: int
    size_bytes: int
    sha256: str
    metadata: Metadata = _ECHO


class FileTold(BaseModel):
    """An upload whose time is over."""

    id: str
    status: AssetStatus
    filename: str
    file_type: FileType
    size_bytes: int | None
    sha256: str | None
    created_at: datetime
    expires_at: datetime | None


class WebhookTold(BaseModel):
    """The webhook that the test was asked for."""

    id: str
    description: str


class WebhookOff(WebhookTold):
    """A webhook to which nothing is sent any more."""

    reason: Literal["gone", "failing"]
    failures: int = Field(description="attempts in a row that failed")
    disabled_at: datetime


TOLD: Mapping[EventType, tuple[str, type[BaseModel]]] = {
    EventType.JOB_QUEUED: ("A job was accepted, or waits again for a new attempt", JobTold),
    EventType.JOB_PROCESSING: ("An attempt of a job began", JobTold),
    EventType.JOB_COMPLETED: ("A job is over and went well", JobTold),
    EventType.JOB_FAILED: ("A job is over and failed", JobTold),
    EventType.JOB_CANCELLED: ("A job was called off", JobTold),
    EventType.VIDEO_READY: ("A film can be fetched", FilmTold),
    EventType.FILE_EXPIRED: ("An upload is gone because its time was over", FileTold),
    EventType.BATCH_COMPLETED: ("All rows of a batch are over", BatchView),
    EventType.WEBHOOK_TEST: ("A test was asked for", WebhookTold),
    EventType.WEBHOOK_DISABLED: ("A webhook was switched off because it failed", WebhookOff),
}
"""What each type tells, in a sentence, and the shape of its `data`."""
