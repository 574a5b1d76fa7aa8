"""Keys of jobs, of what belongs to one, and of the places where they wait."""

from datetime import datetime

from reelsmith.table.keys.base import Key, milliseconds, shard

_RUNNING = "9"


def job_children(tenant_id: str, job_id: str) -> Key:
    """All rows of a job but its header."""
    return Key(f"O#{tenant_id}#J#{job_id}", "")


def job(tenant_id: str, job_id: str = "") -> Key:
    """A job's header, or with no id all headers of the tenant."""
    return Key(f"O#{tenant_id}", f"JOB#{job_id}")


def jobs_by_status(tenant_id: str, status: str, job_id: str = "") -> Key:
    """GSI1: the jobs of one status, or the place of one."""
    return Key(f"O#{tenant_id}#JOBS", f"{status}#{job_id}")


def queued(job_id: str, rank: int) -> Key:
    """GSI2: where a job waits in the lane of this rank."""
    return Key(f"W#JOB#{shard(job_id)}", f"{rank}#{job_id}")


def running(job_id: str, since: datetime) -> Key:
    """GSI2: where a job stands while it is processed."""
    return Key(f"W#JOB#{shard(job_id)}", f"{_RUNNING}#{milliseconds(since)}#{job_id}")


def unsettled(job_id: str, since: datetime) -> Key:
    """GSI2: where a finished drop-folder job waits for its folder."""
    return Key(f"W#DROP#{shard(job_id)}", f"{milliseconds(since)}#{job_id}")


def queue_lanes(shard_number: int, ranks: int) -> tuple[Key, str]:
    """GSI2: all lanes of a shard, from the first to the end of the last of `ranks`."""
    return Key(f"W#JOB#{shard_number}", "0#"), f"{ranks - 1}#~"


def running_lane(shard_number: int) -> Key:
    """GSI2: the jobs of a shard that are processed."""
    return Key(f"W#JOB#{shard_number}", f"{_RUNNING}#")


def drop_lane(shard_number: int) -> Key:
    """GSI2: the finished drop-folder jobs of a shard."""
    return Key(f"W#DROP#{shard_number}", "")


def job_spec(tenant_id: str, job_id: str) -> Key:
    """What was asked for."""
    return Key(f"O#{tenant_id}#J#{job_id}", "SPEC")


def job_progress(tenant_id: str, job_id: str) -> Key:
    """How far the job is."""
    return Key(f"O#{tenant_id}#J#{job_id}", "PROG")


def job_task(tenant_id: str, job_id: str, attempt: int, task_id: str) -> Key:
    """One step of one attempt."""
    return Key(f"O#{tenant_id}#J#{job_id}", f"TASK#{attempt:03d}#{task_id}")


def job_tasks(tenant_id: str, job_id: str) -> Key:
    """The steps of all attempts of a job, attempt by attempt."""
    return Key(f"O#{tenant_id}#J#{job_id}", "TASK#")
