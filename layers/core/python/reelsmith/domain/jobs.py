"""A job: one promise to make one thing, and the moves it may make."""

import json
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints

from reelsmith.domain.decks import SlidesShown
from reelsmith.domain.model import Entity, Language, Metadata, Moment, Percent, Title
from reelsmith.domain.quality import Quality
from reelsmith.domain.resources import Resources
from reelsmith.errors import Conflict


class JobKind(StrEnum):
    """The product lines."""

    UGC = "ugc"
    PRESENTATION = "presentation"
    SCRIPT = "script"
    BATCH = "batch"
    ANALYSIS = "analysis"


class JobStatus(StrEnum):
    """Where a job stands. The last three are final."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether nothing will happen to the job any more."""
        return self in _FINAL


class Priority(StrEnum):
    """The lane a job waits in."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        """0 for the most urgent lane."""
        return 3 - list(Priority).index(self)


class Stage(StrEnum):
    """What a job that is processing is busy with."""

    DOWNLOADING = "downloading"
    ANALYSING_PROMPT = "analysing_prompt"
    PROCESSING_SLIDES = "processing_slides"
    SYNTHESIZING_AUDIO = "synthesizing_audio"
    RENDERING = "rendering"
    ASSEMBLING_VIDEO = "assembling_video"
    CHECKING = "checking"
    PUBLISHING = "publishing"


_FINAL = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED})
_MOVES: dict[JobStatus, frozenset[JobStatus]] = {
    JobStatus.QUEUED: frozenset({JobStatus.PROCESSING, JobStatus.FAILED, JobStatus.CANCELLED}),
    JobStatus.PROCESSING: _FINAL | {JobStatus.QUEUED},
    JobStatus.COMPLETED: frozenset(),
    JobStatus.FAILED: frozenset(),
    JobStatus.CANCELLED: frozenset(),
}

ECHO_MOST_BYTES = 1 << 10
MAX_ATTEMPTS = 4  # the first try and the three retries that the product promises


class Failure(Entity):
    """Why a job or a task ended badly: a stable code, and words that a caller may read."""

    code: str
    detail: str
    task: str | None = None
    retryable: bool = False


class CacheUse(Entity):
    """How many of a film's parts were there already, and how many had to be rendered."""

    hits: int
    misses: int


class JobResult(Entity):
    """What a completed job says of its film. Everything here was measured on the finished file."""

    video_id: str
    duration_seconds: float
    frames: int
    width: int
    height: int
    size_bytes: int
    sha256: str
    loudness_lufs: float | None
    true_peak_dbtp: float | None
    av_offset_ms: float
    voice_engine: str | None
    scenes: int
    scenes_reused: int
    cache: CacheUse | None = None
    slides: SlidesShown | None = Field(default=None, description="of a presentation")
    resources: Resources | None = Field(default=None, description="what its tasks took")
    quality: Quality | None = Field(default=None, description="short form of the film's report")
    warnings: tuple[str, ...] = ()


class Job(Entity):
    """The slim header of a job: what lists show and what moves. Its spec is kept apart."""

    id: str
    tenant: str
    owner: str
    kind: JobKind
    title: Title
    status: JobStatus = JobStatus.QUEUED
    stage: Stage | None = None
    progress: Percent = 0.0
    priority: Priority = Priority.NORMAL
    attempt: int = 0
    max_attempts: int = MAX_ATTEMPTS
    papers_of: int | None = Field(
        default=None, description="the attempt whose papers the next one goes on from"
    )
    fresh_since: Moment | None = Field(
        default=None, description="what was stored before is not used for the film"
    )
    cancel_requested: bool = False
    estimated_duration: float | None = Field(default=None, description="seconds")
    video_id: str | None = None
    drop: str | None = Field(default=None, description="name of the drop folder it came by")
    batch: str | None = Field(default=None, description="id of the batch that it is a row of")
    row: int | None = Field(default=None, description="its number there, from 0")
    error: Failure | None = None
    result: JobResult | None = None
    metadata: dict[str, Any] | None = Field(
        default=None, description="the caller's own, where it is short; see `echo_of`"
    )
    created_at: Moment
    updated_at: Moment
    queued_at: Moment | None = Field(
        default=None, description="since when it waits, where a retry put it into the queue again"
    )
    started_at: Moment | None = None
    heartbeat_at: Moment | None = Field(
        default=None, description="when its work last went on, while it is processing"
    )
    completed_at: Moment | None = None

    @property
    def executed(self) -> bool:
        """Whether an execution works on it, for which it needs a slot."""
        return self.kind is not JobKind.BATCH

    @property
    def run(self) -> str:
        """The name of the execution of this attempt; a second start is refused by it."""
        return self.id if self.attempt <= 1 else f"{self.id}-r{self.attempt}"

    @property
    def error_message(self) -> str | None:
        """The reason of the failure in one line."""
        return self.error.detail if self.error else None

    def moved_to(self, status: JobStatus, *, at: Moment, **changes: Any) -> Self:  # noqa: ANN401
        """The same job in its next status, with `changes` to other fields.

        It does not end before it began, whatever the clocks of those who tell of it say.

        Raises:
            Conflict: the move is not legal.
        """
        if status not in _MOVES[self.status]:
            raise Conflict(f"job {self.id} is {self.status}, it cannot become {status}")
        ended = changes.get("completed_at")
        if ended and self.started_at:
            changes["completed_at"] = max(ended, self.started_at)
        still = {"status": status, "updated_at": at, "heartbeat_at": None}
        return self.model_copy(update={**still, **changes})

    def taken_up(self, *, at: Moment, **changes: Any) -> Self:  # noqa: ANN401
        """The failed job, waiting for another attempt, with as many tries as a new job has.

        No other operation leads out of a final status.

        Raises:
            Conflict: the job has not failed.
        """
        if self.status is not JobStatus.FAILED:
            raise Conflict(f"job {self.id} is {self.status}; only a failed job is taken up again")
        return self.model_copy(
            update={
                "status": JobStatus.QUEUED,
                "stage": None,
                "progress": 0.0,
                "error": None,
                "completed_at": None,
                "queued_at": at,
                "updated_at": at,
                "max_attempts": self.attempt + MAX_ATTEMPTS,
                **changes,
            }
        )


