"""A task: one step of a job's workflow, as the job's history shows it."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from reelsmith.domain.jobs import Failure, Job, JobStatus, Priority
from reelsmith.domain.model import Entity, Moment, Percent

MAX_RETRIES = 3


class TaskStatus(StrEnum):
    """Where a task stands. The last three are final for its attempt."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether it has ended, however it did."""
        return self not in {TaskStatus.PENDING, TaskStatus.PROCESSING}


class Place(Entity):
    """Where a task ran: the function, its memory, and the request by which its logs are found."""

    function: str
    memory_mb: int
    request_id: str


class Task(Entity):
    """One step of a job. `id` is the step's name and index, unique within the job."""

    id: str
    job_id: str
    task_type: str = Field(max_length=50)
    index: int = 0
    attempt: int = 1
    priority: Priority = Priority.NORMAL
    status: TaskStatus = TaskStatus.PENDING
    progress: Percent = 0.0
    retries: int = 0
    max_retries: int = MAX_RETRIES
    timeout_s: int
    started_at: Moment | None = None
    completed_at: Moment | None = None
    error: Failure | None = None
    place: Place | None = None
    earlier: tuple[Failure, ...] = Field(default=(), description="why each retry was needed")
    result_data: dict[str, Any] = Field(default_factory=dict)
    created_at: Moment
    updated_at: Moment

    def beside(self, job: Job) -> "Task":
        """The task as it is seen with its job: in its lane, and called off with it.

        A job that is called off ends at once. Its workers end a moment later, downloads have no
        worker, and one that was killed cannot say anything: none of them is at work any more.
        """
        seen: dict[str, object] = {"priority": job.priority}
        if job.status is JobStatus.CANCELLED and not self.status.final:
            seen |= {"status": TaskStatus.CANCELLED, "completed_at": job.completed_at}
        return self.model_copy(update=seen)


CUT_OFF = Failure(code="cut_off", detail="it ended without a word", retryable=True)
"""What is told of a try that neither finished nor failed."""


def task_id(task_type: str, index: int = 0) -> str:
    """The id of a step within its job; sorts in running order within one type."""
    return f"{index:05d}#{task_type}"
