"""F1 and F7: workers killed at any moment, and workers whose disk is full."""

import random
from contextlib import suppress

import pytest

from reelsmith.domain.jobs import JobStatus
from reelsmith.errors import ReelsmithError
from reelsmith.ports import Run
from reelsmith.storage import keys
from reelsmith.workflow import endings, rounds
from tests.faults.cloud import a_cloud
from tests.faults.crashpoints import Killed
from tests.faults.figures import LONG
from tests.faults.films import Undisturbed, begun, bodies, forget, frames, run_of, seen
from tests.faults.runs import patient, walk
from tests.faults.workers import Unforeseen, Workshop

SEEDS = 50 if LONG else 6
FULL_AT = (1_000, 4_000, 20_000, 60_000, 300_000) if LONG else (4_000, 100_000)  # bytes of a file


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    with a_cloud(tmp_path_factory.mktemp("cloud")) as made:
        yield made


@pytest.fixture
def workshop(cloud, tmp_path):
    return Workshop(cloud.env(), tmp_path)


@pytest.fixture
def desk(cloud):
    with cloud.entered() as made:
        yield made
        forget(made)


@pytest.fixture(scope="module")
def undisturbed(cloud, tmp_path_factory):
    with cloud.entered() as desk:
        return Undisturbed(desk, Workshop(cloud.env(), tmp_path_factory.mktemp("calm")).do)


class Assassin:
    """Kills workers at moments that a die decides, and looks at what they leave behind."""

    def __init__(self, desk, workshop, undisturbed, seed):
        self._desk, self._workshop, self._calm = desk, workshop, undisturbed
        self._dice = random.Random(seed)
        self.kills = self.partial = 0

    def do(self, step, given):
        if self._dice.random() < 0.35:
            return self._workshop.do(step, given)
        moment = self._dice.uniform(0, self._calm.seconds[step])
        try:
            return self._workshop.do(step, given, dies_after_s=moment)
        except Killed:
            self.kills += 1
            self.partial += len(bodies(self._desk) - self._calm.bodies)
            raise


def taken_up(desk, job, do):
    """What the sweep does for a job whose execution is over, and the attempts that follow."""
    for _ in range(job.max_attempts):
        now = seen(desk, job)
        if now.status.final:
            return now
        desk.machine.runs[now.run] = Run(open=False, succeeded=False, error="ABORTED")
        desk.later(minutes=1)
        rounds.housekeeping(desk.deps)
        with suppress(Killed):
            walk(do, run_of(desk, job))
    return seen(desk, job)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_workers_killed_at_any_moment_lose_no_job_and_leave_nothing_half_done(
    desk, workshop, undisturbed, seed, figures
):
    killer = Assassin(desk, workshop, undisturbed, seed)
    job = begun(desk, f"seed {seed}")
    with suppress(Killed):
        walk(patient(killer.do), run_of(desk, job))
    ended = taken_up(desk, job, patient(workshop.do))

    assert ended.status is JobStatus.COMPLETED, ended.error
    assert frames(desk, ended) == undisturbed.frames
    assert killer.partial == 0
    films = [found for found in desk.deps.store.list(keys.VIDEOS) if found.key.endswith(".mp4")]
    assert len(films) == 1
    figures.count("F1", kills=killer.kills, films_as_undisturbed=1, partial_files=0)


@pytest.mark.parametrize("room", FULL_AT)
def test_a_full_disk_never_makes_a_film_that_is_not_whole(
    desk, cloud, tmp_path, undisturbed, room, figures
):
    tight = Workshop(cloud.env(), tmp_path, file_bytes=room)
    job = begun(desk, f"{room} bytes")
    given = run_of(desk, job)
    try:
        walk(patient(tight.do), given)
    except (ReelsmithError, Unforeseen) as error:
        name, words = type(error).__name__, str(error)
        said = {"Error": error.args[0] if name == "Unforeseen" else name, "Cause": words}
        endings.handle(desk.deps, given.model_dump() | {"error": said})
    ended = seen(desk, job)

    assert ended.status.final
    assert not ended.error or ended.error.code != "internal"
    assert bodies(desk) <= undisturbed.bodies
    if ended.status is JobStatus.COMPLETED:
        assert frames(desk, ended) == undisturbed.frames
    figures.count("F7", disks_full=1, false_films=0, failed_with_a_reason=ended.error is not None)
