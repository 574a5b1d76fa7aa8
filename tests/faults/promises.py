"""What must hold once everything has come to rest, whatever died on the way."""

from collections import Counter
from collections.abc import Iterator

from reelsmith.domain.jobs import JobStatus
from reelsmith.storage import keys as bucket
from reelsmith.table import keys
from reelsmith.table.reconcile import reconcile
from tests.builders import TENANT
from tests.world import World

_ENDINGS = ("job.completed", "job.failed", "job.cancelled")
_TAKEN_UP = ("job.resumed", "job.retried")


def broken(world: World) -> list[str]:
    """What does not hold; empty when all does."""
    return [*_stuck(world), *_told_twice(world), *_films(world), *miscounted(world)]


def miscounted(world: World) -> list[str]:
    """Counters that do not say what is there."""
    return [
        f"the counter {name} says {said} for {there}"
        for name, (said, there) in reconcile(world.table.database, TENANT).items()
    ]


def jobs(world: World) -> list[dict]:
    """The rows of all jobs."""
    return [item for item in world.table.items() if item.get("et") == "job"]


def _stuck(world: World) -> Iterator[str]:
    for job in jobs(world):
        if not JobStatus(job["status"]).final:
            yield f"{job['id']} is {job['status']}"
    for name, run in world.machine.runs.items():
        if run.open:
            yield f"the execution {name} is open"
    for job in world.deps.jobs.unsettled(limit=10):
        yield f"{job.id} is not delivered"


def _told_twice(world: World) -> Iterator[str]:
    """The journal tells of one beginning of each job, and of one end for each time it began."""
    told = Counter(
        (item["resource"], item["action"])
        for item in world.table.items()
        if item.get("et") == "event" and item[keys.PK].endswith("#H")
    )
    for job in jobs(world):
        created = told[job["id"], "job.created"]
        again = sum(told[job["id"], action] for action in _TAKEN_UP)
        ends = sum(told[job["id"], action] for action in _ENDINGS)
        if (created, ends) != (1, 1 + again):
            yield f"{job['id']} was created {created}, taken up {again} and ended {ends} times"


def _films(world: World) -> Iterator[str]:
    """A completed job has one film with its bytes, and no film is there but those."""
    rows = {item["id"]: item for item in world.table.items() if item.get("et") == "video"}
    objects = {stored.key for stored in world.deps.store.list(bucket.VIDEOS)}
    wanted = set()
    for video in rows.values():
        key = video["key"]
        wanted |= {key, *(bucket.beside(key, name) for name in video.get("beside", ()))}
    films = Counter(video["job_id"] for video in rows.values())
    for job in jobs(world):
        if films[job["id"]] != (job["status"] == JobStatus.COMPLETED):
            yield f"{job['id']} is {job['status']} and has {films[job['id']]} films"
    yield from (f"{key} has no row" for key in objects - wanted)
    yield from (f"{key} has no bytes" for key in wanted - objects)
