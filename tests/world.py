"""A small world for tests: the real use-cases on moto, and a hand-driven machine.

Only what starts executions is a stand-in: it walks the steps in the order of the state machine, in
this process, when a test tells it to. The tests in `tests/flow/test_machine.py` run the real ASL.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from reelsmith import aws
from reelsmith.domain import ids
from reelsmith.domain.ids import Kind
from reelsmith.engines.espeak import EspeakSpeaker
from reelsmith.engines.fetch import SafeFetcher
from reelsmith.engines.passwords import Argon2Passwords
from reelsmith.engines.tickets import SessionTickets
from reelsmith.errors import ReelsmithError
from reelsmith.ports import Deps, Run
from reelsmith.settings import Settings
from reelsmith.storage.s3 import S3Store
from reelsmith.telemetry import ProcessMeter
from reelsmith.workflow import endings, steps
from reelsmith.workflow.payloads import RunOf
from tests.aws import PEPPER, REGION, Clock, TestTable, a_table
from tests.builders import KEY, PLENTY, a_key, an_entry
from tests.homes import at_home

BUCKET = "reelsmith-test-media"


@dataclass
class Machine:
    """Executions by name. `drive` runs those that wait; each step may be broken by a test."""

    deps: Deps | None = None
    runs: dict[str, Run] = field(default_factory=dict)
    payloads: dict[str, dict] = field(default_factory=dict)
    before: Callable[[str], None] = lambda step: None

    def start(self, name, payload):
        if name not in self.runs:
            self.runs[name] = Run(open=True, succeeded=False)
            self.payloads[name] = json.loads(json.dumps(payload))

    def stop(self, name, *, cause):
        if name in self.runs and self.runs[name].open:
            self.runs[name] = Run(open=False, succeeded=False, error="ABORTED", cause=cause)

    def look(self, name):
        return self.runs.get(name)

    def drive(self):
        """Run every open execution to its end."""
        for name in [name for name, run in self.runs.items() if run.open]:
            self._walk(name)

    def _walk(self, name):
        given = RunOf.model_validate(self.payloads[name])
        try:
            self._steps(given)
        except ReelsmithError as error:
            said = json.dumps({"errorMessage": str(error), "errorType": type(error).__name__})
            caught = {"error": {"Error": type(error).__name__, "Cause": said}}
            endings.handle(self.deps, given.model_dump() | caught)
            self.runs[name] = Run(open=False, succeeded=False, error="FAILED")
        else:
            self.runs[name] = Run(open=False, succeeded=True)

    def _steps(self, given):
        self._step("plan", given)
        for task in self._step("narrate", given).each():
            self._step("render_scene", task)
        for step in ("assemble", "check", "publish"):
            self._step(step, given)

    def _step(self, name, given):
        self.before(name)
        return getattr(steps, name)(self.deps, given)


@dataclass
class Errands:
    """Orders that wait until a test carries them out, and for how long some were put off."""

    orders: list[dict] = field(default_factory=list)
    put_off_s: list[int] = field(default_factory=list)

    def place(self, order):
        self.orders.append(dict(order))

    def put_off(self, receipt, *, seconds):
        self.put_off_s.append(seconds)


@dataclass
class Post:
    """Letters and outcomes that wait until a test carries them, and calls for the courier."""

    letters: list[dict] = field(default_factory=list)
    outcomes: list[dict] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)

    def wake(self, *, after_s=1):
        self.calls.append(after_s)

    def order(self, letter):
        self.letters.append(json.loads(json.dumps(letter)))

    def report(self, outcome):
        self.outcomes.append(json.loads(json.dumps(outcome)))


@dataclass
class World:
    """What a test holds: the use-cases' `deps`, and the strings behind them."""

    deps: Deps
    table: TestTable
    clock: Clock
    machine: Machine
    woken: list[datetime]

    def later(self, **span):
        """Let time pass."""
        self.clock.at += timedelta(**span)


@contextmanager
def a_world(**settings) -> Iterator[World]:
    """An empty world with one tenant in it."""
    with a_table() as table:
        aws.client("s3").create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        aws.client("s3").put_bucket_versioning(
            Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
        )
        machine, woken, serial = Machine(), [], count(1)
        meter = ProcessMeter()

        def new_id(kind: Kind) -> str:
            number = next(serial)
            return ids.at(
                kind, table.clock() + timedelta(milliseconds=number), b"world" + number.to_bytes(5)
            )

        deps = Deps(
            settings=Settings(
                **{"stage": "test", "table": "reelsmith-test", "bucket": BUCKET}
                | {"open_requests_per_minute": PLENTY, "sign_ins_per_minute": PLENTY}
                | settings
            ),
            jobs=table.repositories.jobs,
            batches=table.repositories.batches,
            leases=table.repositories.leases,
            turns=table.repositories.turns,
            sweeps=table.repositories.sweeps,
            assets=table.repositories.assets,
            videos=table.repositories.videos,
            people=table.repositories.people,
            users=table.repositories.users,
            credentials=table.repositories.credentials,
            shares=table.repositories.shares,
            journal=table.repositories.journal,
            limits=table.repositories.limits,
            usage=table.repositories.usage,
            erasure=table.repositories.erasure,
            exports=table.repositories.exports,
            events=table.repositories.events,
            webhooks=table.repositories.webhooks,
            deliveries=table.repositories.deliveries,
            store=S3Store(BUCKET, meter=meter),
            speaker=EspeakSpeaker(),
            passwords=Argon2Passwords(),
            tickets=SessionTickets(lambda: PEPPER),
            workflow=machine,
            wake=lambda: woken.append(table.clock()),
            fetcher=SafeFetcher(),
            errands=Errands(),
            post=Post(),
            pepper=lambda: PEPPER,
            meter=meter,
            now=table.clock,
            new_id=new_id,
        )
        machine.deps = deps
        at_home(table.repositories)
        table.repositories.credentials.add_key(a_key(id=KEY), entry=an_entry())
        yield World(deps, table, table.clock, machine, woken)
