"""F3: every event of a job comes once to four times, in any order; one run, one film, one end."""

import json
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reelsmith import aws
from reelsmith.domain.jobs import JobStatus
from reelsmith.errors import MediaError, ReelsmithError
from reelsmith.ports import Run
from reelsmith.storage import keys
from reelsmith.usecases import sweeping
from reelsmith.workflow import endings, rounds, steps
from reelsmith.workflow.payloads import RunOf
from tests.builders import TENANT
from tests.dropping import PNG, WORDS, box, deliver, put
from tests.faults.figures import LONG
from tests.world import BUCKET, a_world

ORDERS = 300 if LONG else 2
SMALL = WORDS + b"\nresolution: {width: 128, height: 128}\nvoice: null\nduration_per_image: 0.5"
ENDS = ("completes", "fails", "is cut off")
EVENTS = ("arrives", "wakes", "runs", "is published", "is caught", "changes status", "is swept")


class Story:
    """One dropped set, and the events of its job. `how` is how its first run ends."""

    def __init__(self, world, how, papers):
        self.world, self.how, self._papers = world, how, papers
        self.events = {name: getattr(self, f"_{name.replace(' ', '_')}") for name in EVENTS}
        self.set = [put(world, "a.svg", PNG), put(world, "reel.yaml", SMALL)]
        world.machine._steps = self._walk

    def tell(self, name):
        """Let an event come; what refuses it leaves nothing behind."""
        with suppress(ReelsmithError):
            self.events[name]()

    def settle(self):
        """Each event twice more, in its order: nothing is lost for ever."""
        for _ in range(2):
            for name in EVENTS:
                self.tell(name)
            self.world.later(seconds=21)

    def seen(self):
        """All that is to be the same, whatever came in which order."""
        (job,) = self.world.deps.jobs.page(TENANT, after=None, limit=10).jobs
        told = [entry.action for _, entry in self.world.deps.journal.entries(TENANT) if entry]
        films = [one.key for one in self.world.deps.store.list(keys.VIDEOS)]
        return {
            "status": job.status,
            "attempt": job.attempt,
            "error": job.error and job.error.code,
            "runs": len(self.world.machine.runs),
            "films": len([key for key in films if key.endswith("film.mp4")]),
            "journal": sorted(one for one in told if one.startswith("job.")),
            "boxes": {where: box(self.world, where) for where in ("in", "out", "done", "failed")},
        }

    def _arrives(self):
        deliver(self.world, *self.set)

    def _wakes(self):
        rounds.dispatch(self.world.deps)

    def _runs(self):
        machine = self.world.machine
        for name in [name for name, run in machine.runs.items() if run.open]:
            if self.how == "is cut off" and not name.endswith("-r2"):
                machine.runs[name] = Run(open=False, succeeded=False, error="ABORTED")
            else:
                machine._walk(name)

    def _is_published(self):
        """Lambda may run a task a second time, also when its answer was taken already."""
        for name, run in self.world.machine.runs.items():
            if run.succeeded:
                steps.publish(self.world.deps, self._given(name))

    def _is_caught(self):
        said = json.dumps({"errorMessage": "damaged", "errorType": "MediaError"})
        for name, run in self.world.machine.runs.items():
            if run.error == "FAILED":
                caught = {"error": {"Error": "MediaError", "Cause": said}}
                endings.handle(self.world.deps, self._given(name).model_dump() | caught)

    def _changes_status(self):
        for name, run in list(self.world.machine.runs.items()):
            if run.error:
                told = {"name": name, "status": run.error, "error": self._why(run)}
                told["input"] = json.dumps(self.world.machine.payloads[name])
                told["cause"] = "damaged"
                endings.handle(self.world.deps, {"detail": told})

    def _is_swept(self):
        self.world.later(seconds=21)
        sweeping.sweep(self.world.deps)

    def _why(self, run):
        return "MediaError" if run.error == "FAILED" else None

    def _given(self, name):
        return RunOf.model_validate(self.world.machine.payloads[name])

    def _walk(self, given):
        if self.how == "fails":
            raise MediaError("damaged")
        for name, body in self._papers.items():
            key = keys.work(given.tenant, given.job_id, given.attempt, name)
            self.world.deps.store.write(body, key, content_type="application/octet-stream")
        steps.publish(self.world.deps, given)


@pytest.fixture(scope="module")
def papers():
    """What the tasks before the last one leave behind, rendered once."""
    with a_world() as world:
        deliver(world, put(world, "reel.yaml", SMALL))
        rounds.dispatch(world.deps)
        world.machine.drive()
        (job,) = world.deps.jobs.page(TENANT, after=None, limit=10).jobs
        assert job.status is JobStatus.COMPLETED, job.error
        found = aws.client("s3").list_objects_v2(
            Bucket=BUCKET, Prefix=keys.work(TENANT, job.id, 1, "")
        )["Contents"]
        return {one["Key"].rpartition("/")[2]: world.deps.store.read(one["Key"]) for one in found}


@pytest.fixture(scope="module")
def undisturbed(papers):
    """What each end looks like when every event comes once and in its order."""

    def plain(how):
        with a_world() as world:
            story = Story(world, how, papers)
            story.settle()
            return story.seen()

    return {how: plain(how) for how in ENDS}


def any_order():
    """Each event one to four times, shuffled."""
    counts = st.tuples(*[st.integers(1, 4) for _ in EVENTS])
    repeated = counts.map(
        lambda times: [name for name, n in zip(EVENTS, times, strict=True) for _ in range(n)]
    )
    return repeated.flatmap(st.permutations)


@pytest.mark.parametrize(
    ("how", "status"),
    [("completes", "completed"), ("fails", "failed"), ("is cut off", "completed")],
)
def test_in_order_and_once_the_events_end_the_job(undisturbed, how, status):
    seen = undisturbed[how]
    assert (seen["status"], seen["films"]) == (status, int(status == "completed"))
    assert seen["attempt"] == seen["runs"] == (2 if how == "is cut off" else 1)
    assert seen["boxes"]["in"] == set()


@pytest.mark.parametrize("how", ENDS)
def test_events_in_any_order_and_number_end_the_same_way(undisturbed, papers, figures, how):
    told = []

    @settings(
        max_examples=ORDERS,
        derandomize=True,
        deadline=None,
        database=None,
        phases=(Phase.generate,),  # a story is not told in fewer events while CI waits
        suppress_health_check=list(HealthCheck),
    )
    @given(any_order())
    def played(order):
        told.append(len(order))
        with a_world() as world:
            story = Story(world, how, papers)
            for name in order:
                story.tell(name)
            story.settle()
            assert story.seen() == undisturbed[how]

    played()
    figures.count("F3 events", orders=len(told), events=sum(told))
