"""Steps that stories about the table share."""

from datetime import timedelta

from reelsmith.domain.assets import Asset, AssetStatus
from reelsmith.domain.jobs import Job, JobResult, JobStatus
from reelsmith.domain.videos import Video
from reelsmith.ports import Idempotency
from tests.builders import EPOCH, a_job, a_spec, a_video, an_asset, an_entry

LATER = EPOCH + timedelta(minutes=5)


def submitted(jobs, **changes) -> Job:
    job = a_job(**changes)
    entry = an_entry(tenant=job.tenant, action="job.created", resource=job.id)
    return jobs.create(job, a_spec(), entry=entry, idempotency=None).thing


def as_started(job: Job) -> Job:
    return job.moved_to(
        JobStatus.PROCESSING, at=LATER, attempt=job.attempt + 1, started_at=job.started_at or LATER
    )


def moved(jobs, was: Job, now: Job, *, entry=None, video=None) -> Job:
    entry = entry or an_entry(tenant=was.tenant, action=f"job.{now.status}", resource=was.id)
    return jobs.move(was, now, entry=entry, video=video)


def started(jobs, job: Job | None = None, **changes) -> Job:
    job = job or submitted(jobs, **changes)
    return moved(jobs, job, as_started(job))


def ended(jobs, job: Job, status: JobStatus = JobStatus.FAILED, **changes) -> Job:
    now = job.moved_to(status, at=LATER, completed_at=LATER, **changes)
    return moved(jobs, job, now)


def a_film(job: Job) -> tuple[Job, Video]:
    """A job as its film completes it, and the film."""
    video = a_video(tenant=job.tenant, job_id=job.id)
    result = JobResult(
        video_id=video.id,
        duration_seconds=9.033333,
        frames=271,
        width=1080,
        height=1920,
        size_bytes=2_345_678,
        sha256=video.sha256,
        loudness_lufs=-14.1,
        true_peak_dbtp=-1.5,
        av_offset_ms=0.02,
        voice_engine="espeak-ng 1.52",
        scenes=6,
        scenes_reused=2,
    )
    done = job.moved_to(
        JobStatus.COMPLETED,
        at=LATER,
        progress=100,
        stage=None,
        completed_at=LATER,
        video_id=video.id,
        result=result,
    )
    return done, video


def kept(assets, asset: Asset | None = None, **changes) -> Asset:
    asset = asset or an_asset(**changes)
    waiting = assets.add(asset, entry=an_entry(tenant=asset.tenant, resource=asset.id))
    return arrived(assets, waiting)


def arrived(assets, waiting: Asset, entry=None) -> Asset:
    entry = entry or an_entry(tenant=waiting.tenant, action="asset.ready", resource=waiting.id)
    return assets.ready(waiting, as_ready(waiting), entry=entry)


def as_ready(asset: Asset) -> Asset:
    key = f"media/{asset.tenant}/{asset.sha256}"
    return asset.model_copy(update={"status": AssetStatus.READY, "key": key, "uploaded_at": LATER})


def removed(assets, asset: Asset) -> None:
    assets.remove(asset, entry=an_entry(tenant=asset.tenant, resource=asset.id))


def a_request(key: str = "monday", *, fingerprint: str = "f" * 64, hours: int = 24) -> Idempotency:
    return Idempotency(key=key, fingerprint=fingerprint, expires_at=EPOCH + timedelta(hours=hours))


def usage(table, tenant: str) -> dict[str, int]:
    names = ("jobs", "active", "n_completed", "n_failed", "n_cancelled", "files", "bytes")
    (item,) = [i for i in table.items() if (i["PK"], i["SK"]) == (f"O#{tenant}#USAGE", "0")]
    return {name: item[name] for name in names if item[name]}


def totals(table) -> dict[str, int]:
    summed: dict[str, int] = {}
    for item in table.items():
        if item["PK"].startswith("G#CNT#"):
            for name, value in item.items():
                if name not in ("PK", "SK"):
                    summed[name] = summed.get(name, 0) + value
    return {name: value for name, value in summed.items() if value}


def history(table, resource: str) -> list[str]:
    rows = [i for i in table.items() if i.get("et") == "event"]
    mine = [row for row in rows if row["resource"] == resource]
    return [row["action"] for row in sorted(mine, key=lambda row: row["SK"])]
