"""What a tenant may have: jobs, minutes, bytes and requests, and what it is told of them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from reelsmith.domain.jobs import JobStatus
from reelsmith.domain.people import Role
from reelsmith.errors import Invalid, Unavailable
from reelsmith.usecases import people, usage
from tests.builders import EPOCH, OWNER, TENANT, a_caller, a_key, a_user, an_entry, an_id
from tests.calling import Api
from tests.homes import moved_in
from tests.table.steps import a_film, ended, kept, moved, removed, started, submitted
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
def jobs(world):
    return world.deps.jobs


def limit(world, **limits):
    return people.set_limits(world.deps, tenant_id=TENANT, limits=limits)


def finished(jobs, *, seconds=60.0, at=EPOCH):
    """A job that ends with a film of so many seconds."""
    running = started(jobs)
    done, video = a_film(running)
    video = video.model_copy(update={"duration_seconds": seconds})
    return moved(jobs, running, done.model_copy(update={"updated_at": at}), video=video), video


def test_the_job_that_is_one_too_many_today_is_told_so(world, api):
    limit(world, max_jobs_per_day=2)
    world.clock.at = EPOCH + timedelta(hours=21)
    assert [api("POST", "/v1/jobs", AD)[0] for _ in range(2)] == [202, 202]

    status, problem, head = api("POST", "/v1/jobs", AD)

    assert (status, problem["code"], problem["retryable"]) == (429, "over_quota", True)
    opens = "2030-01-02T00:00:00+00:00"
    assert problem["quota"] == {
        "name": "jobs_per_day",
        "limit": 2,
        "used": 2,
        "resets_at": opens,
    }
    assert head["Retry-After"] == str(3 * 3600)


def test_a_new_day_begins_with_none(world, api):
    limit(world, max_jobs_per_day=1)
    for day in range(4):
        world.clock.at = EPOCH + timedelta(days=day, hours=day)
        assert [api("POST", "/v1/jobs", AD)[0] for _ in range(2)] == [202, 429]


def test_a_job_from_a_clock_that_is_behind_counts_in_the_day_that_has_begun(world, api):
    limit(world, max_jobs_per_day=2)
    world.clock.at = EPOCH + timedelta(days=1)
    assert api("POST", "/v1/jobs", AD)[0] == 202
    world.clock.at = EPOCH + timedelta(days=1, seconds=-2)
    assert [api("POST", "/v1/jobs", AD)[0] for _ in range(2)] == [202, 429]


def test_forty_callers_at_midnight_make_as_many_jobs_as_a_day_has(world):
    limit(world, max_jobs_per_day=7)
    world.clock.at = EPOCH + timedelta(days=1)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: Api(world.deps)("POST", "/v1/jobs", AD)[0], range(40)))
    assert sorted(answers) == [202] * 7 + [429] * 33
    assert world.deps.usage.used(TENANT, at=world.clock.at).jobs_today == 7


def test_a_request_that_is_repeated_is_answered_though_the_day_is_full(world, api):
    limit(world, max_jobs_per_day=1)
    key = {"idempotency-key": "monday"}
    first = api("POST", "/v1/jobs", AD, headers=key)
    again = api("POST", "/v1/jobs", AD, headers=key)
    assert (first[0], again[0], first[1]["id"]) == (202, 202, again[1]["id"])
    assert api("POST", "/v1/jobs", AD)[0] == 429


def test_when_the_minutes_of_a_month_are_made_no_more_jobs_come_till_the_next(world, api, jobs):
    limit(world, max_minutes_per_month=3)
    for _ in range(3):
        assert api("POST", "/v1/jobs", AD)[0] == 202
        finished(jobs, seconds=61)

    status, problem, _ = api("POST", "/v1/jobs", AD)
    assert (status, problem["quota"]["name"]) == (429, "minutes_per_month")
    assert problem["quota"]["used"] == 3.05
    assert problem["quota"]["resets_at"] == "2030-02-01T00:00:00+00:00"

    world.clock.at = datetime(2030, 2, 1, tzinfo=UTC)
    assert api("POST", "/v1/jobs", AD)[0] == 202


def test_a_film_counts_in_the_month_that_finished_it(world, jobs):
    finished(jobs, seconds=60)
    february = datetime(2030, 2, 3, tzinfo=UTC)
    finished(jobs, seconds=90, at=february)
    finished(jobs, seconds=30, at=february)
    assert world.deps.usage.used(TENANT, at=february).ms_this_month == 120_000
    assert world.deps.usage.used(TENANT, at=february + timedelta(days=28)).ms_this_month == 0
    assert world.deps.usage.life(TENANT).figures.output_seconds == 180


def test_who_stores_as_much_as_allowed_uploads_and_makes_nothing_more(world, api):
    limit(world, max_stored_bytes=1500)
    first, _ = (kept(world.deps.assets) for _ in range(2))
    said = {
        "filename": "a.png",
        "content_type": "image/png",
        "size_bytes": 9,
        "sha256": "a" * 64,
    }

    for path, body in (("/v1/uploads", said), ("/v1/jobs", AD)):
        status, problem, _ = api("POST", path, body)
        assert (status, problem["quota"]["name"]) == (429, "stored_bytes")
        assert (problem["quota"]["limit"], problem["quota"]["used"]) == (1500, 2000)
        assert problem["quota"]["resets_at"] is None

    removed(world.deps.assets, first)
    assert world.deps.assets.collect(TENANT, first.sha256, lambda: None)
    assert api("POST", "/v1/jobs", AD)[0] == 202


def test_films_are_stored_bytes_until_they_go(world, jobs):
    _, video = finished(jobs)
    assert world.deps.usage.used(TENANT, at=EPOCH).stored_bytes == video.size_bytes
    world.deps.videos.remove(video, entry=an_entry(resource=video.id))
    assert world.deps.usage.used(TENANT, at=EPOCH).stored_bytes == 0
    assert world.deps.usage.life(TENANT).figures.output_bytes == video.size_bytes


def test_a_limit_counts_at_once_and_can_be_taken_away(world, api):
    limit(world, max_jobs_per_day=0)
    assert api("POST", "/v1/jobs", AD)[0] == 429
    limit(world, max_jobs_per_day=None)
    assert api("POST", "/v1/jobs", AD)[0] == 202
    entries = [row for row in world.table.items() if row.get("action") == "tenant.limits_changed"]
    assert len(entries) == 2


@pytest.mark.parametrize(
    "limits", [{"max_active_jobs": None}, {"max_jobs_per_day": -1}, {"name": 3}]
)
def test_a_limit_that_is_none_is_refused(world, limits):
    with pytest.raises(Invalid):
        limit(world, **limits)


def test_everybody_sees_the_limits_and_what_is_used(world, api, jobs):
    limit(world, max_jobs_per_day=10, max_minutes_per_month=100)
    finished(jobs, seconds=90)
    submitted(jobs)

    status, tenant, head = api("GET", "/v1/tenant", who=a_caller(role=Role.VIEWER))

    assert status == 200
    told = {one["name"]: (one["limit"], one["used"]) for one in tenant["quotas"]}
    assert told == {
        "active_jobs": (100, 1),
        "jobs_per_day": (10, 2),
        "minutes_per_month": (100, 1.5),
        "stored_bytes": (None, 1_000_000),
    }
    assert head["ETag"]


def an_admin(world):
    """An administrator with a key: writes look at both again."""
    user = moved_in(world.table.repositories, a_user(id=an_id("usr"), role=Role.ADMIN))
    key = a_key(owner=user.id, role=Role.ADMIN)
    world.deps.credentials.add_key(key, entry=an_entry())
    return a_caller(owner=user.id, role=Role.ADMIN, key_id=key.id)


def test_an_admin_renames_the_tenant_unless_it_changed_meanwhile(world, api):
    admin = an_admin(world)
    _, _, head = api("GET", "/v1/tenant", who=admin)
    seen = {"if-match": head["ETag"]}
    status, tenant, _ = api("PATCH", "/v1/tenant", {"name": "Eva's"}, who=admin, headers=seen)
    assert (status, tenant["name"]) == (200, "Eva's")
    assert api("PATCH", "/v1/tenant", {"name": "X"}, who=admin, headers=seen)[0] == 412
    assert api("PATCH", "/v1/tenant", {"name": "X"})[0] == 403
    assert api("PATCH", "/v1/tenant", {"max_jobs_per_day": 9}, who=admin)[0] == 422
    assert "Eva" not in str([row for row in world.table.items() if row.get("et") == "event"])


def test_what_was_made_is_told_by_day_and_in_all(world, api, jobs):
    finished(jobs, seconds=60, at=EPOCH)
    tomorrow = EPOCH + timedelta(days=1)
    finished(jobs, seconds=30, at=tomorrow)
    world.clock.at = tomorrow

    status, told, _ = api("GET", "/v1/usage")

    assert (status, told["owner"], told["to"]) == (200, OWNER, "2030-01-02")
    by_day = {day["day"]: day for day in told["days"]}
    assert (by_day["2030-01-01"]["jobs"], by_day["2030-01-01"]["completed"]) == (2, 1)
    assert by_day["2030-01-02"]["output_seconds"] == 30
    assert (told["span"]["completed"], told["span"]["output_seconds"]) == (2, 90)
    assert (told["total"]["completed"], told["total"]["output_bytes"]) == (2, 2_000_000)
    first_day = api("GET", "/v1/usage", query={"from": "2030-01-01", "to": "2030-01-01"})[1]
    assert first_day["span"]["output_seconds"] == 60


def test_users_see_their_own_and_admins_everybody_s(world, api, jobs):
    eva = moved_in(world.table.repositories, a_user(id=an_id("usr"))).id
    submitted(jobs)
    submitted(jobs, owner=eva)

    own = api("GET", "/v1/usage")[1]
    everybody = api("GET", "/v1/usage", who=ADMIN)[1]
    hers = api("GET", f"/v1/users/{eva}/usage", who=ADMIN)[1]

    assert (own["span"]["jobs"], everybody["span"]["jobs"], hers["span"]["jobs"]) == (1, 2, 1)
    assert (everybody["owner"], everybody["total"]["jobs"]) == (None, 2)
    assert usage.job_stats(world.deps, caller=ADMIN, user_id=eva).figures.jobs == 1
    assert api("GET", f"/v1/users/{eva}/usage")[0] == 404
    assert api("GET", "/v1/usage", query={"owner": eva})[0] == 404
    assert api("GET", f"/v1/users/{an_id('usr')}/usage", who=ADMIN)[0] == 404


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2030-01-02", "to": "2030-01-01"},
        {"from": "2029-01-01", "to": "2030-01-01"},
        {"from": "yesterday"},
    ],
)
def test_days_that_are_no_span_are_refused(api, query):
    status, problem, _ = api("GET", "/v1/usage", query=query)
    assert (status, problem["errors"][0]["pointer"]) == (422, "?from")


def test_what_is_taken_back_stays_in_its_day(world, jobs):
    failed = ended(jobs, started(jobs))
    again = failed.model_copy(update={"status": JobStatus.QUEUED})
    moved(jobs, failed, again)

    (day,) = world.deps.usage.days(TENANT, first="2030-01-01", last="2030-01-01")

    assert (day.figures.jobs, day.figures.failed) == (1, 1)
    assert world.deps.usage.life(TENANT).figures.failed == 0


def test_admins_see_how_each_service_answers(world, api):
    status, told, _ = api("GET", "/v1/health/deep", who=ADMIN)
    assert (status, told["status"]) == (200, "ok")
    assert set(told["services"]) == {"table", "bucket", "state_machine"}
    assert api("GET", "/v1/health/deep")[0] == 403
    assert api("GET", "/v1/health/deep", who="nobody")[0] == 401


def test_a_service_that_does_not_answer_is_named(world, api, monkeypatch):
    def away(*_):
        raise Unavailable("away")

    monkeypatch.setattr(type(world.deps.store), "head", away)
    told = api("GET", "/v1/health/deep", who=ADMIN)[1]
    assert told["status"] == "degraded"
    assert [name for name, one in told["services"].items() if not one["ok"]] == ["bucket"]
