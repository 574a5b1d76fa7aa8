"""The API as callers see it: requests in API Gateway's format, answers as they leave."""

import base64
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from reelsmith.domain.jobs import UgcSpec
from reelsmith.domain.people import Role
from reelsmith.http import authorizer
from reelsmith.http.caller import context_of
from reelsmith.usecases import people
from tests.builders import OWNER, TENANT, a_caller, a_key, an_entry, an_id
from tests.calling import Api
from tests.homes import at_home
from tests.world import a_world

AD = {"title": "Oferta de verano", "text_prompt": "Compra ya. Es verano."}


@pytest.fixture
def world():
    with a_world() as made:
        yield made


@pytest.fixture
def api(world):
    return Api(world.deps)


def test_asking_for_a_film_is_accepted_and_says_where_to_look(api):
    status, job, head = api("POST", "/v1/jobs", AD)
    assert (status, job["status"]) == (202, "queued")
    assert head["Location"] == f"/v1/jobs/{job['id']}"
    status, seen, _ = api("GET", head["Location"])
    assert status == 200
    assert seen["text_prompt"] == AD["text_prompt"]
    assert seen["nlp_analysis"]["sentences"] == ["Compra ya.", "Es verano."]
    assert (seen["language"], seen["resolution"]) == ("es", {"width": 1080, "height": 1920})
    assert (seen["tasks"], seen["video_url"], seen["progress"]) == ([], None, 0)


def test_all_that_was_asked_for_can_be_seen_again(api):
    asked = {"quality": "high", "codec": "av1", "hls": True, "fresh": True, "captions": "plain"}
    _, job, _ = api("POST", "/v1/jobs", AD | asked)
    seen = api("GET", f"/v1/jobs/{job['id']}")[1]
    assert {name: seen[name] for name in asked} == asked
    assert UgcSpec.model_fields.keys() <= seen.keys()


def test_the_caller_s_own_map_comes_back_as_it_was(api):
    metadata = {"order": 17, "tags": ["a", "ñ"], "deep": {"x": None}}
    _, job, _ = api("POST", "/v1/jobs", AD | {"metadata": metadata})
    assert api("GET", f"/v1/jobs/{job['id']}")[1]["metadata"] == metadata


def test_every_wrong_field_is_named_with_a_remedy(api):
    wrong = AD | {"title": "", "duration_per_image": 900, "colour": "red"}
    status, problem, head = api("POST", "/v1/jobs", wrong)
    assert (status, head["Content-Type"]) == (422, "application/problem+json")
    assert {e["pointer"] for e in problem["errors"]} == {
        "/title",
        "/duration_per_image",
        "/colour",
    }
    assert all(e["remedy"] and e["detail"] for e in problem["errors"])
    assert problem["request_id"] == "req-1"


def test_material_that_is_not_there_is_named(api):
    missing = an_id("ast")
    status, problem, _ = api("POST", "/v1/jobs", AD | {"images": [missing], "music": missing})
    assert status == 422
    assert {e["pointer"] for e in problem["errors"]} == {"/images/0", "/music"}


@pytest.mark.parametrize(
    ("body", "status"),
    [("{", 400), ("[" * 100_000, 400), ('"' + "x" * 300_000 + '"', 413), ('{"a": NaN}', 422)],
)
def test_a_body_that_is_no_request_is_a_problem_and_no_crash(api, body, status):
    seen, problem, head = api("POST", "/v1/jobs", body)
    assert (seen, problem["status"]) == (status, status)
    assert head["Content-Type"] == "application/problem+json"


def a_stranger(world):
    """Somebody with a good key of another tenant."""
    elsewhere = at_home(world.table.repositories, id=an_id("ten"))
    key = a_key(tenant=elsewhere.id)
    world.deps.credentials.add_key(key, entry=an_entry(tenant=elsewhere.id))
    return a_caller(tenant=elsewhere.id, key_id=key.id)


def test_a_job_of_another_tenant_cannot_be_told_from_none(api, world):
    _, job, _ = api("POST", "/v1/jobs", AD)
    stranger = a_stranger(world)
    for path in (f"/v1/jobs/{job['id']}", f"/v1/jobs/{an_id('job')}"):
        status, problem, _ = api("GET", path, who=stranger)
        assert (status, problem["code"]) == (404, "not_found")
        assert api("POST", f"{path}/cancel", who=stranger)[0] == 404
    assert api("GET", "/v1/jobs", who=stranger)[1]["data"] == []


