"""Files fetched by many URLs in one job of kind `batch`: each download is a task of its own.

No execution works on such a job. It goes on in rounds, as its files arrive: a round may be cut
off anywhere, since assets have ids that follow from the job, its attempt and the place of the URL.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from reelsmith import aws
from reelsmith.domain import ids
from reelsmith.domain.assets import Asset, AssetStatus
from reelsmith.domain.ids import Kind
from reelsmith.domain.jobs import Failure, Job, JobKind, JobStatus, Stage
from reelsmith.domain.people import Caller, Role
from reelsmith.domain.specs import SeasonSpec
from reelsmith.domain.tasks import Task, TaskStatus, task_id
from reelsmith.errors import Conflict, NotFound, ReelsmithError, TooMany
from reelsmith.ports import Deps
from reelsmith.telemetry import log
from reelsmith.usecases import fetching, uploads
from reelsmith.usecases.dispatching import entry_of

TASK = "download"


def advance(deps: Deps, *, seconds: float) -> int:
    """Go on with every job of this kind; how many ended. One in trouble holds up no other."""
    until, ended = deps.now() + timedelta(seconds=seconds), 0
    for job in (*deps.jobs.queued(), *deps.jobs.running()):
        if job.kind is not JobKind.BATCH:
            continue
        if deps.now() >= until:
            break
        try:
            ended += go_on(deps, job).status.final
        except (Conflict, NotFound):
            continue  # it was called off, or another round is at it
        except (ReelsmithError, *aws.FAILURES):
            log.exception("downloads halt", extra={"job_id": job.id})
    return ended


def go_on(deps: Deps, job: Job) -> Job:
    """Order what is not ordered yet, see what came, and end the job when all has.

    Raises Conflict, NotFound when the job moved meanwhile.
    """
    job = _begun(deps, job) if job.status is JobStatus.QUEUED else job
    spec = deps.jobs.spec(job.tenant, job.id)
    if not isinstance(spec, SeasonSpec) or job.status is not JobStatus.PROCESSING:
        return job
    known = {task.index: task for task in deps.jobs.tasks(job.tenant, job.id)}
    assets = deps.assets.get_many(job.tenant, [_asset_of(task) for task in known.values()])
    seen = {n: _seen(deps, job, task, assets) for n, task in known.items()}
    seen |= _ordered(deps, job, spec, seen)
    over = [task for task in seen.values() if _is_over(job, task)]
    share = 100.0 * len(over) / len(spec.urls)
    deps.jobs.report(
        job.tenant, job.id, attempt=job.attempt, stage=Stage.DOWNLOADING, progress=share
    )
    return _ended(deps, job, over) if len(over) == len(spec.urls) else job


def _begun(deps: Deps, job: Job) -> Job:
    now, attempt = deps.now(), job.attempt + 1
    begun = job.moved_to(
        JobStatus.PROCESSING,
        at=now,
        attempt=attempt,
        stage=Stage.DOWNLOADING,
        started_at=job.started_at or now,
        progress=0.0,
    )
    return deps.jobs.move(job, begun, entry=entry_of(deps, job, f"started-{attempt}"))


def _ordered(
    deps: Deps, job: Job, spec: SeasonSpec, seen: Mapping[int, Task]
) -> Mapping[int, Task]:
    """Order the files that are not, or failed in an earlier attempt, as far as limits allow."""
    caller = Caller(tenant=job.tenant, owner=job.owner, role=Role.USER)
    made: dict[int, Task] = {}
    for n, url in enumerate(spec.urls):
        earlier = seen.get(n)
        if earlier and (earlier.attempt == job.attempt or _is_over(job, earlier)):
            continue
        asset_id = ids.derived(Kind.ASSET, job.created_at, job.id, str(job.attempt), str(n))
        try:
            asset = fetching.bring_for(deps, caller=caller, source_url=url, asset_id=asset_id)
        except TooMany:
            break  # the next round has tokens again
        now = deps.now()
        task = Task(
            id=task_id(TASK, n),
            job_id=job.id,
            task_type=TASK,
            index=n,
            attempt=job.attempt,
            status=TaskStatus.PROCESSING,
            timeout_s=int(fetching.DUE.total_seconds()),
            started_at=now,
            result_data={"url": url, "asset_id": asset.id},
            created_at=now,
            updated_at=now,
        )
        made[n] = deps.jobs.save_task(job.tenant, task, expects=earlier)
    return made


def _seen(deps: Deps, job: Job, task: Task, assets: Mapping[str, Asset]) -> Task:
    """The task of a download as its file stands now."""
    if task.status is not TaskStatus.PROCESSING or task.attempt != job.attempt:
        return task
    asset, now = assets.get(_asset_of(task)), deps.now()
    if asset and asset.status is AssetStatus.WAITING and asset.due_at and now >= asset.due_at:
        asset = uploads.reject(deps, asset, "it did not come from its URL in time")
    if asset and asset.status is AssetStatus.WAITING:
        return task
    came = asset is not None and asset.status is AssetStatus.READY
    why = (asset.refusal if asset else None) or "the file was taken away"
    now_task = task.model_copy(
        update={
            "status": TaskStatus.COMPLETED if came else TaskStatus.FAILED,
            "progress": 100.0 if came else task.progress,
            "error": None if came else Failure(code="media_error", detail=why, task=task.id),
            "completed_at": now,
            "updated_at": now,
        }
    )
    return deps.jobs.save_task(job.tenant, now_task, expects=task)


def _ended(deps: Deps, job: Job, over: Sequence[Task]) -> Job:
    came = sum(task.status is TaskStatus.COMPLETED for task in over)
    now = deps.now()
    if came:
        done = job.moved_to(
            JobStatus.COMPLETED,
            at=now,
            completed_at=now,
            stage=Stage.DOWNLOADING,
            progress=100.0,
        )
    else:
        why = Failure(
            code="downloads_failed",
            detail=f"none of {len(over)} files could be fetched; its tasks say why",
            retryable=True,
        )
        done = job.moved_to(JobStatus.FAILED, at=now, completed_at=now, error=why)
    ended = deps.jobs.move(job, done, entry=entry_of(deps, job, f"{done.status}-{job.attempt}"))
    deps.post.wake()
    return ended


def _is_over(job: Job, task: Task) -> bool:
    """Whether nothing more is to be done for a URL: what once came is not fetched again."""
    if task.status is TaskStatus.COMPLETED:
        return True
    return task.attempt == job.attempt and task.status is TaskStatus.FAILED


def _asset_of(task: Task) -> str:
    return str(task.result_data.get("asset_id", ""))
