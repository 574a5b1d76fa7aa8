"""What goes wrong is told the same way everywhere: RFC 9457, with a code, a hint and a place."""

import json

import pytest

from reelsmith import errors
from reelsmith.domain.people import Role
from reelsmith.errors import InUse, NameTaken, ReelsmithError, TooMany
from reelsmith.http import problems
from tests.builders import EPOCH, KEY, TENANT, a_caller, an_entry, an_id
from tests.calling import NOBODY, Api
from tests.world import a_world

AD = {"title": "Oferta de verano", "text_prompt": "Compra ya. Es verano."}
ALWAYS = {"type", "title", "status", "detail", "instance", "code", "hint", "request_id"}


def family(kind=ReelsmithError):
    for child in kind.__subclasses__():
        yield child
        yield from family(child)


@pytest.fixture
def world():
    with a_world() as made:
        yield made


@pytest.fixture
def api(world):
    return Api(world.deps)


@pytest.mark.parametrize("kind", sorted(set(family()), key=lambda kind: kind.__name__))
def test_every_error_has_a_status_of_its_family_and_a_hint(kind):
    assert 400 <= problems.status_of(kind) < 500 or kind is errors.Unavailable
    assert kind.code in problems.HINTS


def of(error):
    answer = problems.of_error(error, request_id="req-1")
    return answer.status_code, json.loads(answer.body), answer.headers


def test_a_name_that_is_taken_says_which_field():
    status, problem, _ = of(NameTaken(("username", "email")))
    assert (status, problem["code"]) == (409, "name_taken")
    assert [e["pointer"] for e in problem["errors"]] == ["/username", "/email"]


def test_what_jobs_need_says_which_jobs():
    status, problem, _ = of(InUse("two jobs need it", ("job_1", "job_2")))
    assert (status, problem["jobs"]) == (409, ["job_1", "job_2"])


def test_too_many_requests_say_when_to_come_again():
    status, problem, head = of(TooMany("slowly", retry_after_s=2.2))
    assert (status, problem["retryable"], head["Retry-After"]) == (429, True, "3")


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status", "code"),
    [
        ("GET", "/v1/nothing", None, {}, 404, "not_found"),
        ("DELETE", "/v1/health", None, {}, 405, "method_not_allowed"),
        ("POST", "/v1/jobs", "a=1", {"content-type": "text/plain"}, 415, "unsupported_media_type"),
        ("POST", "/v1/jobs", '"' + "x" * 300_000 + '"', {}, 413, "too_large"),
        ("POST", "/v1/jobs", "{", {}, 400, "invalid_request"),
        ("POST", "/v1/jobs", "[" * 100_000, {}, 400, "invalid_request"),
        ("POST", "/v1/jobs", "1" * 5_000, {}, 400, "invalid_request"),
        ("POST", "/v1/jobs", '{"title": NaN}', {}, 422, "invalid_request"),
        ("POST", "/v1/jobs", r'{"title": "\ud800", "text_prompt": "\udfff"}', {}, 422, None),
        ("POST", "/v1/jobs", r'{"\ud800": 1}', {}, 422, "invalid_request"),
        ("POST", "/v1/jobs", AD, {"idempotency-key": '""'}, 422, "invalid_request"),
        ("GET", "/v1/jobs/nothing", None, {}, 404, "not_found"),
        ("GET", "/v1/jobs/\u4927", None, {}, 404, "not_found"),
        ("GET", "/v1/jobs/\x02P\x04", None, {}, 404, "not_found"),
    ],
)
def test_whatever_is_wrong_with_a_request_its_problem_is_whole(
    api, method, path, body, headers, status, code
):
    seen, problem, head = api(method, path, body, headers=headers)
    assert (seen, problem["status"]) == (status, status)
    assert head["Content-Type"] == "application/problem+json"
    assert problem.keys() >= ALWAYS
    assert code in (None, problem["code"])


def test_a_method_that_is_not_possible_names_those_that_are(api):
    assert api("PUT", f"/v1/jobs/{an_id('job')}/cancel")[2]["Allow"] == "POST"


def test_without_a_credential_the_answer_says_how_to_send_one(api):
    status, problem, head = api("GET", "/v1/jobs", who=NOBODY)
    assert (status, problem["code"]) == (401, "unauthorized")
    assert head["WWW-Authenticate"].startswith("Bearer")


def refusals(world):
    found = world.deps.journal.page(TENANT, limit=50).entries
    return [
        (entry.action, entry.changes["wanted"]) for entry in found if "refused" in entry.action
    ]


def test_a_refusal_is_noted_once_a_minute_for_each_route(world, api):
    viewer = a_caller(role=Role.VIEWER)
    for _ in range(3):
        assert api("POST", "/v1/jobs", AD, who=viewer)[0] == 403
    assert refusals(world) == [("access.refused", "POST /v1/jobs")]
    world.later(seconds=61)
    assert api("POST", "/v1/jobs", AD, who=viewer)[0] == 403
    assert len(refusals(world)) == 2


def test_a_revoked_key_that_writes_is_noted(world, api):
    key = world.deps.credentials.key(TENANT, KEY)
    world.deps.credentials.change_key(
        key, key.model_copy(update={"revoked_at": EPOCH}), entry=an_entry(resource=KEY)
    )
    assert api("POST", "/v1/jobs", AD)[0] == 401
    assert refusals(world) == [("credential.refused", "POST /v1/jobs")]


def test_a_note_that_fails_hides_no_refusal(world, api, monkeypatch):
    def busy(*_, **__):
        raise errors.Unavailable("the table is busy")

    monkeypatch.setattr(type(world.deps.journal), "note", busy)
    assert api("POST", "/v1/jobs", AD, who=a_caller(role=Role.VIEWER))[0] == 403


def test_every_answer_names_its_request(api):
    for path in ("/v1/jobs", "/v1/nothing"):
        assert api("GET", path)[2]["X-Request-Id"] == "req-1"
