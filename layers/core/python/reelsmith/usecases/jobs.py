"""Ask for a film, look at it, call it off."""

from dataclasses import dataclass

from reelsmith.domain import audit, rights
from reelsmith.domain.assets import Asset, AssetStatus, FileType
from reelsmith.domain.ids import Kind
from reelsmith.domain.jobs import Failure, Job, JobKind, JobStatus, Priority, UgcSpec
from reelsmith.domain.people import Caller
from reelsmith.domain.rights import Act
from reelsmith.domain.tasks import Task
from reelsmith.errors import Conflict, FieldFault, Invalid
from reelsmith.ports import Deps, Made
from reelsmith.recipes import ugc
from reelsmith.usecases import uploads
from reelsmith.usecases.once import Once, record

_SEEN: tuple[FileType, ...] = (FileType.IMAGE, FileType.VIDEO)
_HEARD: tuple[FileType, ...] = (FileType.AUDIO,)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request for a film, as any entrance hands it over."""

    title: str
    spec: UgcSpec
    priority: Priority = Priority.NORMAL
    drop: str | None = None


def submit(deps: Deps, *, caller: Caller, wanted: Wanted, once: Once | None = None) -> Made[Job]:
    """Queue one film. When this returns, the job is stored and will come to an end.

    Raises:
        Forbidden: the caller makes no jobs.
        Invalid: an asset that is not there, not ready or of another type; every one is named.
        KeyReused, OverQuota, NotFound: as `Jobs.create`.
    """
    rights.require(caller, Act.JOBS_CREATE)
    if once and (earlier := replayed(deps, caller=caller, once=once)):
        return earlier
    check_material(deps, caller=caller, spec=wanted.spec)
    job = _new_job(deps, caller, wanted)
    entry = audit.by_caller(
        caller,
        entry_id=deps.new_id(Kind.EVENT),
        action="job.created",
        resource=job.id,
        at=job.created_at,
        kind=job.kind,
        priority=job.priority,
    )
    created = deps.jobs.create(
        job, wanted.spec, entry=entry, idempotency=record(deps, caller, once)
    )
    deps.wake()
    return created


def replayed(deps: Deps, *, caller: Caller, once: Once) -> Made[Job] | None:
    """The job that this key made before, if any. Raises KeyReused."""
    earlier = deps.jobs.replay(caller.tenant, record(deps, caller, once))
    return Made(earlier, replayed=True) if earlier else None


def read(deps: Deps, *, caller: Caller, job_id: str) -> tuple[Job, UgcSpec, tuple[Task, ...]]:
    """A job with what was asked for and its tasks. Raises NotFound, also for another tenant's."""
    job = deps.jobs.get(caller.tenant, job_id)
    rights.require_on(caller, Act.JOBS_READ, job, called=f"job {job_id}")
    return job, *around(deps, job)


def around(deps: Deps, job: Job) -> tuple[UgcSpec, tuple[Task, ...]]:
    """What was asked for, and the tasks of a job. Raises NotFound."""
    tasks = tuple(
        task.model_copy(update={"priority": job.priority})  # a task waits in the lane of its job
        for task in deps.jobs.tasks(job.tenant, job.id)
    )
    return deps.jobs.spec(job.tenant, job.id), tasks


def cancel(deps: Deps, *, caller: Caller, job_id: str) -> Job:
    """Call a job off, in whatever state it is. A cancelled job answers as it stands.

    Raises:
        Forbidden, NotFound: as `rights.require_on`.
        Conflict: it is completed or failed already, or moved again and again while we looked.
    """
    for _ in range(5):
        job = deps.jobs.get(caller.tenant, job_id)
        rights.require_on(caller, Act.JOBS_CANCEL, job, called=f"job {job_id}")
        if job.status is JobStatus.CANCELLED:
            return job
        try:
            return _called_off(deps, caller, job)
        except Conflict:
            if job.status.final:
                raise
    raise Conflict(f"job {job_id} is changing too fast; ask again")


