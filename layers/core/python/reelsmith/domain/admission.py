"""Who starts next among the jobs that wait: fair between tenants, then by lane, then by age. Pure.

The tenant that had the least of the machine goes first: what its jobs at work are expected to
take, and what remains, after decay, of what was started for it lately. Of a tenant its best lane
goes first, and in a lane who waits longest. A job rises by a lane for each quarter of an hour, up
to `high`, and an hour later it stands beside urgent ones, so that even a tenant which sends urgent
jobs without end has all of its jobs done.

Of two slots or more, one takes urgent jobs only; no other job rises into it. A tenant that has its
share of the slots yields to any other that may start a job, whatever either had lately; alone it
may have all.
"""

import math
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from reelsmith.domain.jobs import Job, Priority

UNKNOWN_S = 60.0  # what a job is taken to need while none of its kind has been measured
LANE_UP_AFTER = timedelta(minutes=15)
_IN_HIGH = 4  # quarters of an hour that a job stays in the lane of `high`
HALF_LIFE = timedelta(minutes=10)
_NOTHING_S = 1.0  # service that has decayed below this is forgotten
_REMEMBERED = 100  # tenants
_LITTLE = 1e-6

_Turn = tuple[int, datetime, str]


@dataclass(frozen=True, slots=True)
class Bid:
    """A job as admission sees it: waiting, or at work, `since` then and for so many `seconds`."""

    id: str
    tenant: str
    priority: Priority
    since: datetime
    seconds: float = UNKNOWN_S

    @classmethod
    def waiting(cls, job: Job, seconds: float | None) -> "Bid":
        """A queued job; `seconds` is what it is expected to take, None when nobody knows."""
        since = job.queued_at or job.created_at
        return cls(job.id, job.tenant, job.priority, since, seconds or UNKNOWN_S)

    @classmethod
    def at_work(cls, job: Job, seconds: float | None) -> "Bid":
        """A job that is processing."""
        return cls(job.id, job.tenant, job.priority, job.updated_at, seconds or UNKNOWN_S)

    @property
    def urgent(self) -> bool:
        """Whether it may take the slot that is kept."""
        return self.priority is Priority.URGENT

    def turn(self, at: datetime) -> _Turn:
        """Its place among those of its tenant: lane, age, and the id, so that no two are equal."""
        return self._lane(at), self.since, self.id

    def _lane(self, at: datetime) -> int:
        risen = (at - self.since) // LANE_UP_AFTER
        to_high = self.priority.rank - Priority.HIGH.rank
        if self.urgent or risen >= to_high + _IN_HIGH:
            return Priority.URGENT.rank
        return self.priority.rank - max(0, min(risen, to_high))


@dataclass(frozen=True, slots=True)
class Slots:
    """How many jobs may be at work, and how many of one tenant while others wait (0: default)."""

    total: int
    share: int = 0

    @property
    def ordinary(self) -> int:
        """How many may be at work that are not urgent."""
        return max(1, self.total - 1)

    @property
    def most_of_one(self) -> int:
        """The share of one tenant; by default all slots but one."""
        return min(self.share, self.total) or max(1, self.total - 1)


