"""What callers send and see of jobs."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from reelsmith.domain.jobs import (
    AssetId,
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
from reelsmith.domain.tasks import Place, Task, TaskStatus
from reelsmith.http.views.problems import Problem
from reelsmith.text import sentences
from reelsmith.usecases import metering
from reelsmith.usecases.videos import Download
from reelsmith.usecases.waiting import Reason, Standing


def seconds_between(begin: datetime | None, end: datetime | None) -> float | None:
    """How long something took, if it is over; never less than nothing, whatever clocks say."""
    return max(0.0, round((end - begin).total_seconds(), 3)) if begin and end else None


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
    place: Place | None = Field(description="which function ran it last")
    earlier: tuple[Failure, ...] = Field(description="why each retry was needed")
    duration_seconds: float | None = Field(description="of its last try")
    result_data: dict[str, Any] = Field(description="what it did, and the resources that it took")
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    completed_at: datetime | None

    @classmethod
    def of(cls, task: Task) -> "TaskView":
        """The view of a task."""
        took = seconds_between(task.started_at, task.completed_at)
        return cls.model_validate(task.model_dump() | {"duration_seconds": took})


class ResourceUsage(BaseModel):
    """What a job took, all attempts and tasks together. A megabyte is 2**20 bytes."""

    generation_time_seconds: float | None = Field(
        description="from its first start to its end; null until then"
    )
    peak_memory_mb: int
    disk_space_used_mb: int
    cpu_time_seconds: float

    @classmethod
    def of(cls, job: Job, tasks: tuple[Task, ...]) -> "ResourceUsage":
        """What the rows of a job's tasks tell."""
        took = metering.of_job(tasks)
        return cls(
            generation_time_seconds=seconds_between(job.started_at, job.completed_at),
            peak_memory_mb=took.peak_memory_mb,
            disk_space_used_mb=took.temp_mb,
            cpu_time_seconds=took.cpu_seconds,
        )


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
    batch: str | None = Field(description="id of the batch that it is a row of")
    row: int | None = Field(description="its number there, from 0")
    error: Failure | None
    error_message: str | None
    result: JobResult | None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    heartbeat_at: datetime | None = Field(
        description="when its work last went on, while it is at work"
    )
    completed_at: datetime | None

    @classmethod
    def of(cls, job: Job) -> "JobHead":
        """The view of a job's header."""
        return cls.model_validate(job.model_dump() | {"error_message": job.error_message})


class QueueView(BaseModel):
    """Where a job that waits stands. It may be two seconds old."""

    model_config = ConfigDict(from_attributes=True)

    place: int | None = Field(description="in the order of starts, 1 for the next one")
    ahead: int | None = Field(description="jobs that start before it, as things are")
    estimated_start_at: datetime | None = Field(
        description="by the time that jobs of its kind took lately; jobs that come may go first"
    )
    estimated_wait_s: float | None
    reason: Reason = Field(
        description="why it waits; `no_history`, `long_queue` and `not_listed_yet` say why"
        " nobody can tell for how long"
    )


class JobView(JobHead):
    """A job whole: what was asked for, how far it is, and what came of it."""

    queue: QueueView | None = Field(description="its place in the queue, while it is queued")
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
    resource_usage: ResourceUsage
    tasks: tuple[TaskView, ...]

    @classmethod
    def whole(
        cls,
        job: Job,
        spec: UgcSpec,
        tasks: tuple[Task, ...],
        film: Download | None,
        standing: Standing | None,
    ) -> "JobView":
        """The view of a job: a signed URL when its film is there, its place while it waits."""
        said = sentences.split(spec.text_prompt, language=spec.language)
        return cls.model_validate(
            JobHead.of(job).model_dump()
            | spec.model_dump()
            | {
                "nlp_analysis": {"language": spec.language, "sentences": said},
                "video_url": film.url if film else None,
                "local_path": film.video.key if film else None,
                "cdn_url": None,
                "queue": QueueView.model_validate(standing) if standing else None,
                "resource_usage": ResourceUsage.of(job, tasks),
                "tasks": tuple(TaskView.of(task) for task in tasks),
            }
        )


class JobPage(BaseModel):
    """One page of jobs, newest first. It may be short, even empty, and still not be the last."""

    data: tuple[JobHead, ...]
    next_cursor: str | None
    has_more: bool


class SomeJobs(BaseModel):
    """Jobs to do the same with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ids: Annotated[tuple[AssetId, ...], Field(min_length=1, max_length=100)]


class JobOutcome(BaseModel):
    """What came of one of several jobs."""

    id: str
    status: int = Field(description="the status that a request for this job alone had got")
    job: JobHead | None = Field(default=None, description="the job, where it went well")
    problem: Problem | None = Field(default=None, description="why not, where it did not")


class JobOutcomes(BaseModel):
    """What came of each of several jobs, in the order of the request."""

    results: tuple[JobOutcome, ...]
