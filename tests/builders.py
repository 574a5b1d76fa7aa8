"""Things for tests to start from. A value that a test cares about stands in the test."""

from datetime import UTC, datetime, timedelta
from itertools import count

from reelsmith.domain import ids
from reelsmith.domain.assets import Asset, FileType
from reelsmith.domain.audit import AuditEntry, by_system
from reelsmith.domain.batches import Batch
from reelsmith.domain.events import EventType
from reelsmith.domain.ids import Kind
from reelsmith.domain.jobs import Job, JobKind, UgcSpec
from reelsmith.domain.layers import Card
from reelsmith.domain.people import ApiKey, Caller, Role, Tenant, User
from reelsmith.domain.timelines import Scene, Timeline
from reelsmith.domain.videos import Video
from reelsmith.domain.webhooks import Delivery, Webhook

EPOCH = datetime(2030, 1, 1, tzinfo=UTC)
_serial = count(1)


def an_id(kind: Kind) -> str:
    """A new id; later calls sort later."""
    number = next(_serial)
    return ids.at(kind, EPOCH + timedelta(milliseconds=number), number.to_bytes(10))


TENANT = an_id(Kind.TENANT)
OWNER = an_id(Kind.USER)
KEY = "k" * 10
PLENTY = 1_000_000  # requests a minute: the clock of a test stands still


def a_tenant(**changes) -> Tenant:
    given = {
        "id": TENANT,
        "name": "Ana's shop",
        "max_requests_per_minute": PLENTY,
        "created_at": EPOCH,
    }
    return Tenant(**given | changes)


def a_user(**changes) -> User:
    given = {
        "id": OWNER,
        "tenant": TENANT,
        "username": f"ana{next(_serial)}",
        "name": "Ana",
        "created_at": EPOCH,
        "updated_at": EPOCH,
    }
    return User(**given | changes)


def a_caller(**changes) -> Caller:
    given = {"tenant": TENANT, "owner": OWNER, "role": Role.USER, "key_id": KEY}
    return Caller(**given | changes)


def a_key(**changes) -> ApiKey:
    given = {
        "id": f"k{next(_serial):09d}",
        "tenant": TENANT,
        "owner": OWNER,
        "role": Role.USER,
        "secret_hmac": "0" * 64,
        "created_at": EPOCH,
    }
    return ApiKey(**given | changes)


def a_job(**changes) -> Job:
    given = {
        "id": an_id(Kind.JOB),
        "tenant": TENANT,
        "owner": OWNER,
        "kind": JobKind.UGC,
        "title": "Summer sale",
        "created_at": EPOCH,
        "updated_at": EPOCH,
    }
    return Job(**given | changes)


def a_spec(**changes) -> UgcSpec:
    return UgcSpec(**{"text_prompt": "Buy now. It is summer.", "language": "en"} | changes)


def an_asset(**changes) -> Asset:
    asset_id = an_id(Kind.ASSET)
    given = {
        "id": asset_id,
        "tenant": TENANT,
        "owner": OWNER,
        "original_filename": "beach.jpg",
        "key": f"uploads/{TENANT}/{asset_id}",
        "size_bytes": 1000,
        "content_type": "image/jpeg",
        "file_type": FileType.IMAGE,
        "sha256": f"{next(_serial):064x}",
        "created_at": EPOCH,
    }
    return Asset(**given | changes)


def a_video(**changes) -> Video:
    video_id = an_id(Kind.VIDEO)
    given = {
        "id": video_id,
        "tenant": TENANT,
        "owner": OWNER,
        "job_id": an_id(Kind.JOB),
        "title": "Summer sale",
        "key": f"videos/{TENANT}/{video_id}/film.mp4",
        "duration_seconds": 9.0,
        "width": 1080,
        "height": 1920,
        "fps": 30,
        "size_bytes": 1_000_000,
        "sha256": "a" * 64,
        "language": "en",
        "created_at": EPOCH,
    }
    return Video(**given | changes)


def a_webhook(**changes) -> Webhook:
    given = {
        "id": an_id(Kind.WEBHOOK),
        "tenant": TENANT,
        "owner": OWNER,
        "url": "https://hooks.customer.net/reelsmith",
        "created_at": EPOCH,
        "updated_at": EPOCH,
    }
    return Webhook(**given | changes)


def a_delivery(**changes) -> Delivery:
    given = {
        "id": an_id(Kind.DELIVERY),
        "tenant": TENANT,
        "webhook": an_id(Kind.WEBHOOK),
        "event": an_id(Kind.EVENT),
        "place": "0" * 16,
        "type": EventType.JOB_QUEUED,
        "begun_at": EPOCH,
        "next_at": EPOCH,
        "created_at": EPOCH,
    }
    return Delivery(**given | changes)


def a_batch(**changes) -> Batch:
    given = {
        "id": an_id(Kind.BATCH),
        "tenant": TENANT,
        "owner": OWNER,
        "role": Role.USER,
        "title": "Catalogue",
        "rows": 2,
        "created_at": EPOCH,
        "updated_at": EPOCH,
    }
    return Batch(**given | changes)


def an_entry(**changes) -> AuditEntry:
    given = {
        "tenant": TENANT,
        "entry_id": an_id(Kind.EVENT),
        "action": "job.tested",
        "resource": an_id(Kind.JOB),
        "at": EPOCH,
    }
    return by_system(**given | changes)


def a_timeline(*, scenes: int = 2, frames: int = 90, **changes) -> Timeline:
    made = tuple(
        Scene(index=n, first_frame=n * frames, frames=frames, source=Card(text=f"Scene {n}"))
        for n in range(scenes)
    )
    return Timeline(**{"width": 270, "height": 480, "scenes": made} | changes)