def slots_of(*, wanted: int, concurrency: int, kept: int, tasks: int) -> int:
    """How many jobs may run where so many functions may run side by side; at least one.

    `kept` functions are for what is not a job's task; a job has up to `tasks` at a time. A
    `concurrency` of 0 says that nobody knows it: what is wanted is taken.
    """
    return wanted if concurrency == 0 else max(1, min(wanted, (concurrency - kept) // tasks))


@dataclass(frozen=True, slots=True)
class Service:
    """What tenants had lately: expected seconds of started jobs, decayed to the moment `as_of`."""

    as_of: datetime
    seconds: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def none(cls) -> "Service":
        """Nothing yet."""
        return cls(datetime.min.replace(tzinfo=UTC))

    def of(self, tenant: str, at: datetime) -> float:
        """What is left of it at a moment."""
        return _left(self.seconds.get(tenant, 0.0) * _decay(self.as_of, at))

    def with_started(self, started: Iterable[Bid], *, at: datetime) -> "Service":
        """The service with jobs that were started; tenants that had next to nothing are left out.

        Of very many tenants those that had most are remembered.
        """
        had = defaultdict(float, {tenant: self.of(tenant, at) for tenant in self.seconds})
        for bid in started:
            had[bid.tenant] += bid.seconds
        most = sorted(had.items(), key=lambda one: (-one[1], one[0]))[:_REMEMBERED]
        return Service(at, {tenant: seconds for tenant, seconds in most if seconds})


class Hall:
    """Jobs that wait and jobs at work. The next to start are called in one by one."""

    def __init__(
        self, waiting: Iterable[Bid], running: Iterable[Bid], *, slots: Slots, lately: Service
    ) -> None:
        self._slots = slots
        self._had, self._as_of = defaultdict(float, lately.seconds), lately.as_of
        self._running: dict[str, Bid] = {}
        self._jobs: Counter[str] = Counter()  # at work, by tenant
        self._seconds: defaultdict[str, float] = defaultdict(float)  # which these may take
        self._urgent = 0
        self._lines: dict[str, dict[Priority, deque[Bid]]] = {}
        for bid in running:
            self._begin(bid)
        left = (bid for bid in waiting if bid.id not in self._running)
        for bid in sorted(left, key=lambda bid: (bid.since, bid.id)):
            lines = self._lines.setdefault(bid.tenant, {})
            lines.setdefault(bid.priority, deque()).append(bid)

    def call_in(self, at: datetime) -> Bid | None:
        """The next job to start, at work from now on; None when none may start."""
        if len(self._running) >= self._slots.total:
            return None
        decay = self._decay(at)
        chosen = min(self._heads(decay), key=lambda bid: bid.turn(at), default=None)
        if chosen:
            self._leave(chosen)
            self._begin(chosen)
            self._had[chosen.tenant] += chosen.seconds / decay
        return chosen

    def finish(self, bid: Bid) -> None:
        """A job is not at work any more, or was not there to be started."""
        del self._running[bid.id]
        self._urgent -= bid.urgent
        self._jobs[bid.tenant] -= 1
        self._seconds[bid.tenant] -= bid.seconds
        if not self._jobs[bid.tenant]:
            self._seconds[bid.tenant] = 0.0  # and not what rounding leaves

    def _heads(self, decay: float) -> list[Bid]:
        """Who may start next, of the tenants that had least. Who waits longest leads a line."""
        ordinary = len(self._running) - self._urgent < self._slots.ordinary
        claims = {
            tenant: self._claim(tenant, decay)
            for tenant, lines in self._lines.items()
            if ordinary or Priority.URGENT in lines
        }
        least = min(claims.values(), default=None)
        return [
            line[0]
            for tenant, claim in claims.items()
            if claim == least
            for lane, line in self._lines[tenant].items()
            if ordinary or lane is Priority.URGENT
        ]

    def _begin(self, bid: Bid) -> None:
        self._running[bid.id] = bid
        self._jobs[bid.tenant] += 1
        self._seconds[bid.tenant] += bid.seconds
        self._urgent += bid.urgent

    def _leave(self, bid: Bid) -> None:
        lines = self._lines[bid.tenant]
        lines[bid.priority].popleft()
        if not lines[bid.priority]:
            del lines[bid.priority]
        if not lines:
            del self._lines[bid.tenant]

    def _decay(self, at: datetime) -> float:
        """What is left of what tenants had; never next to nothing, for it is divided by."""
        decay = _decay(self._as_of, at)
        if decay >= _LITTLE:
            return decay
        for tenant in self._had:
            self._had[tenant] *= decay
        self._as_of = at
        return 1.0

    def _claim(self, tenant: str, decay: float) -> tuple[bool, float]:
        """What decides between tenants: who has less goes first."""
        had = _left(self._had[tenant] * decay) + self._seconds[tenant]
        return self._jobs[tenant] >= self._slots.most_of_one, had


def _decay(since: datetime, at: datetime) -> float:
    half_lives: float = max(timedelta(0), at - since) / HALF_LIFE
    return math.pow(0.5, half_lives)


def _left(seconds: float) -> float:
    return seconds if seconds >= _NOTHING_S else 0.0
