"""F9: a job is called off in every state it can be in, and nothing is published afterwards."""

import os
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reelsmith.domain.jobs import JobStatus, Transition
from reelsmith.errors import Cancelled, Conflict, ReelsmithError
from reelsmith.storage import keys
from reelsmith.storage.s3 import S3Store
from reelsmith.table.jobs import JobTable
from reelsmith.usecases import dispatching, fanout, jobs, planning, rendering, vanishing
from reelsmith.usecases.papers import Desk
from reelsmith.workflow import endings
from tests.builders import TENANT, a_caller, an_entry
from tests.flow.test_clips import MP4, filmed
from tests.flow.test_films import made, queue, send, stored
from tests.table.steps import usage
from tests.world import a_world

QUIET = {"voice": None, "captions": "none", "transition": Transition.CUT}
CALLS = ("get", "spec", "report", "report_share", "share_out", "save_task", "move", "tasks")
WRITES = ("write", "put", "copy")


@pytest.fixture
def world():
    with a_world() as made_world:
        yield made_world


def call_off(world, job_id):
    return jobs.cancel(world.deps, caller=a_caller(), job_id=job_id)


class Watch:
    """Counts what a run asks of the table and the store, and calls its job off at one of them."""

    def __init__(self, world, patch, at=None):
        self._world, self._at, self.calls, self._busy = world, at, 0, False
        for name in CALLS:
            self._around(patch, JobTable, name)
        for name in WRITES:
            self._around(patch, S3Store, name)

    def _around(self, patch, kind, name):
        real = getattr(kind, name)

        def watched(port, *given, **named):
            self._step()
            return real(port, *given, **named)

        patch.setattr(kind, name, watched)

    def _step(self):
        if self._busy:
            return
        self._busy, self.calls = True, self.calls + 1
        if self.calls == self._at:
            with suppress(Conflict):  # it was completed a moment ago
                call_off(self._world, self._world.job.id)
        self._busy = False


class Story:
    """A short film, with everything that `Watch` needs to call it off."""

    def __init__(self, world):
        self.deps, self.table, self.machine = world.deps, world.table, world.machine
        self.job = queue(world, text_prompt="Buy.", **QUIET)
        dispatching.start_due(world.deps)

    def run(self, at=None):
        with pytest.MonkeyPatch.context() as patch:
            watch = Watch(self, patch, at)
            self.machine.drive()
        return watch.calls

    @property
    def now(self):
        return self.deps.jobs.get(TENANT, self.job.id)


@pytest.fixture(scope="module")
def calls():
    """How many calls a whole job makes: so many are the moments between two of them."""
    with a_world() as world:
        return Story(world).run()


def test_called_off_before_any_call_of_a_whole_run_nothing_is_published(calls, capsys):
    step = 1 if os.environ.get("REELSMITH_FAULTS") == "long" else 5
    moments = range(1, calls + 1, step)
    ends, published = [], 0
    for at in moments:
        with a_world() as world:
            story = Story(world)
            story.run(at)
            ends.append(story.now.status)
            if story.now.status is JobStatus.CANCELLED:
                published += len(stored(world, keys.VIDEOS))
            counted = usage(world.table, TENANT)
            assert (counted.get("active", 0), counted["jobs"]) == (0, 1), at

    cancelled = ends.count(JobStatus.CANCELLED)
    with capsys.disabled():
        sys.stdout.write(
            f"\nF9: called off at {len(ends)} of {calls} moments of a run: {cancelled} cancelled,"
            f" {ends.count(JobStatus.COMPLETED)} completed before, {published} films published\n"
        )
    assert set(ends) <= {JobStatus.CANCELLED, JobStatus.COMPLETED}
    assert ends == sorted(ends)  # once completed, at all later moments too
    assert cancelled > 0.8 * len(ends)
    assert published == 0


def test_a_job_is_called_off_before_it_starts(world):
    job = queue(world)
    assert call_off(world, job.id).status is JobStatus.CANCELLED
    assert dispatching.start_due(world.deps) == []
    assert usage(world.table, TENANT) == {"jobs": 1, "n_cancelled": 1}


