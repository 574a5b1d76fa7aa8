"""What callers see of a job, an upload and a video."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from reelsmith.domain.assets import Asset, AssetStatus, FileType
from reelsmith.domain.jobs import (
    CaptionStyle,
    Codec,
    Failure,
    Job,
    JobKind,
    JobResult,
    JobStatus,
    Preset,
    Priority,
    Resolution,
    Stage,
    Transition,
    UgcSpec,
)
from reelsmith.domain.model import Sha256, Title
from reelsmith.domain.tasks import Task, TaskStatus
from reelsmith.domain.videos import Access, Video
from reelsmith.ports import PostForm
from reelsmith.text import sentences
from reelsmith.usecases.papers import MANIFEST, REPORT, SRT, STREAM, VTT
from reelsmith.usecases.videos import Download


class NewJob(UgcSpec):
    """What a caller sends to ask for a film."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal[JobKind.UGC] = JobKind.UGC
    title: Title
    priority: Priority = Priority.NORMAL

    def spec(self) -> UgcSpec:
        """The part that describes the film."""
        return UgcSpec.model_validate(self.model_dump(exclude={"kind", "title", "priority"}))


class NewUpload(BaseModel):
    """What a caller announces before sending a file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    filename: str = Field(min_length=1, max_length=255)
    content_type: str = Field(min_length=3, max_length=100)
    size_bytes: int = Field(gt=0)
    sha256: Sha256


class TaskView(BaseModel):
    """One step in a job's history."""

    id: str
    task_type: str
    priority: Priority
    attempt: int
    status: TaskStatus
    progress: float
    retries: int
    max_retries: int
    timeout_s: int
    error: Failure | None
    result_data: dict[str, Any] = Field(description="what it did, and the resources that it took")
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    completed_at: datetime | None

    @classmethod
    def of(cls, task: Task) -> "TaskView":
        """The view of a task."""
        return cls.model_validate(task.model_dump())


class JobHead(BaseModel):
    """A job as lists show it."""

    id: str
    kind: JobKind
    title: str
    status: JobStatus
    stage: Stage | None
    progress: float
    priority: Priority
    attempt: int
    cancel_requested: bool
    estimated_duration: float | None
    video_id: str | None
    drop: str | None
    error: Failure | None
    error_message: str | None
    result: JobResult | None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    completed_at: datetime | None

    @classmethod
    def of(cls, job: Job) -> "JobHead":
        """The view of a job's header."""
        return cls.model_validate(job.model_dump() | {"error_message": job.error_message})


class JobView(JobHead):
    """A job whole: what was asked for, how far it is, and what came of it."""

    text_prompt: str
    description: str | None
    ugc_type: str
    images: tuple[str, ...]
    language: str
    duration_per_image: float
    resolution: Resolution
    voice: str | None
    music: str | None
    voice_over: str | None
    captions_file: str | None
    captions: CaptionStyle
    transition: Transition
    quality: Preset
    codec: Codec
    hls: bool
    fresh: bool
    metadata: dict[str, Any]
    nlp_analysis: dict[str, Any]
    video_url: str | None
    local_path: str | None = Field(description="key of the film in the deployment's bucket")
    cdn_url: str | None
    tasks: tuple[TaskView, ...]

    @classmethod
    def whole(
        cls, job: Job, spec: UgcSpec, tasks: tuple[Task, ...], film: Download | None
    ) -> "JobView":
        """The view of a job, with a signed URL when its film is there."""
        said = sentences.split(spec.text_prompt, language=spec.language)
        return cls.model_validate(
            JobHead.of(job).model_dump()
            | spec.model_dump()
            | {
                "nlp_analysis": {"language": spec.language, "sentences": said},
                "video_url": film.url if film else None,
                "local_path": film.video.key if film else None,
                "cdn_url": None,
                "tasks": tuple(TaskView.of(task) for task in tasks),
            }
        )


class JobPage(BaseModel):
    """One page of jobs, newest first."""

    data: tuple[JobHead, ...]
    next_cursor: str | None
    has_more: bool


class UploadView(BaseModel):
    """Where an upload stands; with the form to send it by, when it was just asked for."""

    id: str
    status: AssetStatus
    filename: str
    file_type: FileType
    content_type: str
    size_bytes: int
    sha256: str
    method: Literal["POST"] | None = None
    url: str | None = None
    fields: dict[str, str] | None = None
    expires_at: datetime | None = None

    @classmethod
    def of(cls, asset: Asset, form: PostForm | None = None) -> "UploadView":
        """The view of an asset."""
        seen = asset.model_dump(
            include={"id", "status", "file_type", "content_type", "size_bytes", "sha256"}
        )
        given = (
            {
                "method": "POST",
                "url": form.url,
                "fields": dict(form.fields),
                "expires_at": form.expires_at,
            }
            if form
            else {}
        )
        return cls.model_validate(seen | given | {"filename": asset.original_filename})


class CaptionFiles(BaseModel):
    """The words of a film as subtitle files."""

    srt: str
    vtt: str


class VideoView(BaseModel):
    """A finished film, with URLs that read it and what is beside it until `expires_at`."""

    id: str
    job_id: str
    title: str
    content_type: str
    duration_seconds: float
    width: int
    height: int
    fps: float
    size_bytes: int
    sha256: str
    language: str
    access: Access
    metadata: dict[str, Any]
    created_at: datetime
    download_url: str
    captions: CaptionFiles | None = Field(description="null when the film has no words")
    report_url: str | None = Field(description="the quality report, JSON")
    manifest_url: str | None = Field(description="what the film is made of, JSON")
    playlist: str | None = Field(description="path of the HLS playlist; null without a stream")
    expires_at: datetime

    @classmethod
    def of(cls, film: Download) -> "VideoView":
        """The view of a video with its fresh URLs."""
        srt, vtt = film.beside.get(SRT), film.beside.get(VTT)
        return cls.model_validate(
            film.video.model_dump()
            | {
                "download_url": film.url,
                "captions": {"srt": srt, "vtt": vtt} if srt and vtt else None,
                "report_url": film.beside.get(REPORT),
                "manifest_url": film.beside.get(MANIFEST),
                "playlist": _playlist(film.video) if STREAM in film.beside else None,
                "expires_at": film.expires_at,
            }
        )


def _playlist(video: Video) -> str:
    return f"/v1/videos/{video.id}/playlist.m3u8"


class Health(BaseModel):
    """Whether the service can do its work."""

    status: Literal["ok"]
    stage: str
    version: str
