"""The table against a plain model of what it promises, by two tenants, with lost answers.

Rules pick living things from the model, so that most of them do something. Values come from a few
small sets, so that different paths meet. Whatever is told twice is told with the same entry.
"""

from datetime import timedelta
from itertools import count

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from reelsmith.domain import ids
from reelsmith.domain.ids import Kind
from reelsmith.domain.jobs import Job, JobStatus, Priority, Stage
from reelsmith.errors import Conflict, KeyReused, OverQuota, Stale, Unavailable
from reelsmith.ports import Idempotency
from tests.aws import a_table
from tests.builders import EPOCH, a_job, a_spec, a_tenant, an_asset, an_entry
from tests.table.plain_model import FINAL, OPEN, SIZE, Known, World
from tests.table.steps import as_ready, as_started

QUOTA = 2
MOST = 6  # things of a kind: moto copies the whole table for each transaction
WRITES = ("TransactWriteItems", "UpdateItem")
ANY = st.integers(0, 11)
MAYBE = st.booleans()


class TableMachine(RuleBasedStateMachine):
    @initialize()
    def set_up(self):
        self.serial = count(1)
        self.moto = a_table()
        self.table = self.moto.__enter__()
        self.lose = False
        self.table.database.hook = self.maybe_lose
        self.jobs = self.table.repositories.jobs
        self.assets = self.table.repositories.assets
        self.world = World([self.an_id(Kind.TENANT) for _ in range(2)])
        for tenant in self.world.tenants:
            self.table.repositories.people.add_tenant(
                a_tenant(id=tenant, max_active_jobs=QUOTA), entry=self.an_entry(tenant, tenant)
            )
            self.submit(tenant, Priority.NORMAL, "monday", "one", "beach", lose=False)
        self.start(which=0, lose=False)
        self.report(which=0, progress=50.0, late=0)
        for _ in range(2):
            self.upload(who=0, content="a", lose=False)

    def teardown(self):
        if not hasattr(self, "moto"):
            return
        try:
            self.check_what_callers_see()
        finally:
            self.moto.__exit__(None, None, None)

    def maybe_lose(self, operation, arguments, send):
        answer = send()
        if self.lose and operation in WRITES:
            self.lose = False
            raise Unavailable("the answer was lost")
        return answer

    def tell(self, wish, lose):
        """Do it; when the answer is lost, do it again."""
        self.lose = lose
        try:
            return wish()
        except Unavailable:
            return wish()
        finally:
            self.lose = False

    def an_id(self, kind: Kind) -> str:
        number = next(self.serial)
        return ids.at(kind, EPOCH + timedelta(milliseconds=number), number.to_bytes(10))

    def an_entry(self, tenant: str, resource: str):
        return an_entry(
            tenant=tenant, resource=resource, entry_id=self.an_id(Kind.EVENT), action="job.x"
        )

    def now(self):
        return EPOCH + timedelta(milliseconds=next(self.serial))

    # jobs

    @precondition(lambda self: len(self.world.jobs) < MOST)
    @rule(
        who=st.integers(0, 1),
        lane=st.sampled_from(list(Priority)),
        key=st.sampled_from([None, "monday", "tuesday"]),
        drop=st.sampled_from([None, "beach"]),
        lose=MAYBE,
    )
    def create(self, who, lane, key, drop, lose):
        self.submit(self.world.tenants[who], lane, key, "one", drop, lose)

    @precondition(lambda self: self.world.keys)
    @rule(which=ANY, body=st.sampled_from(["one", "two"]), lose=MAYBE)
    def ask_again(self, which, body, lose):
        tenant, key = sorted(self.world.keys)[which % len(self.world.keys)]
        self.submit(tenant, Priority.NORMAL, key, body, None, lose)

    def submit(self, tenant, lane, key, body, drop, lose):
        job = a_job(id=self.an_id(Kind.JOB), tenant=tenant, priority=lane, drop=drop)
        request = key and Idempotency(key, body, EPOCH + timedelta(hours=1))
        entry = self.an_entry(tenant, job.id)
        earlier = self.world.keys.get((tenant, key))
        full = sum(known.job.status in OPEN for known in self.world.of(tenant)) >= QUOTA
        try:
            made = self.tell(
                lambda: self.jobs.create(job, a_spec(), entry=entry, idempotency=request), lose
            )
        except KeyReused:
            assert earlier and earlier[0] != body
            return
        except OverQuota:
            assert full and not earlier
            return
        if earlier:
            assert earlier == (body, made.job.id) and made.replayed
            return
        assert not full and made.job.id == job.id
        self.world.jobs[job.id] = Known(job)
        if key:
            self.world.keys[tenant, key] = (body, job.id)

    def move(self, known: Known, now: Job, lose: bool):
        was = self.jobs.get(known.job.tenant, known.job.id)
        entry = self.an_entry(was.tenant, was.id)
        assert self.tell(lambda: self.jobs.move(was, now, entry=entry), lose).status == now.status
        known.job = now
        known.deeds += 1

    @precondition(lambda self: self.world.in_status(JobStatus.QUEUED))
    @rule(which=ANY, lose=MAYBE)
    def start(self, which, lose):
        self.begin(self.pick(which, JobStatus.QUEUED), lose)

    def begin(self, known, lose):
        self.move(known, as_started(known.job).model_copy(update={"updated_at": self.now()}), lose)
        known.report_attempt, known.reported = known.job.attempt, 0
        known.cancel = known.job.cancel_requested

    @precondition(lambda self: self.world.in_status(JobStatus.PROCESSING))
    @rule(which=ANY, lose=MAYBE)
    def try_again(self, which, lose):
        known = self.pick(which, JobStatus.PROCESSING)
        now = known.job.moved_to(JobStatus.QUEUED, at=self.now(), progress=known.reported)
        self.move(known, now, lose)
        self.begin(known, lose)

    @precondition(lambda self: self.world.in_status(JobStatus.PROCESSING))
    @rule(which=ANY, to=st.sampled_from([*FINAL, JobStatus.QUEUED]), lose=MAYBE)
    def finish(self, which, to, lose):
        known = self.pick(which, JobStatus.PROCESSING)
        job = known.job
        if to is JobStatus.COMPLETED and job.cancel_requested:
            self.refused(job, job.moved_to(to, at=self.now()))
            return
        self.move(known, job.moved_to(to, at=self.now(), progress=known.reported), lose)

    @precondition(lambda self: self.world.in_status(JobStatus.QUEUED))
    @rule(which=ANY)
    def call_off(self, which):
        known = self.pick(which, JobStatus.QUEUED)
        self.move(known, known.job.moved_to(JobStatus.CANCELLED, at=self.now()), lose=False)

    @precondition(lambda self: self.world.jobs)
    @rule(which=ANY, seen=st.sampled_from(OPEN))
    def move_from_what_is_no_longer_true(self, which, seen):
        known = self.pick(which)
        if known.job.status is seen:
            was = known.job.model_copy(update={"attempt": known.job.attempt + 1})
        else:
            was = known.job.model_copy(update={"status": seen})
        self.refused(was, was.moved_to(JobStatus.FAILED, at=self.now()))

    @precondition(lambda self: self.world.in_status(JobStatus.PROCESSING))
    @rule(which=ANY)
    def move_from_an_attempt_that_is_over(self, which):
        job = self.pick(which, JobStatus.PROCESSING).job
        was = job.model_copy(update={"attempt": job.attempt - 1})
        self.refused(was, was.moved_to(JobStatus.FAILED, at=self.now()))

    def refused(self, was: Job, now: Job):
        try:
            self.jobs.move(was, now, entry=self.an_entry(was.tenant, was.id))
        except Conflict:
            return
        raise AssertionError("a move was made that must not be")

    @precondition(lambda self: self.world.in_status(JobStatus.PROCESSING))
    @rule(which=ANY, progress=st.sampled_from([5.0, 50.0, 99.5]), late=st.sampled_from([0, 0, 1]))
    def report(self, which, progress, late):
        known = self.pick(which, JobStatus.PROCESSING)
        job, attempt = known.job, known.report_attempt - late
        try:
            cancel = self.jobs.report(
                job.tenant, job.id, attempt=attempt, stage=Stage.RENDERING, progress=progress
            )
        except Stale:
            assert late
            return
        assert not late
        assert cancel == known.cancel
        known.reported = max(known.reported, progress)

    @precondition(lambda self: self.world.in_status(JobStatus.PROCESSING))
    @rule(which=ANY, lose=MAYBE)
    def ask_to_cancel(self, which, lose):
        known = self.pick(which, JobStatus.PROCESSING)
        entry = self.an_entry(known.job.tenant, known.job.id)
        asked = self.tell(lambda: self.jobs.ask_to_cancel(known.job, entry=entry), lose)
        assert asked.cancel_requested
        known.job = known.job.model_copy(update={"cancel_requested": True})
        known.cancel = True
        known.deeds += 1

    @precondition(lambda self: self.world.in_status(*FINAL))
    @rule(which=ANY, lose=MAYBE)
    def settle(self, which, lose):
        known = self.pick(which, *FINAL)
        self.tell(lambda: self.jobs.settled(known.job.tenant, known.job.id), lose)
        known.settled = True

    # files

    @precondition(lambda self: len(self.world.assets) < MOST)
    @rule(who=st.integers(0, 1), content=st.sampled_from("aab"), lose=MAYBE)
    def upload(self, who, content, lose):
        tenant = self.world.tenants[who]
        asset = an_asset(
            id=self.an_id(Kind.ASSET), tenant=tenant, sha256=content * 64, size_bytes=SIZE
        )
        entry = self.an_entry(tenant, asset.id)
        self.tell(lambda: self.assets.add(asset, entry=entry), lose)
        ready = self.tell(lambda: self.assets.ready(asset, as_ready(asset)), lose)
        self.world.assets[asset.id] = ready
        self.world.blobs.add((tenant, asset.sha256))

    @precondition(lambda self: self.world.assets)
    @rule(which=ANY, lose=MAYBE)
    def remove(self, which, lose):
        name = sorted(self.world.assets)[which % len(self.world.assets)]
        asset = self.world.assets.pop(name)
        entry = self.an_entry(asset.tenant, asset.id)
        self.tell(lambda: self.assets.remove(asset, entry=entry), lose)
        self.world.released.add((asset.tenant, asset.sha256))

    @precondition(lambda self: self.world.released)
    @rule()
    def collect(self):
        for tenant, sha256 in self.assets.garbage(limit=50):
            used = self.world.uses()[tenant, sha256] > 0
            assert self.assets.collect(tenant, sha256, lambda: None) is not used
            if not used:
                self.world.blobs.remove((tenant, sha256))
        assert all(self.world.uses()[blob] for blob in self.world.blobs)
        self.world.released.clear()

    # what must hold

    def pick(self, which: int, *statuses: JobStatus) -> Known:
        found = self.world.in_status(*(statuses or JobStatus))
        return found[which % len(found)]

    @invariant()
    def what_is_stored_is_what_was_done(self):
        if hasattr(self, "table"):
            self.world.agrees_with(self.table.items())

    def check_what_callers_see(self):
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
            page = self.jobs.page(tenant, status=None, after=None, limit=50)
            assert [job.id for job in page.jobs] == mine
