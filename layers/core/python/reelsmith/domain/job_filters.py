"""Which jobs a list shows, and the words that callers may say it with."""

from reelsmith.domain.jobs import Job, JobKind, JobStatus, Priority, Stage
from reelsmith.domain.model import Entity, Moment
from reelsmith.errors import Invalid


class JobFilter(Entity):
    """Which jobs a list shows. What is None does not matter.

    `owner` says where they are looked for: among a user's things, or among all of the tenant.
    """

    owner: str | None = None
    status: JobStatus | None = None
    stage: Stage | None = None
    kind: JobKind | None = None
    priority: Priority | None = None
    created_after: Moment | None = None
    created_before: Moment | None = None

    def fits(self, job: Job) -> bool:
        """Whether the list shows it. A job is made at `created_after`, and before the other."""
        return (
            self.owner in (None, job.owner)
            and self.status in (None, job.status)
            and self.stage in (None, job.stage)
            and self.kind in (None, job.kind)
            and self.priority in (None, job.priority)
            and (self.created_after is None or job.created_at >= self.created_after)
            and (self.created_before is None or job.created_at < self.created_before)
        )


_OLDER_WORDS = {
    "pending": JobStatus.QUEUED,
    "preparing_images": JobStatus.PROCESSING,
    "media_generation": JobStatus.PROCESSING,
    "video_composition": JobStatus.PROCESSING,
    "generating": JobStatus.PROCESSING,
    "extracting_audio": JobStatus.PROCESSING,
    "transcribing": JobStatus.PROCESSING,
    "summarizing": JobStatus.PROCESSING,
    "indexing": JobStatus.PROCESSING,
}
"""What earlier systems called the states of a job. A stage that we have means that stage alone."""

STATUS_WORDS = (*JobStatus, *sorted({*Stage, *_OLDER_WORDS}))


def status_of(word: str) -> tuple[JobStatus, Stage | None]:
    """The status that a word means, in whatever case; with a stage when it is that of a stage.

    Raises:
        Invalid: it means none.
    """
    said = word.strip().lower()
    if said in set(JobStatus):
        return JobStatus(said), None
    if said in set(Stage):
        return JobStatus.PROCESSING, Stage(said)
    if said in _OLDER_WORDS:
        return _OLDER_WORDS[said], None
    raise Invalid.field(
        "?status", "this is no status of a job", remedy=f"send one of {', '.join(JobStatus)}"
    )
