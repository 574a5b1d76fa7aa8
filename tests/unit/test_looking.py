"""A look at a job may wait until something happens, and says when nothing did."""

import pytest

from reelsmith.domain.jobs import JobStatus, Stage
from tests.builders import EPOCH, TENANT, an_entry
from tests.calling import Api
from tests.world import a_world

AD = {"title": "Oferta de verano", "text_prompt": "Compra ya. Es verano."}


@pytest.fixture
def world():
    with a_world() as made:
        yield made


@pytest.fixture
def api(world):
    return Api(world.deps)


@pytest.fixture
def path(api):
    return api("POST", "/v1/jobs", AD)[2]["Location"]


class Seconds:
    """Time that passes only while somebody waits; in some second, something happens."""

    def __init__(self):
        self.passed = 0
        self.events = {}

    def __call__(self, seconds):
        self.passed += 1
        self.events.pop(self.passed, lambda: None)()


@pytest.fixture
def seconds(monkeypatch):
    passing = Seconds()
    monkeypatch.setattr("reelsmith.usecases.looking.time.sleep", passing)
    return passing


def begins(world, path):
    def begin():
        job = world.deps.jobs.get(TENANT, path.rpartition("/")[2])
        now = job.moved_to(JobStatus.PROCESSING, at=EPOCH, attempt=1, started_at=EPOCH)
        world.deps.jobs.move(job, now, entry=an_entry(resource=job.id))

    return begin


def progresses(world, path):
    job_id = path.rpartition("/")[2]
    return lambda: world.deps.jobs.report(
        TENANT, job_id, attempt=1, stage=Stage.RENDERING, progress=40
    )


def test_a_look_that_waits_ends_when_the_job_begins(api, world, path, seconds):
    seconds.events[3] = begins(world, path)
    status, job, head = api("GET", path, query={"wait": "20"})
    assert (status, job["status"], seconds.passed) == (200, "processing", 3)
    assert head["Retry-After"]


def test_a_look_with_the_last_tag_waits_for_progress(api, world, path, seconds):
    begins(world, path)()
    tag = api("GET", path)[2]["ETag"]
    seconds.events[2] = progresses(world, path)
    status, job, head = api("GET", path, query={"wait": "20"}, headers={"if-none-match": tag})
    assert (status, job["progress"], job["stage"], seconds.passed) == (200, 40, "rendering", 2)
    assert head["ETag"] != tag


def test_what_happened_since_the_last_look_is_told_at_once(api, world, path, seconds):
    tag = api("GET", path)[2]["ETag"]
    begins(world, path)()
    assert api("GET", path, query={"wait": "20", "since": tag})[1]["status"] == "processing"
    assert seconds.passed == 0


def test_when_nothing_happens_the_answer_is_304_without_a_body(api, path, seconds):
    tag = api("GET", path)[2]["ETag"]
    status, body, head = api("GET", path, query={"wait": "5"}, headers={"if-none-match": tag})
    assert (status, body or None, head["ETag"], seconds.passed) == (304, None, tag, 5)
    assert api("GET", path, query={"wait": "5", "since": tag})[0] == 200


def test_a_job_that_is_over_is_told_at_once_and_not_to_be_asked_again(api, path, seconds):
    api("POST", f"{path}/cancel")
    status, job, head = api("GET", path, query={"wait": "20"})
    assert (job["status"], seconds.passed, "Retry-After" in head) == ("cancelled", 0, False)


@pytest.mark.parametrize("wait", ["21", "-1", "long"])
def test_nobody_waits_longer_than_the_gateway_does(api, path, wait):
    assert api("GET", path, query={"wait": wait})[0] == 422


def test_each_of_several_jobs_is_called_off_by_itself(api, path):
    mine, gone = path.rpartition("/")[2], "job_" + "0" * 32
    other = api("POST", "/v1/jobs", AD)[1]["id"]
    status, body, _ = api("POST", "/v1/jobs/cancel", {"ids": [mine, gone, other, mine]})
    assert status == 200
    assert [(one["id"], one["status"]) for one in body["results"]] == [
        (mine, 200),
        (gone, 404),
        (other, 200),
    ]
    assert body["results"][0]["job"]["status"] == "cancelled"
    assert body["results"][1]["problem"]["code"] == "not_found"


@pytest.mark.parametrize("ids", [[], ["job_1"] * 101])
def test_several_are_at_least_one_and_at_most_a_hundred(api, ids):
    status, problem, _ = api("POST", "/v1/jobs/cancel", {"ids": ids})
    assert (status, problem["errors"][0]["pointer"]) == (422, "/ids")


def test_each_of_several_jobs_is_deleted_by_itself(api, path):
    mine, gone = path.rpartition("/")[2], "job_" + "0" * 32
    api("POST", f"{path}/cancel")
    running = api("POST", "/v1/jobs", AD)[1]["id"]
    status, body, _ = api("POST", "/v1/jobs/delete", {"ids": [mine, gone, running]})
    assert (status, [one["status"] for one in body["results"]]) == (200, [204, 404, 409])
    assert api("GET", path)[0] == 404
