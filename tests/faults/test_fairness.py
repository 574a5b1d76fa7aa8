"""F13: one tenant floods the queue; the others notice nothing. The real dispatcher, a fake clock.

`REELSMITH_FAULTS=long` sends 600 jobs instead of 80.
"""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from heapq import heappop, heappush
from itertools import count

import pytest

from reelsmith.domain.ids import Kind
from reelsmith.domain.jobs import JobStatus, Priority
from reelsmith.usecases import dispatching, waiting
from tests.builders import EPOCH, a_job, a_spec, an_entry, an_id
from tests.faults.figures import LONG
from tests.homes import at_home
from tests.world import a_world

FLOOD, SLOTS, SPAN_S, APART_S = (600, 20, 1500, 60) if LONG else (80, 5, 300, 150)
URGENT = 0.1 if LONG else 0.25  # of the others' jobs
TENANTS = 5
_SHORTEST_S, _LONGEST_S = 40.0, 80.0


@dataclass(frozen=True)
class Wish:
    """A job that somebody sends."""

    at_s: float
    tenant: str
    priority: Priority
    seconds: float


@dataclass
class Seen:
    """How long jobs waited, in seconds, and whether a slot was free when an urgent one came."""

    loud: list[float] = field(default_factory=list)
    others: list[float] = field(default_factory=list)
    urgent: list[float] = field(default_factory=list)
    urgent_with_room: list[float] = field(default_factory=list)
    ends_s: float = 0.0
    most_at_once: int = 0

    def note(self, wish, waited_s, loud, *, room):
        (self.loud if wish.tenant == loud else self.others).append(waited_s)
        if wish.priority is Priority.URGENT:
            self.urgent.append(waited_s)
            if room:
                self.urgent_with_room.append(waited_s)


def wishes(loud, quiet, seed):
    """The flood at once, and from each of the others a job every now and then."""
    dice = random.Random(seed)
    sent = [
        Wish(0.0, loud, Priority.LOW if n % 3 else Priority.NORMAL, _seconds(dice))
        for n in range(FLOOD)
    ]
    for tenant in quiet:
        at_s = dice.uniform(1, 60)
        while at_s < SPAN_S:
            lane = Priority.URGENT if dice.random() < URGENT else Priority.NORMAL
            sent.append(Wish(at_s, tenant, lane, _seconds(dice)))
            at_s += dice.expovariate(1 / APART_S)
    return sorted(sent, key=lambda wish: wish.at_s)


def _seconds(dice):
    return dice.uniform(_SHORTEST_S, _LONGEST_S)


class Play:
    """What happens in the order of time: jobs come, the dispatcher is woken, jobs finish."""

    def __init__(self, world, sent, loud):
        self._world, self._sent, self._loud = world, sent, loud
        self._wishes, self._room, self._ends = {}, {}, []
        self._running, self._serial = {}, count()
        self.seen = Seen()

    def run(self):
        for number, wish in enumerate(self._sent):
            heappush(self._ends, (wish.at_s, number - len(self._sent), wish))
        while self._ends:
            self._step()
        return self.seen

    def _step(self):
        at_s, _, what = heappop(self._ends)
        self._world.clock.at = EPOCH + timedelta(seconds=at_s)
        if isinstance(what, Wish):
            self._come(what)
        else:
            self._finish(what)
        together = self._ends and self._ends[0][0] == at_s
        if not together:
            for job in dispatching.start_due(self._world.deps):
                self._began(job, at_s)
        self.seen.most_at_once = max(self.seen.most_at_once, len(self._running))

    def _come(self, wish):
        now = self._world.clock.at
        job = a_job(tenant=wish.tenant, priority=wish.priority, created_at=now, updated_at=now)
        entry = an_entry(tenant=wish.tenant, resource=job.id)
        self._world.deps.jobs.create(job, a_spec(), entry=entry, idempotency=None)
        self._wishes[job.id] = wish
        self._room[job.id] = len(self._running) < SLOTS

    def _began(self, job, at_s):
        wish = self._wishes[job.id]
        self._running[job.id] = job
        self.seen.note(wish, at_s - wish.at_s, self._loud, room=self._room[job.id])
        heappush(self._ends, (at_s + wish.seconds, next(self._serial), job))

    def _finish(self, job):
        now = self._world.clock.at
        done = job.moved_to(JobStatus.COMPLETED, at=now, completed_at=now)
        self._world.deps.jobs.move(job, done, entry=an_entry(tenant=job.tenant, resource=job.id))
        waiting.note_pace(self._world.deps, job, done)
        del self._running[job.id]
        self.seen.ends_s = (now - EPOCH).total_seconds()


def first_come_first_served(sent, loud):
    """The same jobs in a plain queue."""
    free = [0.0] * SLOTS
    seen = Seen()
    for wish in sent:
        begins = max(wish.at_s, heappop(free))
        heappush(free, begins + wish.seconds)
        seen.note(wish, begins - wish.at_s, loud, room=False)
        seen.ends_s = max(seen.ends_s, begins + wish.seconds)
    return seen


def p95(waits):
    return sorted(waits)[int(0.95 * len(waits))] if waits else 0.0


def told(seen):
    """Waits in seconds, and how many jobs waited."""
    waits = {
        "others": seen.others,
        "urgent": seen.urgent,
        "urgent_with_a_slot_free": seen.urgent_with_room,
        "flood": seen.loud,
    }
    numbers = {"s_until_all_are_done": round(seen.ends_s)}
    for who, waited in waits.items():
        numbers[f"jobs_of_{who}"] = len(waited)
        numbers[f"s_p95_wait_of_{who}"] = round(p95(waited))
    return numbers


@pytest.fixture
def world():
    with a_world(max_running=SLOTS) as made:
        yield made


def test_a_flood_of_one_tenant_makes_the_others_wait_for_no_more_than_a_job(world, figures):
    homes = [
        at_home(world.table.repositories, id=an_id(Kind.TENANT), max_active_jobs=FLOOD)
        for _ in range(TENANTS + 1)
    ]
    loud, *quiet = (home.id for home in homes)
    sent = wishes(loud, quiet, seed=1)

    ours, plain = Play(world, sent, loud).run(), first_come_first_served(sent, loud)

    figures.count("F13 fair", **told(ours))
    figures.count("F13 first come, first served", **told(plain))
    assert p95(ours.others) <= _LONGEST_S
    assert p95(ours.urgent_with_room) == 0
    assert ours.most_at_once <= SLOTS
    assert len(ours.loud) == FLOOD
    assert ours.ends_s <= 1.05 * plain.ends_s * SLOTS / (SLOTS - 1)  # what the kept slot costs
    assert p95(plain.others) > 5 * p95(ours.others)
