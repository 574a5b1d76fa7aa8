"""What the use-cases ask of the outside world, and nothing more."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from reelsmith.domain.assets import Asset
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.ids import NewId
from reelsmith.domain.jobs import Job, JobStatus, Page, Stage, UgcSpec
from reelsmith.domain.people import ApiKey, Tenant
from reelsmith.domain.resources import Resources
from reelsmith.domain.speech import Speech
from reelsmith.domain.tasks import Task
from reelsmith.domain.videos import Video
from reelsmith.settings import Settings


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A caller's key for one request, and the hash of the request it stands for."""

    key: str
    fingerprint: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Created:
    """The job of a create: new, or the one that the same key made before."""

    job: Job
    replayed: bool


class Jobs(Protocol):
    """Where jobs are kept, with their specs, progress and tasks."""

    def create(
        self, job: Job, spec: UgcSpec, *, entry: AuditEntry, idempotency: Idempotency | None
    ) -> Created:
        """Store a queued job, its spec, its audit entry and its idempotency record at once.

        Raises:
            KeyReused: the key stands for another request.
            OverQuota: the tenant has `max_active_jobs` unfinished jobs.
            NotFound: there is no such tenant, or it is not active.
        """

    def replay(self, tenant: str, idempotency: Idempotency) -> Job | None:
        """The job that this key made before, if any. Raises KeyReused."""

    def get(self, tenant: str, job_id: str) -> Job:
        """One job, read consistently, with its live stage and progress. Raises NotFound."""

    def spec(self, tenant: str, job_id: str) -> UgcSpec:
        """What was asked for. Raises NotFound."""

    def page(
        self, tenant: str, *, status: JobStatus | None, after: str | None, limit: int
    ) -> Page:
        """Jobs newest first, from the one after `after` on."""

    def move(self, was: Job, now: Job, *, entry: AuditEntry, video: Video | None = None) -> Job:
        """Write `now` where `was` still stands: same status and same attempt.

        `entry.id` is the operation token: the same move told twice changes nothing twice and
        answers with the stored job. A completed job stores its `video` in the same transaction.

        Raises:
            Conflict: the job moved meanwhile, or is to be completed and was called off.
            NotFound: there is no such job.
        """

    def ask_to_cancel(self, was: Job, *, entry: AuditEntry) -> Job:
        """Set the cancel flag of a job that is processing.

        Raises:
            Conflict: the job moved meanwhile.
            NotFound: there is no such job.
        """

    def report(
        self, tenant: str, job_id: str, *, attempt: int, stage: Stage, progress: float
    ) -> bool:
        """Note progress of an attempt, never backwards; true when the job is to be cancelled.

        Raises:
            Stale: another attempt has begun, or the job is gone.
        """

    def share_out(
        self,
        tenant: str,
        job_id: str,
        *,
        attempt: int,
        stage: Stage,
        begin: float,
        end: float,
        shares: Sequence[int],
    ) -> None:
        """Let the tasks of a stage each report what they have done of it.

        `shares` is how much there is to do for each task, in units of its own such as frames; all
        of it takes the job from `begin` to `end` percent. Twice is once, until a task reports.

        Raises:
            Stale: another attempt has begun, or the job is gone.
        """

    def report_share(
        self, tenant: str, job_id: str, *, attempt: int, task: int, done: int
    ) -> bool:
        """Note how much of its share task number `task` has done, never backwards.

        What a task that is repeated does again counts once. True when the job is to be cancelled.

        Raises:
            Stale: another attempt has begun, or the job is gone.
        """

    def save_task(self, tenant: str, task: Task, *, expects: Task | None) -> Task:
        """Write a task that is new (`expects` None) or still as `expects` says.

        Raises:
            NotFound: there is no such job.
            Stale: the task belongs to a later attempt, or moved meanwhile.
        """

    def tasks(self, tenant: str, job_id: str) -> tuple[Task, ...]:
        """The tasks of a job in running order."""

    def settled(self, tenant: str, job_id: str) -> None:
        """The results of a finished drop-folder job stand in its folders; forget the reminder."""

    def queued(self, *, limit: int) -> Sequence[Job]:
        """Jobs of all tenants that wait, most urgent lane first, then oldest. May lag a moment."""

    def running(self) -> Sequence[Job]:
        """Jobs of all tenants that are processing. May lag a moment."""

    def unsettled(self, *, limit: int) -> Sequence[Job]:
        """Finished drop-folder jobs whose results are not in their folders yet."""


class Assets(Protocol):
    """Where the rows of uploaded files are kept, and the count of who uses which bytes."""

    def add(self, asset: Asset, *, entry: AuditEntry) -> Asset:
        """Store a new asset; the same id again answers with what is stored.

        Raises:
            NotFound: there is no such tenant.
        """

    def get(self, tenant: str, asset_id: str) -> Asset:
        """One asset, read consistently. Raises NotFound."""

    def get_many(self, tenant: str, asset_ids: Sequence[str]) -> Mapping[str, Asset]:
        """The assets that exist among these ids, by id."""

    def ready(self, was: Asset, now: Asset) -> Asset:
        """A waiting asset's bytes are checked and kept: count the use of its blob.

        Twice is once. Until it returns, a collector may delete the bytes: look after it.

        Raises:
            Conflict: the asset was rejected meanwhile.
            NotFound: the asset is gone.
            Unavailable: the same bytes are being deleted just now; copy them again, then retry.
        """

    def reject(self, was: Asset, now: Asset, *, entry: AuditEntry) -> Asset:
        """A waiting asset's bytes are no good. Raises Conflict when it is ready already."""

    def mark_processed(self, tenant: str, asset_ids: Sequence[str], *, job_id: str) -> None:
        """A film was made of these files."""

    def expired(self, now: datetime, *, limit: int) -> Sequence[Asset]:
        """Assets of all tenants whose time is over."""

    def remove(self, asset: Asset, *, entry: AuditEntry) -> None:
        """Delete an asset's row and its use of the blob. Twice is once."""

    def garbage(self, *, limit: int) -> Sequence[tuple[str, str]]:
        """(tenant, sha256) of blobs that may be unused."""

    def collect(self, tenant: str, sha256: str, delete: Callable[[], None]) -> bool:
        """Delete an unused blob: mark it gone, `delete`, forget it. False when it is in use."""


