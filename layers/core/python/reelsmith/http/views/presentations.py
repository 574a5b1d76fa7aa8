"""What callers send and see of presentations."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from reelsmith.domain.decks import Fidelity
from reelsmith.domain.jobs import (
    CaptionStyle,
    Codec,
    Job,
    Preset,
    Priority,
    Resolution,
    Transition,
)
from reelsmith.domain.model import Title
from reelsmith.domain.presentations import PresentationSpec
from reelsmith.domain.tasks import Task
from reelsmith.http.views.jobs import JobHead, QueueView, ResourceUsage, TaskView
from reelsmith.usecases.videos import Download
from reelsmith.usecases.waiting import Standing


class NewPresentation(PresentationSpec):
    """What a caller sends to have a deck made into a film."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Title
    priority: Priority = Priority.NORMAL

    def spec(self) -> PresentationSpec:
        """The part that describes the film."""
        return PresentationSpec.model_validate(
            self.model_dump(exclude={"kind", "title", "priority"})
        )


class PresentationView(JobHead):
    """A presentation whole: what was asked for, how far it is, and what came of it."""

    queue: QueueView | None = Field(description="its place in the queue, while it is queued")
    deck: str
    description: str | None
    language: str
    voice: str | None
    without_notes: Literal["own_words", "silence"]
    seconds_per_slide: float
    padding_seconds: float
    hold_seconds: float
    include_hidden: bool
    intro: str | None
    outro: str | None
    music: str | None
    resolution: Resolution
    captions: CaptionStyle
    transition: Transition
    quality: Preset
    codec: Codec
    hls: bool
    fresh: bool
    metadata: dict[str, Any]
    slides_count: int | None = Field(description="slides in the film, once it is made")
    fidelity: Fidelity | None = Field(description="how near they are to what their author sees")
    video_duration_seconds: float | None
    file_size_bytes: int | None
    processing_time_seconds: float | None
    video_url: str | None
    local_path: str | None = Field(description="key of the film in the deployment's bucket")
    resource_usage: ResourceUsage
    tasks: tuple[TaskView, ...]

    @classmethod
    def whole(
        cls,
        job: Job,
        spec: PresentationSpec,
        tasks: tuple[Task, ...],
        film: Download | None,
        standing: Standing | None,
    ) -> "PresentationView":
        """The view of a job: a signed URL when its film is there, its place while it waits."""
        used, result = ResourceUsage.of(job, tasks), job.result
        slides = result.slides if result else None
        return cls.model_validate(
            JobHead.of(job).model_dump()
            | spec.model_dump()
            | {
                "slides_count": slides.count if slides else None,
                "fidelity": slides.fidelity if slides else None,
                "video_duration_seconds": result.duration_seconds if result else None,
                "file_size_bytes": result.size_bytes if result else None,
                "processing_time_seconds": used.generation_time_seconds,
                "video_url": film.url if film else None,
                "local_path": film.video.key if film else None,
                "queue": QueueView.model_validate(standing) if standing else None,
                "resource_usage": used,
                "tasks": tuple(TaskView.of(task) for task in tasks),
            }
        )