def check_material(deps: Deps, *, caller: Caller, spec: UgcSpec) -> None:
    """See that every asset the spec names is there for the caller, and of the right type.

    Raises Invalid.
    """
    if spec.captions_file and not spec.voice_over:
        raise Invalid.field(
            "/captions_file",
            "there is no voice-over that it belongs to",
            remedy="name a voice_over as well, or leave it out: our voices know their times",
        )
    named = _named(spec)
    found = deps.assets.get_many(caller.tenant, [asset_id for _, asset_id, _ in named])
    faults = []
    for pointer, asset_id, wanted in named:
        asset = _visible(caller, found.get(asset_id))
        now = uploads.arrive(deps, asset) if asset else None
        fault = _fault(pointer, asset_id, now, wanted)
        if fault:
            faults.append(fault)
    if faults:
        raise Invalid("some of the material cannot be used", tuple(faults))


def _visible(caller: Caller, asset: Asset | None) -> Asset | None:
    far = rights.reach(caller.role, Act.ASSETS_READ)
    return asset if asset and rights.covers(far, caller, asset) else None


def _named(spec: UgcSpec) -> list[tuple[str, str, tuple[FileType, ...]]]:
    named = [(f"/images/{n}", asset_id, _SEEN) for n, asset_id in enumerate(spec.images)]
    if spec.music:
        named.append(("/music", spec.music, _HEARD))
    if spec.voice_over:
        named.append(("/voice_over", spec.voice_over, _HEARD))
    if spec.captions_file:
        named.append(("/captions_file", spec.captions_file, (FileType.SUBTITLES,)))
    return named


def _fault(
    pointer: str, asset_id: str, asset: Asset | None, wanted: tuple[FileType, ...]
) -> FieldFault | None:
    if asset is None:
        return FieldFault(
            pointer=pointer,
            detail=f"there is no asset {asset_id[:60]!r}",
            remedy="upload it by POST /v1/uploads and send the id that answers",
        )
    if asset.file_type not in wanted:
        return FieldFault(
            pointer=pointer,
            detail=f"{asset.original_filename!r} is a file of type {asset.file_type}",
            remedy=f"name an asset of type {' or '.join(wanted)}",
        )
    if asset.status is AssetStatus.WAITING:
        return FieldFault(
            pointer=pointer,
            detail=f"the bytes of {asset.original_filename!r} have not arrived",
            remedy="send the file with the form of its upload, then ask again",
        )
    if asset.status is AssetStatus.REJECTED:
        return FieldFault(
            pointer=pointer,
            detail=f"the content of {asset.original_filename!r} was refused",
            remedy="upload a file whose content is what its type says",
        )
    return None


def _new_job(deps: Deps, caller: Caller, wanted: Wanted) -> Job:
    now = deps.now()
    return Job(
        id=deps.new_id(Kind.JOB),
        tenant=caller.tenant,
        owner=caller.owner,
        kind=JobKind.UGC,
        title=wanted.title,
        priority=wanted.priority,
        estimated_duration=ugc.estimated_seconds(wanted.spec),
        drop=wanted.drop,
        created_at=now,
        updated_at=now,
    )


def _called_off(deps: Deps, caller: Caller, job: Job) -> Job:
    now = deps.now()
    over = job.moved_to(
        JobStatus.CANCELLED,
        at=now,
        completed_at=now,
        error=Failure(code="cancelled", detail="called off by its owner"),
    )
    if job.status is JobStatus.PROCESSING:
        # the flag first: a worker sees it with its next report, however the rest goes
        asked = audit.by_caller(
            caller,
            entry_id=deps.new_id(Kind.EVENT),
            action="job.cancel_requested",
            resource=job.id,
            at=now,
        )
        deps.jobs.ask_to_cancel(job, entry=asked)
        deps.workflow.stop(job.run, cause="called off by its owner")
    entry = audit.by_caller(
        caller,
        entry_id=deps.new_id(Kind.EVENT),
        action="job.cancelled",
        resource=job.id,
        at=now,
    )
    return deps.jobs.move(job, over.model_copy(update={"cancel_requested": True}), entry=entry)
