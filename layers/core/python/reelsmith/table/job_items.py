"""A job in parts: the slim header that moves, the spec written once, the small progress item."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from pynamodb.expressions.update import Action

from reelsmith.domain import specs
from reelsmith.domain.jobs import Job, JobStatus
from reelsmith.domain.specs import Spec
from reelsmith.table import job_shares, keys
from reelsmith.table.database import Database
from reelsmith.table.items import Item, assign, to_entity, to_item, version
from reelsmith.table.keys import Key


def work_place(job: Job) -> Key | None:
    """Where the job stands in GSI2: what is to be done about it, if anything is."""
    if job.status is JobStatus.QUEUED:
        return keys.queued(job.id, job.priority.rank)
    if job.status is JobStatus.PROCESSING:
        return keys.running(job.id, job.updated_at)
    return keys.unsettled(job.id, job.updated_at) if job.drop else None


def status_place(job: Job) -> Key:
    """Where the job stands in GSI1."""
    return keys.jobs_by_status(job.tenant, job.status, job.id)


def header(job: Job, *, op: str) -> Item:
    """The job as its header item; `op` is the token of the operation that last moved it."""
    return to_item(
        job,
        "job",
        keys.job(job.tenant, job.id),
        gsi1=status_place(job),
        gsi2=work_place(job),
        op=op,
    )


def spec(item: Item) -> Spec:
    """What a spec item asks for."""
    return to_entity(specs.stored(item), item)


def progress(job: Job) -> Item:
    """A new job's progress item: about 130 bytes, so that a report costs one unit."""
    key = keys.job_progress(job.tenant, job.id)
    return {
        keys.PK: key.pk,
        keys.SK: key.sk,
        "et": "prog",
        "sv": version("prog"),
        "attempt": job.attempt,
        "pct": 0,
        "cancel": job.cancel_requested,
    }


def fresh_progress(job: Job) -> list[Action]:
    """What makes a progress item that of an attempt which begins."""
    return [
        assign("attempt", job.attempt),
        assign("stage", job.stage),
        assign("pct", 0),
        assign("cancel", job.cancel_requested),
        assign(job_shares.BEAT, None),
        *no_shares(),
    ]


def no_shares() -> list[Action]:
    """What takes the places of parallel tasks out of a progress item."""
    return [assign(name, None) for name in (job_shares.DONE, job_shares.OF, job_shares.ROOM)]


def live(item: Item, reported: Item | None) -> Job:
    """The job of a header, with what its worker reported if it is at work on this attempt."""
    at_work = item["status"] == JobStatus.PROCESSING
    if at_work and reported and reported["attempt"] == item["attempt"]:
        seen = {
            "progress": job_shares.percent(reported),
            "stage": reported.get("stage", item.get("stage")),
            "heartbeat_at": _beat(reported),
        }
        return to_entity(Job, item | seen)
    return to_entity(Job, item)


def all_live(database: Database, headers: Sequence[Item]) -> tuple[Job, ...]:
    """The jobs of headers, in their order; progress is read for those at work only."""
    at_work = [_progress_key(item) for item in headers if item["status"] == JobStatus.PROCESSING]
    reported: Mapping[Key, Item] = database.get_many(at_work) if at_work else {}
    return tuple(live(item, reported.get(_progress_key(item))) for item in headers)


def _beat(reported: Item) -> datetime | None:
    beat = reported.get(job_shares.BEAT)
    return datetime.fromtimestamp(beat / 1000, UTC) if beat else None


def _progress_key(item: Item) -> Key:
    return keys.job_progress(item["tenant"], item["id"])
