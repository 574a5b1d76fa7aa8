"""Where a queued job stands, when it is expected to start, and how that is known."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reelsmith.domain import forecasts, paces
from reelsmith.domain.admission import Bid
from reelsmith.domain.jobs import Job, JobStatus
from reelsmith.errors import Unavailable
from reelsmith.ports import Deps, Outlook
from reelsmith.usecases import dispatching

_LOOKED_AT = 1_000  # waiting jobs; more of them are not played through for a look


class Reason(StrEnum):
    """Why a job waits, or why nobody can tell for how long."""

    STARTING = "starting"
    SLOTS_TAKEN = "slots_taken"
    KEPT_FOR_URGENT = "kept_for_urgent"
    NO_HISTORY = "no_history"
    LONG_QUEUE = "long_queue"
    NOT_LISTED_YET = "not_listed_yet"


@dataclass(frozen=True, slots=True)
class Standing:
    """The place in the order of starts, 1 for the next; None where it cannot be told."""

    reason: Reason
    place: int | None = None
    estimated_start_at: datetime | None = None
    estimated_wait_s: float | None = None

    @property
    def ahead(self) -> int | None:
        """How many jobs start before it."""
        return None if self.place is None else self.place - 1


@dataclass(frozen=True, slots=True)
class Survey:
    """How many jobs wait and run, and for how long the oldest has waited."""

    waiting: int
    running: int
    oldest_s: float


def standing(deps: Deps, job: Job) -> Standing | None:
    """Where a job stands in the queue; None when it does not wait for a slot.

    It is admission itself, played on from now with the time that jobs of its kind took lately. So
    it holds while nobody else asks for anything: a job that comes may go first. It may be two
    seconds old.
    """
    if job.status is not JobStatus.QUEUED or not job.executed:
        return None
    now = deps.now()
    seen = deps.board.latest(now)
    if seen is None or (seen.whole and job.id not in seen.turns):
        seen = deps.board.put_up(_look(deps, now))
    turn = seen.turns.get(job.id)
    if turn is None:
        return Standing(Reason.NOT_LISTED_YET if seen.whole else Reason.LONG_QUEUE)
    if turn.at == seen.at:
        return Standing(Reason.STARTING, turn.place, max(now, turn.at), 0.0)
    if not seen.measured:
        return Standing(Reason.NO_HISTORY, turn.place)
    reason = Reason.KEPT_FOR_URGENT if seen.slot_free else Reason.SLOTS_TAKEN
    wait_s = max(0.0, (turn.at - now).total_seconds())
    return Standing(reason, turn.place, turn.at, round(wait_s, 1))


def survey(deps: Deps) -> Survey:
    """The queue of all tenants as it is now: what waits for a slot, and what holds one."""
    waiting = [job for job in deps.jobs.queued() if job.executed]
    running = [job for job in deps.jobs.running() if job.executed]
    now = deps.now()
    oldest = min((job.queued_at or job.created_at for job in waiting), default=now)
    return Survey(len(waiting), len(running), max(0.0, (now - oldest).total_seconds()))


def note_pace(deps: Deps, was: Job, done: Job) -> None:
    """Remember how long a job took from the start of its attempt to its end.

    A later attempt finds work of the earlier ones done, so it is no measure. An end that is told
    twice counts twice: a mean can bear that. What cannot be written just now is forgotten.
    """
    if was.attempt > 1:
        return
    took = (done.updated_at - was.updated_at).total_seconds()
    with suppress(Unavailable):
        deps.turns.note_pace(paces.name_of(done.kind, done.estimated_duration), max(0.0, took))


def _look(deps: Deps, now: datetime) -> Outlook:
    listed = deps.jobs.queued(limit=_LOOKED_AT + 1)
    if len(listed) > _LOOKED_AT:
        return Outlook(now, whole=False)
    waiting = [job for job in listed if job.executed]
    running = [job for job in deps.jobs.running() if job.executed]
    known = deps.turns.paces()
    slots = dispatching.slots_of(deps.settings)
    took = {job.id: paces.expected_s(known, job) for job in (*waiting, *running)}
    turns = forecasts.foresee(
        [Bid.waiting(job, took[job.id]) for job in waiting],
        [Bid.at_work(job, took[job.id]) for job in running],
        slots=slots,
        lately=deps.turns.service(),
        at=now,
    )
    return Outlook(
        now,
        turns,
        slot_free=len(running) < slots.total,
        measured=None not in took.values(),
    )
