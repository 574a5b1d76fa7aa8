"""What callers see of jobs that fetch files."""

from typing import Any

from pydantic import Field

from reelsmith.domain.jobs import Job
from reelsmith.domain.specs import SeasonSpec
from reelsmith.domain.tasks import Task, TaskStatus
from reelsmith.http.views.jobs import JobHead, TaskView


class SeasonView(JobHead):
    """A job that fetches files: each URL is a task, in the order of `urls`."""

    batch_type: str
    urls: tuple[str, ...]
    data: dict[str, Any]
    metadata: dict[str, Any]
    assets: tuple[str, ...] = Field(description="ids of the files that came")
    warnings: tuple[str, ...] = Field(description="which URLs failed, and why")
    tasks: tuple[TaskView, ...]

    @classmethod
    def whole_season(cls, job: Job, spec: SeasonSpec, tasks: tuple[Task, ...]) -> "SeasonView":
        """The view of a job with its downloads."""
        came = (task for task in tasks if task.status is TaskStatus.COMPLETED)
        lost = (task for task in tasks if task.status is TaskStatus.FAILED and task.error)
        return cls.model_validate(
            JobHead.of(job).model_dump()
            | spec.model_dump()
            | {
                "assets": tuple(task.result_data["asset_id"] for task in came),
                "warnings": tuple(
                    f"{spec.urls[task.index]}: {task.error.detail if task.error else ''}"
                    for task in lost
                ),
                "tasks": tuple(TaskView.of(task) for task in tasks),
            }
        )
