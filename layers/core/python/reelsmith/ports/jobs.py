"""Where jobs are kept."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.job_filters import JobFilter
from reelsmith.domain.jobs import Job, Page, Stage
from reelsmith.domain.specs import Spec
from reelsmith.domain.tasks import Task
from reelsmith.domain.videos import Video
from reelsmith.ports.leases import Lease
from reelsmith.ports.once import Idempotency, Made

_ALL = JobFilter()


class Jobs(Protocol):
    """Where jobs are kept, with their specs, progress and tasks."""

    def create(
        self, job: Job, spec: Spec, *, entry: AuditEntry, idempotency: Idempotency | None
    ) -> Made[Job]:
        """Store a queued job, its spec, its audit entry and its idempotency record at once.

        Raises:
            KeyReused: the key stands for another request.
            OverQuota: the tenant has `max_active_jobs` unfinished jobs.
            NotFound: there is no such tenant, or it is not active.
            Conflict: it is a row of a batch, and it is not its turn.
        """

    def replay(self, tenant: str, idempotency: Idempotency) -> Job | None:
        """The job that this key made before, if any. Raises KeyReused."""

    def get(self, tenant: str, job_id: str) -> Job:
        """One job, read consistently, with its live stage and progress. Raises NotFound."""

    def get_many(self, tenant: str, job_ids: Sequence[str]) -> Mapping[str, Job]:
        """The jobs that exist among these ids, by id, read consistently."""

    def spec(self, tenant: str, job_id: str) -> Spec:
        """What was asked for. Raises NotFound."""

    def page(
        self, tenant: str, *, wanted: JobFilter = _ALL, after: str | None, limit: int
    ) -> Page:
        """Jobs that fit, newest first, from the one after `after` on.

        How many rows a page looks at is bounded: it may come back short, with a place to go on.
        """

    def move(
        self,
        was: Job,
        now: Job,
        *,
        entry: AuditEntry,
        video: Video | None = None,
        lease: Lease | None = None,
    ) -> Job:
        """Write `now` where `was` still stands: same status and same attempt.

        `entry.id` is the operation token: the same move told twice changes nothing twice and
        answers with the stored job. A completed job stores its `video` in the same transaction.
        With a `lease` the move happens only while no later one was given out.

        Raises:
            Conflict: the job moved meanwhile, or is to be completed and was called off.
            NotFound: there is no such job.
            Stale: the lease went to somebody else.
        """

    def take_up(
        self, was: Job, now: Job, *, entry: AuditEntry, idempotency: Idempotency | None
    ) -> Made[Job]:
        """Write `now`, which waits again, where the failed `was` still stands.

        It needs the room among unfinished jobs that a new one needs.

        Raises:
            Conflict: the job moved meanwhile.
            KeyReused: the key stands for another request.
            NotFound: there is no such job, or its owner or tenant makes nothing any more.
            OverQuota: the tenant has `max_active_jobs` unfinished jobs.
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

    def queued(self, *, limit: int | None = None) -> Sequence[Job]:
        """Jobs of all tenants that wait, most urgent lane first, then oldest. May lag a moment."""

    def running(self) -> Sequence[Job]:
        """Jobs of all tenants that are processing. May lag a moment."""

    def unsettled(self, *, limit: int) -> Sequence[Job]:
        """Finished drop-folder jobs whose results are not in their folders yet."""
