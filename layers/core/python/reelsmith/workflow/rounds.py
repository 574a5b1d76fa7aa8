"""What the wake-up queue and the schedule set off."""

from collections.abc import Sequence
from typing import Any

from reelsmith.domain.jobs import Job
from reelsmith.ports import Deps
from reelsmith.telemetry import MetricUnit, log, measure
from reelsmith.usecases import (
    dispatching,
    exporting,
    feeding,
    sealing,
    seasons,
    sweeping,
    uploads,
    vanishing,
    waiting,
)
from reelsmith.usecases.feeding import Fed

FEED_SECONDS, ERASE_SECONDS, EXPORT_SECONDS = 10, 15, 10  # of the minute that a round has


def dispatch(deps: Deps) -> dict[str, Any]:
    """Start what may start. Called once for any number of wake-ups."""
    started = [*dispatching.start_due(deps)]
    if _feed(deps).submitted:
        started += dispatching.start_due(deps)
    deps.post.wake()  # whoever woke us has moved a job, and so may we have
    return {"started": _told(deps, started)}


def _feed(deps: Deps, *, calls_off: bool = False) -> Fed:
    fed = feeding.advance(deps, seconds=FEED_SECONDS, calls_off=calls_off)
    measure("BatchRowsFed", fed.submitted + fed.refused, MetricUnit.Count)
    return fed


def _told(deps: Deps, started: Sequence[Job]) -> int:
    for job in started:
        waited = (deps.now() - (job.queued_at or job.created_at)).total_seconds()
        measure("QueueSeconds", waited, MetricUnit.Seconds, priority=job.priority)
        log.info("job started", extra={"job_id": job.id, "attempt": job.attempt})
    return len(started)


def housekeeping(deps: Deps) -> dict[str, Any]:
    """One round through the house: mend, expire, start, and say how long the queue is."""
    swept = sweeping.sweep(deps)
    expired = uploads.expire(deps)
    _feed(deps, calls_off=True)
    seasons.advance(deps, seconds=FEED_SECONDS)
    started = _told(deps, dispatching.start_due(deps))
    deps.post.wake()
    erased = vanishing.advance(deps, seconds=ERASE_SECONDS)
    exported = exporting.advance(deps, seconds=EXPORT_SECONDS)
    queue = waiting.survey(deps)
    measure("QueueDepth", queue.waiting, MetricUnit.Count)
    measure("QueueAgeSeconds", queue.oldest_s, MetricUnit.Seconds)
    measure("Running", queue.running, MetricUnit.Count)
    measure("ErasureItems", erased.rows, MetricUnit.Count)
    measure("ErasureAgeSeconds", erased.oldest_s, MetricUnit.Seconds)
    measure("SweeperRepairs", swept.repairs.total(), MetricUnit.Count)
    for repair, times in swept.repairs.items():
        measure("SweeperRepairs", times, MetricUnit.Count, repair=repair)
    return {
        "started": started,
        "repaired": dict(swept.repairs),
        "settled": swept.settled,
        "expired": expired,
        "erased": erased.finished,
        "exported": exported,
    }


def seal(deps: Deps) -> dict[str, Any]:
    """Seal the entries of all journals that came to rest, and lay the links into the vault."""
    made = sealing.seal_due(deps)
    measure("EntriesSealed", made.entries, MetricUnit.Count)
    return {"links": made.links, "entries": made.entries, "laid": made.laid}
