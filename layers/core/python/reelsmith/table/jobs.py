"""Jobs in the table: `ports.Jobs`. What a wish needs more than a few lines for is in `job_*`."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.job_filters import JobFilter
from reelsmith.domain.jobs import Job, Page, Stage
from reelsmith.domain.specs import Spec
from reelsmith.domain.tasks import Task
from reelsmith.domain.videos import Video
from reelsmith.errors import NotFound
from reelsmith.ports import Idempotency, Lease, Made
from reelsmith.table import (
    job_births,
    job_items,
    job_lists,
    job_moves,
    job_returns,
    job_shares,
    job_tasks,
    keys,
    once,
    work,
)
from reelsmith.table.database import Database

_ALL = JobFilter()


class JobTable:
    """`ports.Jobs` on the single table; what each method promises is said there."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def create(
        self, job: Job, spec: Spec, *, entry: AuditEntry, idempotency: Idempotency | None
    ) -> Made[Job]:
        """Store a queued job and what belongs to it. Raises KeyReused, OverQuota, NotFound."""
        return job_births.create(
            self._database, job, spec, entry=entry, idempotency=idempotency, read=self.get
        )

    def replay(self, tenant: str, idempotency: Idempotency) -> Job | None:
        """The job that this key made before, if any. Raises KeyReused."""
        job_id = once.replayed(self._database, tenant, idempotency, now=self._now())
        return self.get(tenant, job_id) if job_id else None

    def get(self, tenant: str, job_id: str) -> Job:
        """One job with its live stage and progress. Raises NotFound."""
        header, progress = keys.job(tenant, job_id), keys.job_progress(tenant, job_id)
        found = self._database.get_many([header, progress])
        if header not in found:
            raise NotFound(f"no job {job_id}")
        return job_items.live(found[header], found.get(progress))

    def get_many(self, tenant: str, job_ids: Sequence[str]) -> Mapping[str, Job]:
        """The jobs that exist among these ids, by id."""
        found = self._database.get_many([keys.job(tenant, one) for one in job_ids])
        return {job.id: job for job in job_items.all_live(self._database, tuple(found.values()))}

    def spec(self, tenant: str, job_id: str) -> Spec:
        """What was asked for. Raises NotFound."""
        item = self._database.get(keys.job_spec(tenant, job_id))
        if item is None:
            raise NotFound(f"no job {job_id}")
        return job_items.spec(item)

    def page(
        self, tenant: str, *, wanted: JobFilter = _ALL, after: str | None, limit: int
    ) -> Page:
        """Jobs that fit, newest first, from the one after `after` on; a page may come short."""
        return job_lists.page(self._database, tenant, wanted, after=after, limit=limit)

    def move(
        self,
        was: Job,
        now: Job,
        *,
        entry: AuditEntry,
        video: Video | None = None,
        lease: Lease | None = None,
    ) -> Job:
        """Write `now` where `was` still stands. Raises Conflict, NotFound, Stale."""
        fresh = job_moves.move(self._database, was, now, entry=entry, video=video, lease=lease)
        return now if fresh else self.get(was.tenant, was.id)

    def take_up(
        self, was: Job, now: Job, *, entry: AuditEntry, idempotency: Idempotency | None
    ) -> Made[Job]:
        """Let a failed job wait again. Raises Conflict, KeyReused, NotFound, OverQuota."""
        return job_returns.take_up(
            self._database, was, now, entry=entry, idempotency=idempotency, read=self.get
        )

    def ask_to_cancel(self, was: Job, *, entry: AuditEntry) -> Job:
        """Set the cancel flag of a job that is processing. Raises Conflict, NotFound."""
        job_moves.ask_to_cancel(self._database, was, entry=entry)
        return self.get(was.tenant, was.id)

    def report(
        self, tenant: str, job_id: str, *, attempt: int, stage: Stage, progress: float
    ) -> bool:
        """Note progress, never backwards; true when the job is to be cancelled. Raises Stale."""
        return job_moves.report(
            self._database,
            tenant,
            job_id,
            attempt=attempt,
            stage=stage,
            progress=progress,
            at=self._now(),
        )

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
        """Let the tasks of a stage each report what they have done of it. Raises Stale."""
        job_shares.share_out(
            self._database,
            tenant,
            job_id,
            attempt=attempt,
            stage=stage,
            begin=begin,
            end=end,
            shares=shares,
        )

    def report_share(
        self, tenant: str, job_id: str, *, attempt: int, task: int, done: int
    ) -> bool:
        """Note how much of its share a task has done; true when to be cancelled. Raises Stale."""
        return job_shares.report(
            self._database, tenant, job_id, attempt=attempt, task=task, done=done, at=self._now()
        )

    def save_task(self, tenant: str, task: Task, *, expects: Task | None) -> Task:
        """Write a task that is new or still as `expects` says. Raises NotFound, Stale."""
        job_tasks.save(self._database, tenant, task, expects=expects)
        return task

    def tasks(self, tenant: str, job_id: str) -> tuple[Task, ...]:
        """The latest attempt of each step of a job, in running order."""
        return job_tasks.of_job(self._database, tenant, job_id)

    def settled(self, tenant: str, job_id: str) -> None:
        """Forget that a finished job's folder waits for it. Raises Conflict when unfinished."""
        work.settle(self._database, tenant, job_id)

    def queued(self, *, limit: int | None = None) -> Sequence[Job]:
        """Jobs of all tenants that wait, most urgent lane first, then oldest."""
        return work.queued(self._database, limit=limit)

    def running(self) -> Sequence[Job]:
        """Jobs of all tenants that are processing."""
        return work.running(self._database)

    def unsettled(self, *, limit: int) -> Sequence[Job]:
        """Finished drop-folder jobs whose results are not in their folders yet."""
        return work.unsettled(self._database, limit=limit)
