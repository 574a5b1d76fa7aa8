"""Lists of jobs as callers ask for them: whose, in which state, made when."""

from datetime import timedelta

import pytest

from reelsmith.domain.ids import Kind
from reelsmith.domain.jobs import JobStatus, Stage
from reelsmith.domain.people import Role
from tests.builders import EPOCH, TENANT, a_caller, a_user, an_entry, an_id
from tests.calling import Api
from tests.homes import moved_in
from tests.world import a_world

AD = {"title": "Oferta de verano", "text_prompt": "Compra ya. Es verano."}
ADMIN = a_caller(role=Role.ADMIN)


@pytest.fixture
def world():
    with a_world() as made:
        yield made


@pytest.fixture
def api(world):
    return Api(world.deps)


@pytest.fixture
def bob(world):
    return a_caller(owner=moved_in(world.table.repositories, a_user(id=an_id(Kind.USER))).id)


def made(api, who=None, **changes):
    """A job of somebody, past the door that looks at credentials."""
    status, job, _ = api("POST", "/v1/jobs", AD | changes, who=who)
    assert status == 202
    return job["id"]


def ids(api, who=None, **query):
    status, page, _ = api("GET", "/v1/jobs", query=query, who=who)
    assert status == 200, page
    return [job["id"] for job in page["data"]]


def begun(world, job_id, stage=Stage.RENDERING):
    """A job that a worker is at."""
    job = world.deps.jobs.get(TENANT, job_id)
    entry_of = {"at": EPOCH, "resource": job_id}
    now = job.moved_to(JobStatus.PROCESSING, at=EPOCH, attempt=1, started_at=EPOCH)
    world.deps.jobs.move(job, now, entry=an_entry(**entry_of))
    world.deps.jobs.report(TENANT, job_id, attempt=1, stage=stage, progress=10)
    return job_id


def test_users_see_their_own_jobs_and_admins_all_of_the_tenant(api, bob):
    mine, his = made(api), made(api, bob)
    assert ids(api) == [mine]
    assert ids(api, bob) == [his]
    assert ids(api, a_caller(role=Role.VIEWER)) == [mine]
    assert ids(api, ADMIN) == [his, mine]
    assert ids(api, ADMIN, owner=bob.owner) == [his]
    assert ids(api, bob, owner="me") == [his]


def test_nobody_but_an_admin_asks_for_the_jobs_of_somebody_else(api, bob):
    made(api, bob)
    assert api("GET", "/v1/jobs", query={"owner": bob.owner})[0] == 403
    assert ids(api, bob, owner=bob.owner) == ids(api, bob)


@pytest.mark.parametrize("who", [None, ADMIN])
def test_filters_narrow_a_list_whoever_looks(api, world, who):
    low, plain, urgent = (made(api, priority=lane) for lane in ("low", "normal", "urgent"))
    begun(world, plain)
    assert ids(api, who, priority="low") == [low]
    assert ids(api, who, status="queued") == [urgent, low]
    assert ids(api, who, status="processing", priority="normal") == [plain]
    assert ids(api, who, status="processing", priority="low") == []
    assert ids(api, who, kind="ugc") == [urgent, plain, low]
    assert ids(api, who, kind="analysis") == []


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("pending", "queued"),
        ("PENDING", "queued"),
        ("transcribing", "busy"),
        ("downloading", None),
        ("media_generation", "busy"),
        ("Rendering", "busy"),
        ("assembling_video", None),
        ("PROCESSING", "busy"),
    ],
)
def test_older_words_for_a_status_still_mean_something(api, world, word, found):
    jobs = {"queued": made(api), "busy": begun(world, made(api))}
    assert ids(api, status=word) == ([jobs[found]] if found else [])


@pytest.mark.parametrize("who", [None, ADMIN])
@pytest.mark.parametrize("status", [{}, {"status": "queued"}])
def test_a_span_of_time_holds_what_was_made_in_it(api, world, who, status):
    by_hour = []
    for _ in range(4):
        by_hour.append(made(api))
        world.later(hours=1)
    first, last = (EPOCH + timedelta(hours=n) for n in (1, 3))
    span = {"created_after": first.isoformat(), "created_before": last.isoformat()}
    assert ids(api, who, **span, **status) == by_hour[2:0:-1]
    assert ids(api, who, created_after="0001-01-01T00:00:00Z") == by_hour[::-1]
    assert ids(api, who, created_before="9999-12-31T23:59:59Z") == by_hour[::-1]


@pytest.mark.parametrize(
    "query",
    [
        {"status": "done"},
        {"kind": "opera"},
        {"priority": "1"},
        {"created_after": "yesterday"},
        {"created_after": "2030-01-01T00:00:00"},
        {"limit": "0"},
    ],
)
def test_a_filter_that_means_nothing_is_refused_by_name(api, query):
    status, problem, _ = api("GET", "/v1/jobs", query=query)
    assert (status, problem["errors"][0]["pointer"]) == (422, f"?{next(iter(query))}")


def test_a_rare_kind_among_many_comes_in_short_pages_of_bounded_cost(api, world, monkeypatch):
    monkeypatch.setattr("reelsmith.table.paging.MOST_LOOKS", 10)
    rare = made(api, priority="urgent")
    for _ in range(24):
        made(api)
    seen, cursor, pages = [], {}, 0
    while pages == 0 or cursor:
        _, page, _ = api("GET", "/v1/jobs", query={"priority": "urgent", "limit": "5"} | cursor)
        seen += [job["id"] for job in page["data"]]
        cursor = {"cursor": page["next_cursor"]} if page["has_more"] else {}
        pages += 1
    assert (seen, pages) == ([rare], 3)


def test_a_cursor_of_one_user_s_list_is_none_of_another_s(api, bob):
    for _ in range(3):
        made(api), made(api, bob)
    cursor = api("GET", "/v1/jobs", query={"limit": "1"})[1]["next_cursor"]
    for who in (bob, ADMIN):
        assert api("GET", "/v1/jobs", query={"cursor": cursor}, who=who)[0] == 422
    assert len(ids(api, cursor=cursor)) == 2
