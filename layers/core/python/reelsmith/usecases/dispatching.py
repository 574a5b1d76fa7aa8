"""Queued jobs set going while slots are free, by one dispatcher at a time."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from reelsmith.domain import admission, audit, ids, paces
from reelsmith.domain.admission import Bid, Hall, Slots
from reelsmith.domain.ids import Kind
from reelsmith.domain.jobs import Job, JobStatus
from reelsmith.errors import Conflict, NotFound, Stale
from reelsmith.ports import Deps, Lease
from reelsmith.settings import Settings
from reelsmith.telemetry import log

LEASE, LEASE_S = "dispatcher", 30
_RENEW_BEFORE = timedelta(seconds=LEASE_S / 2)
_ROUNDS = 10  # that one dispatcher makes while it is asked for more
KEPT_FUNCTIONS = ("api", "intake", "dispatch", "finalize", "courier", "deliver")
"""What has to run beside tasks, one of each: else jobs do not come, start, end, or are told of."""


def start_due(deps: Deps) -> Sequence[Job]:
    """Start queued jobs of all tenants in the order of `domain.admission`, while slots are free.

    Who finds another dispatcher at work starts nothing; the other one looks again before it ends.
    """
    now, holder = deps.now(), deps.new_id(Kind.EVENT)
    lease = deps.leases.take(LEASE, holder=holder, seconds=LEASE_S, at=now)
    started: list[Job] = []
    if lease is None:
        return started
    try:
        for _ in range(_ROUNDS):
            started.extend(_round(deps, _fresh(deps, lease)))
            if deps.leases.release(lease):
                return started
    except Stale:  # we were away for so long that another one took over
        log.warning("a dispatcher came back too late", extra={"started": len(started)})
        return started
    deps.leases.release(lease)
    deps.wake()
    return started


def start(deps: Deps, job: Job, *, lease: Lease) -> Job:
    """Begin the next attempt of a queued job.

    The row moves first, so that a slot is never given twice; should we die before the execution
    starts, the sweep starts it. One that the index lists though it runs is started once.

    Raises:
        Conflict: the job moved meanwhile.
        NotFound: it was deleted.
        Stale: another dispatcher has taken over.
    """
    now = deps.now()
    attempt = job.attempt + 1
    begun = job.moved_to(
        JobStatus.PROCESSING,
        at=now,
        attempt=attempt,
        started_at=job.started_at or now,
        progress=0.0,
    )
    entry = entry_of(deps, job, f"started-{attempt}")
    running = deps.jobs.move(job, begun, entry=entry, lease=lease)
    deps.workflow.start(running.run, payload_of(running))
    return running


def slots_of(settings: Settings) -> Slots:
    """How many jobs may be at work: what the stage wants, and the account can carry."""
    total = admission.slots_of(
        wanted=settings.max_running,
        concurrency=settings.account_concurrency,
        kept=len(KEPT_FUNCTIONS),
        tasks=settings.scene_concurrency,
    )
    return Slots(total, settings.tenant_max_running)


def entry_of(deps: Deps, job: Job, what: str) -> audit.AuditEntry:
    """The entry of a move; its id follows from the move, so a repeated one is the same one."""
    action, _, attempt = what.partition("-")
    return audit.by_system(
        job.tenant,
        entry_id=ids.derived(Kind.EVENT, job.created_at, job.id, what),
        action=f"job.{action}",
        resource=job.id,
        at=deps.now(),
        attempt=int(attempt),
    )


def payload_of(job: Job) -> dict[str, object]:
    """What the execution of a job's attempt is given."""
    return {"tenant": job.tenant, "job_id": job.id, "attempt": job.attempt}


def _round(deps: Deps, lease: Lease) -> Iterator[Job]:
    """Start what may start now, one job after the other. Raises Stale when the lease is lost."""
    now, slots = deps.now(), slots_of(deps.settings)
    running = [job for job in deps.jobs.running() if job.executed]
    if len(running) >= slots.total:
        return
    waiting = {job.id: job for job in deps.jobs.queued() if job.executed}
    if not waiting:
        return
    known, lately = deps.turns.paces(), deps.turns.service()
    hall = Hall(
        [Bid.waiting(job, paces.expected_s(known, job)) for job in waiting.values()],
        [Bid.at_work(job, paces.expected_s(known, job)) for job in running],
        slots=slots,
        lately=lately,
    )
    began = []
    while bid := hall.call_in(now):
        lease = _fresh(deps, lease)
        try:
            yield start(deps, waiting[bid.id], lease=lease)
            began.append(bid)
        except (Conflict, NotFound):
            hall.finish(bid)  # called off, or gone, since it was listed
    if began:
        deps.turns.save_service(lately.with_started(began, at=now), lease=lease)


def _fresh(deps: Deps, lease: Lease) -> Lease:
    """The lease with enough of its time to come."""
    now = deps.now()
    if lease.until - now > _RENEW_BEFORE:
        return lease
    return deps.leases.renew(lease, seconds=LEASE_S, at=now)