Seconds = Annotated[float, Field(ge=0.5, le=60)]
AssetId = Annotated[str, StringConstraints(max_length=64)]  # a bound also means: whole Unicode
Side = Annotated[int, Field(ge=128, le=3840, multiple_of=2)]


class Resolution(Entity):
    """Size of the film in pixels. Even, as yuv420p asks."""

    width: Side = 1080
    height: Side = 1920


class CaptionStyle(StrEnum):
    """How the spoken words stand on the picture."""

    POP = "pop"
    PLAIN = "plain"
    NONE = "none"


class Preset(StrEnum):
    """How much work goes into a film's size."""

    DRAFT = "draft"
    STANDARD = "standard"
    HIGH = "high"


class Codec(StrEnum):
    """How a film's pictures are coded. Everything plays H.264."""

    H264 = "h264"
    HEVC = "hevc"
    AV1 = "av1"


class Transition(StrEnum):
    """How one picture follows another."""

    CROSSFADE = "crossfade"
    CUT = "cut"


class UgcSpec(Entity):
    """What a caller asks for in a UGC ad; written once, never changed."""

    kind: Literal[JobKind.UGC] = JobKind.UGC
    text_prompt: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)
    ]
    description: str | None = Field(default=None, max_length=5_000)
    ugc_type: str = Field(default="ugc_video_ad", min_length=1, max_length=50)
    images: Annotated[tuple[AssetId, ...], Field(max_length=100)] = ()
    language: Language = "es"
    duration_per_image: Seconds = 3.0
    resolution: Resolution = Resolution()
    voice: str | None = Field(default="auto", max_length=80, description="null for no narration")
    music: AssetId | None = Field(default=None, description="asset id")
    voice_over: AssetId | None = Field(default=None, description="asset id of a ready narration")
    captions_file: AssetId | None = Field(
        default=None, description="asset id of subtitles with the times of the voice-over's words"
    )
    captions: CaptionStyle = CaptionStyle.POP
    transition: Transition = Transition.CROSSFADE
    quality: Preset = Preset.STANDARD
    codec: Codec = Codec.H264
    hls: bool = Field(default=False, description="a stream for players beside the file")
    fresh: bool = Field(default=False, description="render anew what is stored already")
    metadata: Metadata

    @property
    def material(self) -> tuple[str, ...]:
        """Ids of all assets that it names."""
        others = (self.music, self.voice_over, self.captions_file)
        return (*self.images, *(asset_id for asset_id in others if asset_id))


def echo_of(metadata: dict[str, Any]) -> dict[str, Any] | None:
    """What a header repeats of a spec's metadata, so that events have it: all of it, or nothing.

    A header is written with each move and stands in two indexes.
    """
    size = len(json.dumps(metadata, ensure_ascii=False, separators=(",", ":")).encode())
    return metadata if size <= ECHO_MOST_BYTES else None


class Page(Entity):
    """One page of jobs, newest first."""

    jobs: tuple[Job, ...]
    after: str | None = Field(default=None, description="id to go on after; null at the end")


Source = Literal["api", "drop"]
