"""Rows of tasks for stories about faults."""

from reelsmith.domain.tasks import Task, TaskStatus, task_id


def a_row(job, *, index=0, at, **changes) -> Task:
    """A task of the job's attempt that is at work."""
    given = {
        "id": task_id("render_scene", index),
        "job_id": job.id,
        "task_type": "render_scene",
        "index": index,
        "attempt": job.attempt,
        "timeout_s": 600,
        "status": TaskStatus.PROCESSING,
        "started_at": at,
        "created_at": at,
        "updated_at": at,
    }
    return Task(**given | changes)