def test_a_viewer_sees_and_changes_nothing(api):
    _, job, _ = api("POST", "/v1/jobs", AD)
    viewer = a_caller(role=Role.VIEWER)
    assert api("GET", f"/v1/jobs/{job['id']}", who=viewer)[0] == 200
    assert api("POST", "/v1/jobs", AD, who=viewer)[0] == 403
    assert api("POST", f"/v1/jobs/{job['id']}/cancel", who=viewer)[0] == 403


def test_the_same_idempotency_key_makes_one_job(api):
    key = {"idempotency-key": '"summer-1"'}
    first = api("POST", "/v1/jobs", AD, headers=key)
    again = api("POST", "/v1/jobs", AD, headers={"idempotency-key": "summer-1"})
    assert first[1]["id"] == again[1]["id"]
    assert (first[2]["Idempotency-Replayed"], again[2]["Idempotency-Replayed"]) == (
        "false",
        "true",
    )
    status, problem, _ = api("POST", "/v1/jobs", AD | {"title": "Otra"}, headers=key)
    assert (status, problem["code"]) == (422, "idempotency_key_reused")


def test_a_hundred_creates_with_ten_keys_make_ten_jobs(world):
    api = Api(world.deps)

    def create(n):
        return Api(world.deps)("POST", "/v1/jobs", AD, headers={"idempotency-key": f"k{n % 10}"})

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(create, range(100)))
    assert {status for status, _, _ in answers} == {202}
    assert len({job["id"] for _, job, _ in answers}) == 10
    assert len(api("GET", "/v1/jobs", query={"limit": "100"})[1]["data"]) == 10


def test_pages_neither_skip_nor_repeat(api):
    made = [api("POST", "/v1/jobs", AD)[1]["id"] for _ in range(5)]
    seen, cursor = [], None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        _, page, _ = api("GET", "/v1/jobs", query=query)
        seen += [job["id"] for job in page["data"]]
        cursor = page["next_cursor"]
        assert page["has_more"] == bool(cursor)
        if not cursor:
            break
    assert seen == made[::-1]


def test_a_cursor_serves_only_the_list_it_was_made_for(api):
    for _ in range(3):
        api("POST", "/v1/jobs", AD)
    cursor = api("GET", "/v1/jobs", query={"limit": "1"})[1]["next_cursor"]
    borrowed = api("GET", "/v1/jobs", query={"cursor": cursor, "status": "queued"})
    stolen = api("GET", "/v1/jobs", query={"cursor": cursor}, who=a_caller(tenant=an_id("ten")))
    forged = api("GET", "/v1/jobs", query={"cursor": cursor[:-2] + "xx"})
    for status, problem, _ in (borrowed, stolen, forged):
        assert (status, problem["errors"][0]["pointer"]) == (422, "?cursor")


def test_a_page_longer_than_allowed_is_refused_by_name(api):
    status, problem, _ = api("GET", "/v1/jobs", query={"limit": "1000"})
    assert (status, problem["errors"][0]["pointer"]) == (422, "?limit")


def test_a_queued_job_is_called_off_at_once_and_only_once(api):
    _, job, _ = api("POST", "/v1/jobs", AD)
    for _ in range(2):
        status, gone, _ = api("POST", f"/v1/jobs/{job['id']}/cancel")
        assert (status, gone["status"]) == (200, "cancelled")
    assert api("GET", "/v1/jobs", query={"status": "cancelled"})[1]["data"][0]["id"] == job["id"]


