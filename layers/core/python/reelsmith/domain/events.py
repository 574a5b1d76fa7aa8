"""What happened, told to programs: one event for each move of a job, and what else they await.

An event is written in the transaction of what it tells of. Its `data` is the thing as the API
shows it in lists, as it was at that moment. Followers must not rely on an order between types.
"""

import json
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from pydantic import Field

from reelsmith.domain import ids
from reelsmith.domain.assets import Asset
from reelsmith.domain.batches import Batch
from reelsmith.domain.ids import Kind
from reelsmith.domain.jobs import Job, JobStatus
from reelsmith.domain.model import Entity, Moment

RETENTION = timedelta(days=30)
ENVELOPE_MOST_BYTES = 20_000  # Standard Webhooks 1.0.0, "Payload size": below 20 kB


_ZERO = datetime(1970, 1, 1, tzinfo=UTC)


class EventType(StrEnum):
    """What an event may tell of."""

    JOB_QUEUED = "job.queued"
    JOB_PROCESSING = "job.processing"
    JOB_COMPLETED = "job.completed"
    JOB_FAILED = "job.failed"
    JOB_CANCELLED = "job.cancelled"
    VIDEO_READY = "video.ready"
    FILE_EXPIRED = "file.expired"
    BATCH_COMPLETED = "batch.completed"
    WEBHOOK_TEST = "webhook.test"
    WEBHOOK_DISABLED = "webhook.disabled"


_OF_STATUS = {status: EventType(f"job.{status}") for status in JobStatus}
_HEAD = (
    "id",
    "kind",
    "title",
    "status",
    "stage",
    "progress",
    "priority",
    "attempt",
    "cancel_requested",
    "estimated_duration",
    "video_id",
    "drop",
    "batch",
    "row",
    "error",
    "error_message",
    "result",
    "created_at",
    "updated_at",
    "heartbeat_at",
    "started_at",
    "completed_at",
)
_FILE = ("id", "status", "file_type", "size_bytes", "sha256", "created_at", "expires_at")
_FILM = ("duration_seconds", "width", "height", "size_bytes", "sha256")


class Event(Entity):
    """Something that happened. `place` is its place in the tenant's log, once it has one."""

    id: str
    tenant: str
    owner: str = Field(description="of the thing that it tells of")
    type: str = Field(description="one of `EventType`, or of those of a later release")
    resource: str = Field(description="id of the thing")
    data: dict[str, Any]
    at: Moment
    place: str | None = None

    def body(self) -> bytes:
        """The envelope of Standard Webhooks, as it is sent and signed."""
        told = {"type": self.type, "timestamp": stamp(self.at), "data": self.data}
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()

    @property
    def placed_at(self) -> Moment:
        """When it was given its place; `at` where it has none."""
        return _ZERO + timedelta(microseconds=int(self.place)) if self.place else self.at

    def placed(self, place: str) -> Self:
        """The same event at its place in the log."""
        return self.model_copy(update={"place": place})


def of_job(job: Job, *, event_id: str) -> Event:
    """The event of a job's latest move. `event_id` is the token of the move."""
    head = job.model_dump(mode="json") | {"error_message": job.error_message}
    event = Event(
        id=event_id,
        tenant=job.tenant,
        owner=job.owner,
        type=_OF_STATUS[job.status],
        resource=job.id,
        data={name: head[name] for name in _HEAD} | {"metadata": job.metadata},
        at=job.updated_at,
    )
    if len(event.body()) < ENVELOPE_MOST_BYTES:
        return event
    # a film of many warnings: the job itself has them all
    shorter = event.data | {"result": event.data["result"] | {"warnings": []}}
    return event.model_copy(update={"data": shorter})


def of_batch(batch: Batch, *, event_id: str) -> Event:
    """The event of a batch whose last row has ended, however it did."""
    return Event(
        id=event_id,
        tenant=batch.tenant,
        owner=batch.owner,
        type=EventType.BATCH_COMPLETED,
        resource=batch.id,
        data=batch.told(),
        at=batch.updated_at,
    )


def of_expired_file(asset: Asset, *, at: Moment) -> Event:
    """The event of a file whose time is over; told twice it is the same one."""
    told = asset.model_dump(mode="json", include=set(_FILE))
    return Event(
        id=ids.derived(Kind.EVENT, asset.created_at, asset.id, EventType.FILE_EXPIRED),
        tenant=asset.tenant,
        owner=asset.owner,
        type=EventType.FILE_EXPIRED,
        resource=asset.id,
        data=told | {"filename": asset.original_filename},
        at=at,
    )


def that_follow(event: Event) -> tuple[Event, ...]:
    """Other events that one brings with it: a completed job its film."""
    result = event.data.get("result")
    if event.type != EventType.JOB_COMPLETED or not result:
        return ()
    video_id = result["video_id"]
    film = {
        "id": video_id,
        "job_id": event.resource,
        "title": event.data["title"],
        **{name: result[name] for name in _FILM},
        "metadata": event.data["metadata"],
    }
    ready = event.model_copy(
        update={
            "id": ids.derived(Kind.EVENT, event.at, event.id, EventType.VIDEO_READY),
            "type": EventType.VIDEO_READY,
            "resource": video_id,
            "data": film,
        }
    )
    return (ready,)


def place_at(at: Moment, *, after: str = "") -> str:
    """A place in a log: by the time in microseconds, but in any case after its last one."""
    return f"{max((at - _ZERO) // timedelta(microseconds=1), int(after or 0) + 1):016d}"


def stamp(at: Moment) -> str:
    """A time as the API writes it."""
    return at.isoformat().replace("+00:00", "Z")
