"""What travels between states: ids and indexes. Everything else is found by them."""

from collections.abc import Iterator
from typing import Self

from pydantic import BaseModel, ConfigDict

from reelsmith.domain.jobs import Job
from reelsmith.domain.shares import Dealt, Lane, Share


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
    """A run of parts that one task renders, from `first` to before `end`."""

    index: int
    first: int
    end: int

    @property
    def share(self) -> Share:
        """The same without the run."""
        return Share(index=self.index, first=self.first, end=self.end)


class SceneTasks(SceneTask):
    """A run with the way its render tasks are to be run, and their places in the film.

    It is a task itself, the one that renders everything: a film in the lane for one has no other.
    """

    lane: str
    tasks: tuple[Share, ...]

    @classmethod
    def dealt(cls, run: RunOf, dealt: Dealt) -> Self:
        """The tasks of a film that was dealt out."""
        lane = f"{dealt.lane}-large" if dealt.large else dealt.lane
        end = max((share.end for share in dealt.shares), default=0)
        several = dealt.shares if len(dealt.shares) > 1 else ()
        return cls(**run.model_dump(), index=0, first=0, end=end, lane=lane, tasks=several)

    def each(self) -> Iterator[SceneTask]:
        """What each task is given."""
        if self.lane.startswith(Lane.ALONE):
            yield self
        for share in self.tasks:
            yield SceneTask(
                tenant=self.tenant,
                job_id=self.job_id,
                attempt=self.attempt,
                index=share.index,
                first=share.first,
                end=share.end,
            )


class Caught(Payload):
    """What Step Functions says of an error that no retry helped."""

    Error: str = "Unknown"
    Cause: str = ""


class FailedRun(RunOf):
    """A run that ended badly, as the machine's Catch hands it over."""

    error: Caught = Caught()