@pytest.mark.parametrize("end", [JobStatus.COMPLETED, JobStatus.FAILED])
def test_what_is_over_stays_as_it_is(world, end):
    if end is JobStatus.FAILED:
        world.machine.before = lambda _: (_ for _ in ()).throw(ReelsmithError("broken"))
    job = made(world, text_prompt="Buy.", **QUIET)
    assert job.status is end

    with pytest.raises(Conflict, match=f"is {end}"):
        call_off(world, job.id)

    assert world.deps.jobs.get(TENANT, job.id) == job


def test_called_off_twice_it_is_called_off_once(world):
    job = queue(world)
    dispatching.start_due(world.deps)

    assert call_off(world, job.id) == call_off(world, job.id)
    assert usage(world.table, TENANT) == {"jobs": 1, "n_cancelled": 1}


def test_the_end_of_a_run_that_was_called_off_puts_nothing_into_the_queue_again(world):
    job = queue(world)
    dispatching.start_due(world.deps)
    call_off(world, job.id)
    run = {"tenant": TENANT, "job_id": job.id, "attempt": 1, "error": {"Error": "ABORTED"}}

    for _ in range(2):
        assert endings.handle(world.deps, run) == {"status": "cancelled"}
    assert world.deps.jobs.queued() == ()


def test_a_run_that_breaks_while_a_cancel_waits_ends_cancelled(world):
    job = queue(world)
    (running,) = dispatching.start_due(world.deps)
    world.deps.jobs.ask_to_cancel(running, entry=an_entry(resource=job.id))
    run = {"tenant": TENANT, "job_id": job.id, "attempt": 1, "error": {"Error": "MediaError"}}

    assert endings.handle(world.deps, run) == {"status": "cancelled"}


def test_what_a_cancelled_job_had_laid_out_goes_once_nobody_can_write_any_more(world):
    world.machine.before = lambda step: step == "check" and call_off(world, job_ids[0])
    job_ids = []
    job = queue(world, text_prompt="Buy.", **QUIET)
    job_ids.append(job.id)
    dispatching.start_due(world.deps)
    world.machine.drive()
    assert stored(world, keys.WORK)

    vanishing.advance(world.deps, seconds=5)
    assert stored(world, keys.WORK)
    world.later(minutes=16)
    vanishing.advance(world.deps, seconds=5)

    assert stored(world, keys.WORK) == set()


def children():
    """Processes that this one started and that are alive, by the kernel's own list."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _status(entry)
            if fields and fields[1] == str(os.getpid()) and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def _status(entry):
    try:
        return (entry / "stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return None


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux lists processes")
def test_a_render_whose_decoder_hangs_is_called_off_within_seconds_and_leaves_no_process(
    world, tmp_path, capsys
):
    clip = send(world, filmed(tmp_path, frames=900), name="a.mp4", content_type=MP4)
    job = queue(world, images=(clip,), text_prompt="Long. " * 40, **QUIET)
    dispatching.start_due(world.deps)
    desk = Desk(tenant=TENANT, job_id=job.id, attempt=1)
    planning.plan(world.deps, desk)
    dealt = fanout.share_out(world.deps, desk, planning.narrate(world.deps, desk))
    deps = replace(world.deps, now=lambda: datetime.now(UTC))
    before, ended = set(children()), []

    def work():
        try:
            rendering.render(deps, desk, dealt.shares[0])
        except Cancelled:
            ended.append(time.monotonic())

    worker = threading.Thread(target=work)
    worker.start()
    while not (decoders := set(children()) - before):
        assert worker.is_alive()
        time.sleep(0.01)
    for process in decoders:
        os.kill(process, signal.SIGSTOP)
    time.sleep(0.3)
    asked = time.monotonic()
    call_off(world, job.id)
    worker.join(30)

    with capsys.disabled():
        sys.stdout.write(f"\nF9: a hanging render stopped after {ended[0] - asked:.1f} s\n")
    assert ended[0] - asked < 5
    assert set(children()) - before == set()
    assert stored(world, keys.CACHE) == set()