class Videos(Protocol):
    """Where finished films are listed. They are written by `Jobs.move`."""

    def get(self, tenant: str, video_id: str) -> Video:
        """One video. Raises NotFound."""


class People(Protocol):
    """Tenants and API keys."""

    def add_tenant(self, tenant: Tenant, *, entry: AuditEntry) -> Tenant:
        """Store a new tenant; the same id again answers with what is stored."""

    def tenant(self, tenant_id: str) -> Tenant:
        """One tenant. Raises NotFound."""

    def add_key(self, key: ApiKey, *, entry: AuditEntry) -> ApiKey:
        """Store a new key. Raises Conflict when the id is taken."""

    def key(self, key_id: str) -> ApiKey:
        """One key by the id in its token. Raises NotFound."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store says of an object. `written_at` is when its bytes were last put there."""

    key: str
    size_bytes: int
    sha256: str | None
    version: str | None
    written_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PostForm:
    """A form that lets a caller send one exact object, and nothing else."""

    url: str
    fields: Mapping[str, str]
    expires_at: datetime


class Store(Protocol):
    """Where bytes are kept, under slash-separated keys."""

    def head(self, key: str) -> Stored | None:
        """What is under `key`, or None."""

    def fetch(self, key: str, into: Path, *, version: str | None = None) -> Path:
        """Copy an object to a local file and give the file back. Raises NotFound."""

    def read(self, key: str, *, version: str | None = None, first: int | None = None) -> bytes:
        """An object's bytes, or its `first` ones. Raises NotFound."""

    def put(self, source: Path, key: str, *, content_type: str) -> Stored:
        """Copy a local file to an object, whole or not at all."""

    def write(self, body: bytes, key: str, *, content_type: str) -> Stored:
        """Make an object of bytes."""

    def copy(self, source: str, target: str, *, version: str | None = None) -> None:
        """Copy an object within the store. Raises NotFound."""

    def renew(self, key: str) -> None:
        """Let an object count as written now, for rules that go by age. Raises NotFound."""

    def delete(self, key: str) -> None:
        """Remove an object. None there is no error."""

    def list(self, prefix: str) -> Iterator[Stored]:
        """Objects below a prefix, by key."""

    def post_form(
        self, key: str, *, content_type: str, size_bytes: int, sha256: str, seconds: int
    ) -> PostForm:
        """A form for exactly these bytes under exactly this key."""

    def signed_url(self, key: str, *, filename: str, seconds: int) -> str:
        """A URL that reads one object for a while, saved by browsers as `filename`."""


class Speaker(Protocol):
    """A voice."""

    name: str

    def speak(self, text: str, *, language: str, voice: str | None, out: Path) -> Speech:
        """Say `text` into a mono 16-bit WAV at `out`, at the engine's own rate.

        Raises:
            Invalid: the engine has no voice for this language, or not the one named.
            MediaError: the engine failed on this text.
        """

    def fingerprint(self, *, language: str, voice: str | None) -> str:
        """Engine, version and voice: what beside the text decides the sound."""


@dataclass(frozen=True, slots=True)
class Run:
    """An execution as the workflow engine sees it. `error` is set when it ended badly."""

    open: bool
    succeeded: bool
    error: str = ""
    cause: str = ""


class Workflow(Protocol):
    """What runs jobs."""

    def start(self, name: str, payload: Mapping[str, Any]) -> None:
        """Start an execution; one of the same name already there is the same one."""

    def stop(self, name: str, *, cause: str) -> None:
        """Stop an execution. None there, or one that ended, is no error."""

    def look(self, name: str) -> Run | None:
        """The execution of this name, or None."""


class Waker(Protocol):
    """Tells the dispatcher that there may be work. Losing a call only costs time."""

    def __call__(self) -> None:
        """Wake it."""


class Meter(Protocol):
    """What work takes, counted from `start` on."""

    def start(self) -> None:
        """Count from here on."""

    def holds(self, folder: Path) -> None:
        """Note how much temp space a folder takes just now."""

    def read(self) -> Resources:
        """What was used so far."""


@dataclass(frozen=True, slots=True)
class Deps:
    """Everything a use-case may reach. Built by `wiring`, faked in tests."""

    settings: Settings
    jobs: Jobs
    assets: Assets
    videos: Videos
    people: People
    store: Store
    speaker: Speaker
    workflow: Workflow
    wake: Waker
    pepper: Callable[[], bytes]
    meter: Meter
    now: Callable[[], datetime]
    new_id: NewId
