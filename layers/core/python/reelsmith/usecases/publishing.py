"""The last task: the checked film becomes the result of its job."""

from reelsmith.domain import audit, ids
from reelsmith.domain.ids import Kind
from reelsmith.domain.jobs import CacheUse, Job, JobResult, JobStatus, Stage
from reelsmith.domain.resources import Resources
from reelsmith.domain.specs import FilmSpec, as_film
from reelsmith.domain.videos import Video
from reelsmith.errors import Conflict, NotFound
from reelsmith.ports import Deps
from reelsmith.storage import keys
from reelsmith.usecases import drops, metering, papers, waiting
from reelsmith.usecases.papers import Checked, Desk, ShootingScript
from reelsmith.usecases.progress import Reporter


def publish(deps: Deps, desk: Desk) -> Job:
    """Put the film where it stays and complete the job, in that order; twice is once.

    Raises:
        Cancelled, Stale: as `papers.at_work`; nothing was published then.
        Conflict: the job ended in this very moment.
    """
    job = papers.at_work(deps, desk)
    Reporter(deps, desk, Stage.PUBLISHING)(0)
    script = papers.take(deps, desk, papers.SCRIPT, ShootingScript)
    checked = papers.take(deps, desk, papers.CHECKED, Checked)
    spec = as_film(deps.jobs.spec(desk.tenant, desk.job_id))
    video = _video(job, spec, checked)
    deps.store.copy(desk.key(papers.FILM), video.key)
    for name in checked.beside:
        deps.store.copy(desk.key(name), keys.beside(video.key, name))
    now = deps.now()
    done = job.moved_to(
        JobStatus.COMPLETED,
        at=now,
        completed_at=now,
        stage=Stage.PUBLISHING,
        progress=100.0,
        video_id=video.id,
        result=_result(video, script, checked, _resources(deps, desk)),
    )
    entry = audit.by_system(
        job.tenant,
        entry_id=ids.derived(Kind.EVENT, job.created_at, job.id, str(job.attempt), "completed"),
        action="job.completed",
        resource=job.id,
        at=now,
        video_id=video.id,
    )
    try:
        stored = deps.jobs.move(job, done, entry=entry, video=video)
    except (Conflict, NotFound):
        _take_back(deps, job, video)
        raise
    deps.assets.mark_processed(job.tenant, list(spec.material), job_id=job.id)
    waiting.note_pace(deps, job, stored)
    deps.wake()
    if stored.drop:
        drops.settle(deps, stored)
    return stored


def _take_back(deps: Deps, job: Job, video: Video) -> None:
    """Remove a film that nobody asked for any more, unless a twin of ours completed the job."""
    try:
        wanted = deps.jobs.get(job.tenant, job.id).video_id == video.id
    except NotFound:  # called off and deleted while we worked
        wanted = False
    if not wanted:
        for name in video.beside:
            deps.store.delete(keys.beside(video.key, name))
        deps.store.delete(video.key)


def _video(job: Job, spec: FilmSpec, checked: Checked) -> Video:
    """The video of this attempt: its id follows from the attempt, so a second run is the same."""
    video_id = ids.derived(Kind.VIDEO, job.created_at, job.id, str(job.attempt))
    measured = checked.measured
    return Video(
        id=video_id,
        tenant=job.tenant,
        owner=job.owner,
        job_id=job.id,
        title=job.title,
        key=keys.film(job.tenant, video_id),
        duration_seconds=measured.duration_seconds,
        width=measured.width,
        height=measured.height,
        fps=measured.fps,
        size_bytes=measured.size_bytes,
        sha256=measured.sha256,
        language=spec.language,
        beside=checked.beside,
        metadata=spec.metadata,
        created_at=job.created_at,
    )


def _resources(deps: Deps, desk: Desk) -> Resources:
    """What all tasks of the job took until now."""
    return metering.of_job(deps.jobs.tasks(desk.tenant, desk.job_id))


def _result(
    video: Video, script: ShootingScript, checked: Checked, resources: Resources
) -> JobResult:
    measured = checked.measured
    return JobResult(
        video_id=video.id,
        duration_seconds=measured.duration_seconds,
        frames=measured.frames,
        width=measured.width,
        height=measured.height,
        size_bytes=measured.size_bytes,
        sha256=measured.sha256,
        loudness_lufs=measured.loudness_lufs,
        true_peak_dbtp=measured.true_peak_dbtp,
        av_offset_ms=measured.av_offset_ms,
        quality=checked.quality,
        voice_engine=script.timeline.voice_engine,
        scenes=len(script.timeline.scenes),
        scenes_reused=script.scenes_reused,
        cache=CacheUse(hits=len(script.parts) - len(script.missing), misses=len(script.missing)),
        resources=resources,
        slides=script.slides,
        warnings=checked.warnings,
    )
