"""What travels between states: ids and indexes. Everything else is found by them."""

from typing import Self

from pydantic import BaseModel, ConfigDict

from reelsmith.domain.jobs import Job


class Payload(BaseModel):
    """Unknown parts are ignored, so that a running execution survives a deployment."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class RunOf(Payload):
    """One attempt of one job."""

    tenant: str
    job_id: str
    attempt: int

    @classmethod
    def of(cls, job: Job) -> Self:
        """The run of the job's current attempt."""
        return cls(tenant=job.tenant, job_id=job.id, attempt=job.attempt)


class SceneTask(RunOf):
    """A run of scenes that one task renders."""

    index: int
    scenes: tuple[int, ...]


class SceneTasks(RunOf):
    """A run with its render tasks."""

    tasks: tuple[SceneTask, ...]


class Caught(Payload):
    """What Step Functions says of an error that no retry helped."""

    Error: str = "Unknown"
    Cause: str = ""


class FailedRun(RunOf):
    """A run that ended badly, as the machine's Catch hands it over."""

    error: Caught = Caught()
