"""The table against a plain model of what it promises, by two tenants, with lost answers.

Every write may lose its answer; then the same is told again, with the same entry. Hypothesis picks
a seed, the seed picks the events: its own choice among rules leaves whole kinds out of most runs.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from reelsmith.domain import ids
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.ids import Kind
from reelsmith.domain.jobs import Job, JobStatus, Priority, Stage
from reelsmith.errors import Conflict, KeyReused, OverQuota, Stale, Unavailable
from reelsmith.ports import Idempotency, Made
from tests.aws import Call, a_table
from tests.builders import EPOCH, a_job, a_spec, an_asset, an_entry
from tests.homes import at_home
from tests.table.plain_model import FINAL, OPEN, SIZE, Known, World
from tests.table.steps import as_ready, as_started

QUOTA = 2
MOST = 6  # things of a kind: moto copies the whole table for each transaction
WRITES = ("TransactWriteItems", "UpdateItem")
AGAIN = JobStatus.QUEUED
Answer = TypeVar("Answer")


class TableMachine(RuleBasedStateMachine):
    @initialize(dice=st.randoms(use_true_random=True))
    def set_up(self, dice: Random) -> None:
        self.serial = count(1_000_000)  # not those of tests.builders
        self.dice = dice
        self.lose = False
        self.moto = a_table()
        self.table = self.moto.__enter__()
        self.table.database.hook = self.maybe_lose
        self.jobs, self.assets = self.table.repositories.jobs, self.table.repositories.assets
        self.world = World([self.an_id(Kind.TENANT) for _ in range(2)])
        for tenant in self.world.tenants:
            at_home(self.table.repositories, id=tenant, max_active_jobs=QUOTA)
        for _ in range(2):
            self.keep(self.world.tenants[0], "a")

    def teardown(self) -> None:
        if not hasattr(self, "moto"):
            return
        try:
            self.callers_see_what_was_done()
        finally:
            self.moto.__exit__(None, None, None)

    @rule()
    def something_happens(self) -> None:
        events = [self.submit, self.submit, self.upload, self.keep_house]
        events += [self.remove] if self.world.assets else []
        events += [self.work, self.work] if self.world.in_status(*OPEN) else []
        events += [self.move_from_what_is_not_true] if self.world.jobs else []
        if self.world.in_status(JobStatus.PROCESSING):
            events += [self.report, self.report, self.ask_to_cancel]
        self.dice.choice(events)()

    @invariant()
    def what_is_stored_is_what_was_done(self) -> None:
        if hasattr(self, "world"):
            self.world.agrees_with(self.table.items())

    # jobs

    def submit(self) -> None:
        tenant = self.dice.choice(self.world.tenants)
        key = self.dice.choice([None, "monday", "tuesday"])
        body = self.dice.choice(["one", "one", "two"])
        earlier = self.world.keys.get((tenant, key))
        if len(self.world.jobs) == MOST and not earlier:
            return
        full = sum(known.job.status in OPEN for known in self.world.of(tenant)) >= QUOTA
        try:
            made = self.create(tenant, key, body)
        except KeyReused:
            assert earlier and earlier[0] != body
        except OverQuota:
            assert full and not earlier
        else:
            assert made.replayed or not full
            assert earlier in {None, (body, made.thing.id)}
            self.world.jobs.setdefault(made.thing.id, Known(made.thing))
            if key:
                self.world.keys[tenant, key] = (body, made.thing.id)

    def create(self, tenant: str, key: str | None, body: str) -> Made[Job]:
        job = a_job(
            id=self.an_id(Kind.JOB),
            tenant=tenant,
            priority=self.dice.choice(list(Priority)),
            drop=self.dice.choice([None, "beach"]),
        )
        request = Idempotency(key, body, EPOCH + timedelta(hours=1)) if key else None
        entry = self.an_entry(tenant, job.id)
        return self.tell(lambda: self.jobs.create(job, a_spec(), entry=entry, idempotency=request))

    def work(self) -> None:
        known = self.pick(*OPEN)
        job = known.job
        to = self.dice.choice([*FINAL, AGAIN, AGAIN])
        if job.status is JobStatus.QUEUED and to is not JobStatus.CANCELLED:
            self.begin(known)
        elif to is JobStatus.COMPLETED and job.cancel_requested:
            self.refused(job, job.moved_to(to, at=self.now()))
        else:
            reached = known.reported if job.status is JobStatus.PROCESSING else job.progress
            self.move(known, job.moved_to(to, at=self.now(), progress=reached))

    def begin(self, known: Known) -> None:
        self.move(known, as_started(known.job).model_copy(update={"updated_at": self.now()}))
        known.report_attempt, known.reported = known.job.attempt, 0
        known.cancel = known.job.cancel_requested

    def move(self, known: Known, now: Job) -> None:
        was = self.jobs.get(known.job.tenant, known.job.id)
        entry = self.an_entry(was.tenant, was.id)
        assert self.tell(lambda: self.jobs.move(was, now, entry=entry)).status is now.status
        known.job = now
        known.deeds += 1

    def move_from_what_is_not_true(self) -> None:
        job = self.pick().job
        seen, behind = self.dice.choice(OPEN), self.dice.choice([-1, 0, 1])
        if job.status is not seen or behind:
            was = job.model_copy(update={"status": seen, "attempt": job.attempt + behind})
            self.refused(was, was.moved_to(JobStatus.FAILED, at=self.now()))

    def refused(self, was: Job, now: Job) -> None:
        try:
            self.jobs.move(was, now, entry=self.an_entry(was.tenant, was.id))
        except Conflict:
            return
        raise AssertionError("a move was made that must not be")

    def report(self) -> None:
        known = self.pick(JobStatus.PROCESSING)
        job, late = known.job, self.dice.choice([0, 0, 1])
        progress = self.dice.choice([5.0, 50.0, 99.5])
        try:
            cancel = self.jobs.report(
                job.tenant,
                job.id,
                attempt=job.attempt - late,
                stage=Stage.RENDERING,
                progress=progress,
            )
        except Stale:
            assert late
        else:
            assert not late
            assert cancel == known.cancel
            known.reported = max(known.reported, progress)

    def ask_to_cancel(self) -> None:
        known = self.pick(JobStatus.PROCESSING)
        entry = self.an_entry(known.job.tenant, known.job.id)
        asked = self.tell(lambda: self.jobs.ask_to_cancel(known.job, entry=entry))
        assert asked.cancel_requested
        known.job = known.job.model_copy(update={"cancel_requested": True})
        known.cancel = True
        known.deeds += 1

    # files and housekeeping

    def upload(self) -> None:
        if len(self.world.assets) < MOST:
            self.keep(self.dice.choice(self.world.tenants), self.dice.choice("aab"))

    def keep(self, tenant: str, content: str) -> None:
        asset = an_asset(
            id=self.an_id(Kind.ASSET), tenant=tenant, sha256=content * 64, size_bytes=SIZE
        )
        entry = self.an_entry(tenant, asset.id)
        self.tell(lambda: self.assets.add(asset, entry=entry))
        arrival = self.an_entry(tenant, asset.id)
        ready = self.tell(lambda: self.assets.ready(asset, as_ready(asset), entry=arrival))
        self.world.assets[asset.id] = ready
        self.world.blobs.add((tenant, asset.sha256))

    def remove(self) -> None:
        asset = self.world.assets.pop(self.dice.choice(sorted(self.world.assets)))
        entry = self.an_entry(asset.tenant, asset.id)
        self.tell(lambda: self.assets.remove(asset, entry=entry))

    def keep_house(self) -> None:
        if self.world.in_status(*FINAL):
            known = self.pick(*FINAL)
            self.tell(lambda: self.jobs.settled(known.job.tenant, known.job.id))
            known.settled = True
        for tenant, sha256 in self.assets.garbage(limit=50):
            used = self.world.uses()[tenant, sha256] > 0
            assert self.assets.collect(tenant, sha256, lambda: None) is not used
            if not used:
                self.world.blobs.remove((tenant, sha256))
        assert all(self.world.uses()[blob] for blob in self.world.blobs)

    def callers_see_what_was_done(self) -> None:
        for known in self.world.jobs.values():
            seen = self.jobs.get(known.job.tenant, known.job.id)
            running = known.job.status is JobStatus.PROCESSING
            assert seen.status is known.job.status
            assert seen.progress == (known.reported if running else known.job.progress)
        queued = [known.job for known in self.world.in_status(JobStatus.QUEUED)]
        in_order = sorted(queued, key=lambda job: (job.priority.rank, job.id))
        assert [job.id for job in self.jobs.queued(limit=50)] == [job.id for job in in_order]
        for tenant in self.world.tenants:
            mine = sorted((known.job.id for known in self.world.of(tenant)), reverse=True)
            page = self.jobs.page(tenant, after=None, limit=50)
            assert [job.id for job in page.jobs] == mine

    # how it is told

    def maybe_lose(self, operation: str, arguments: dict[str, Any], send: Call) -> dict[str, Any]:
        answer = send()
        if self.lose and operation in WRITES:
            self.lose = False
            raise Unavailable("the answer was lost")
        return answer

    def tell(self, wish: Callable[[], Answer]) -> Answer:
        """Do it; when the answer is lost, do it again."""
        self.lose = self.dice.random() < 0.5
        try:
            return wish()
        except Unavailable:
            return wish()
        finally:
            self.lose = False

    def pick(self, *statuses: JobStatus) -> Known:
        return self.dice.choice(self.world.in_status(*(statuses or JobStatus)))

    def an_id(self, kind: Kind) -> str:
        number = next(self.serial)
        return ids.at(kind, EPOCH + timedelta(milliseconds=number), number.to_bytes(10))

    def an_entry(self, tenant: str, resource: str) -> AuditEntry:
        entry_id = self.an_id(Kind.EVENT)
        return an_entry(tenant=tenant, resource=resource, entry_id=entry_id, action="job.x")

    def now(self) -> datetime:
        return EPOCH + timedelta(milliseconds=next(self.serial))