def upload_of(body, **changes):
    said = {
        "filename": "-día & noche %20 🎉.png",
        "content_type": "image/png",
        "size_bytes": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    return said | changes


PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def send(world, form, body):
    """What S3 does with a form that it found in order."""
    world.deps.store.write(body, form["fields"]["key"], content_type="image/png")


def test_a_form_fixes_key_size_type_and_checksum(api):
    status, form, _ = api("POST", "/v1/uploads", upload_of(PNG))
    policy = json.loads(base64.b64decode(form["fields"]["policy"]))["conditions"]
    digest = base64.b64encode(hashlib.sha256(PNG).digest()).decode()
    assert (status, form["status"], form["method"]) == (201, "waiting", "POST")
    assert ["content-length-range", len(PNG), len(PNG)] in policy
    assert {"key": f"uploads/{TENANT}/{form['id']}"} in policy
    assert {"x-amz-checksum-sha256": digest} in policy
    assert {"Content-Type": "image/png"} in policy


def test_an_upload_is_ready_when_its_bytes_are_what_was_announced(api, world):
    _, form, _ = api("POST", "/v1/uploads", upload_of(PNG))
    assert api("GET", f"/v1/uploads/{form['id']}")[1]["status"] == "waiting"
    status, problem, _ = api("POST", "/v1/jobs", AD | {"images": [form["id"]]})
    assert (status, "have not arrived" in problem["errors"][0]["detail"]) == (422, True)
    send(world, form, PNG)
    assert api("GET", f"/v1/uploads/{form['id']}")[1]["status"] == "ready"
    assert api("POST", "/v1/jobs", AD | {"images": [form["id"]]})[0] == 202


@pytest.mark.parametrize(
    "body", [PNG + b"more", b"<svg" + PNG[4:], b"#EXTM3U\n" + PNG[8:], PNG[:-1] + b"x"]
)
def test_bytes_other_than_announced_never_become_an_asset(api, world, body):
    _, form, _ = api("POST", "/v1/uploads", upload_of(PNG))
    send(world, form, body)
    assert api("GET", f"/v1/uploads/{form['id']}")[1]["status"] == "rejected"
    assert api("POST", "/v1/jobs", AD | {"images": [form["id"]]})[0] == 422


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"content_type": "text/html"}, "/content_type"),
        ({"size_bytes": 1 << 40}, "/size_bytes"),
        ({"size_bytes": 0}, "/size_bytes"),
        ({"sha256": "abc"}, "/sha256"),
        ({"filename": ""}, "/filename"),
    ],
)
def test_an_upload_that_is_not_taken_says_why(api, wrong, pointer):
    status, problem, _ = api("POST", "/v1/uploads", upload_of(PNG, **wrong))
    assert (status, problem["errors"][0]["pointer"]) == (422, pointer)


def test_a_key_opens_its_tenant_until_it_is_wrong_in_one_letter(world):
    key, token = people.issue_key(world.deps, tenant=TENANT, owner=OWNER, role=Role.USER)
    good = authorizer.answer(world.deps, {"headers": {"Authorization": f"Bearer {token}"}})
    assert good == {"isAuthorized": True, "context": context_of(a_caller(key_id=key.id))}
    typo = token[:-8] + ("A" if token[-8] != "A" else "B") + token[-7:]
    for credential in ("", "Bearer", typo, token.replace("_test_", "_prod_")):
        refused = authorizer.answer(world.deps, {"headers": {"authorization": credential}})
        assert refused == {"isAuthorized": False}
    assert all(token not in str(item) for item in world.table.items())


def test_without_a_caller_nothing_is_told(api):
    assert api("GET", "/v1/jobs", who="nobody")[0] == 401


def test_an_unknown_route_is_a_problem(api):
    status, problem, head = api("GET", "/v1/nothing")
    assert (status, head["Content-Type"]) == (404, "application/problem+json")


def test_health_and_schema_need_no_key(api):
    assert api("GET", "/v1/health", who="nobody")[1]["status"] == "ok"
    status, schema, _ = api("GET", "/v1/openapi.json", who="nobody")
    assert status == 200
    assert schema["openapi"].startswith("3.1")
    assert {"/v1/jobs", "/v1/jobs/{job_id}", "/v1/uploads", "/v1/health"} <= schema["paths"].keys()


def test_what_breaks_here_is_not_told_in_detail(api, monkeypatch):
    monkeypatch.setattr("reelsmith.usecases.looking.page", lambda *a, **k: 1 / 0)
    status, problem, _ = api("GET", "/v1/jobs")
    assert (status, problem["code"]) == (500, "internal")
    assert "division" not in json.dumps(problem)
