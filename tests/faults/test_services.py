"""F4 to F6: services that refuse, throttle, hang up, lose their answers and send half of them."""

import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from reelsmith import aws
from reelsmith.domain.jobs import JobStatus
from reelsmith.errors import ReelsmithError, Unavailable
from reelsmith.table.reconcile import reconcile
from reelsmith.usecases import dispatching, jobs
from reelsmith.workflow import endings
from tests.builders import TENANT, a_caller
from tests.faults.cloud import a_cloud
from tests.faults.figures import LONG
from tests.faults.films import Undisturbed, bodies, forget, frames, run_of, seen, sent
from tests.faults.proxy import a_proxy
from tests.faults.runs import here, patient, walk

RATES = (0.05, 0.1, 0.2, 0.3) if LONG else (0.1, 0.3)
THREADS, KEYS, CALLERS = 16, 6, 16
FILMS = 20 if LONG else 2
_HURRY = 40  # times faster than botocore waits between its tries
_PATIENCE = 30  # times that a client asks again


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    with a_cloud(tmp_path_factory.mktemp("cloud"), max_running=50) as made:
        yield made


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    """Waits between tries are cut short; how often is tried stays."""
    quick = SimpleNamespace(time=time.time, sleep=lambda seconds: time.sleep(seconds / _HURRY))
    monkeypatch.setattr("botocore.endpoint.time", quick)


def insistent(call):
    """What a client does that wants an answer."""
    for _ in range(_PATIENCE):
        try:
            return call()
        except (ReelsmithError, *aws.FAILURES) as error:
            refused = error
    raise refused


def ids_of(desk):
    """All jobs that are stored."""
    found, after = set(), None
    while True:
        page = desk.deps.jobs.page(TENANT, after=after, limit=100)
        found |= {job.id for job in page.jobs}
        after = page.after
        if after is None:
            return found


@pytest.mark.parametrize("rate", (0.0, *RATES))
def test_one_key_from_many_threads_makes_one_job_whatever_the_services_do(cloud, rate, figures):
    orders = [f"{rate} {n}" for n in range(KEYS) for _ in range(CALLERS)]
    with cloud.entered() as desk:
        before = ids_of(desk)
    with (
        a_proxy(cloud.at, rate=rate, seed=5) as (address, faults),
        cloud.entered(address) as desk,
        ThreadPoolExecutor(THREADS) as threads,
    ):
        told = list(threads.map(lambda key: insistent(lambda: sent(desk, key).id), orders))
    with cloud.entered() as desk:
        made = ids_of(desk) - before
        wrong = reconcile(desk.database(), TENANT)
        for job_id in made:
            jobs.cancel(desk.deps, caller=a_caller(), job_id=job_id)

    assert len(set(zip(orders, told, strict=True))) == KEYS
    assert made == set(told)
    assert wrong == {}
    figures.count("F5", requests=len(orders), keys=KEYS, jobs=len(made))
    figures.count("F4", faults=faults.planted.total(), lost=0, duplicated=0)


@pytest.fixture(scope="module")
def undisturbed(cloud):
    with cloud.entered() as desk:
        return Undisturbed(desk, here(desk.deps))


def brought_on(desk, job):
    """A job that was begun, however often the dispatcher had to be asked."""
    desk.later(minutes=1)  # the lease of one that died is over
    dispatching.start_due(desk.deps)
    if seen(desk, job).status is JobStatus.QUEUED:
        raise Unavailable("not begun yet")
    return run_of(desk, job)


def made(desk, key):
    """Ask for a film and have it made; what fails for good is told to its job."""
    insistent(lambda: forget(desk))
    job = insistent(lambda: sent(desk, key))
    given = insistent(lambda: brought_on(desk, job))
    try:
        walk(patient(here(desk.deps)), given)
    except ReelsmithError as error:
        said = {"Error": type(error).__name__, "Cause": str(error)}
        insistent(lambda: endings.handle(desk.deps, given.model_dump() | {"error": said}))
    return job


@pytest.mark.parametrize("rate", RATES)
def test_films_come_out_whole_or_not_at_all_whatever_the_services_do(
    cloud, undisturbed, rate, figures
):
    ended = []
    for number in range(FILMS):
        with (
            a_proxy(cloud.at, rate=rate, seed=number) as (address, faults),
            cloud.entered(address) as desk,
        ):
            job = made(desk, f"film {number} at {rate}")
        with cloud.entered() as desk:
            ended.append(now := seen(desk, job))
            assert now.status.final
            assert bodies(desk) <= undisturbed.bodies
            if now.status is JobStatus.COMPLETED:
                assert frames(desk, now) == undisturbed.frames
        figures.count("F6", faults=faults.planted.total(), films=1, corrupt=0)
    failed = [job.error for job in ended if job.status is not JobStatus.COMPLETED]
    figures.count("F6", failed_with_a_reason=len(failed))
    assert all(error and error.retryable for error in failed)
