"""Having a file fetched, as callers see it."""

import pytest

from tests.builders import a_caller
from tests.calling import Api
from tests.world import a_world

URL = "https://files.example.org/beach.jpg"


@pytest.fixture
def world():
    with a_world() as made:
        yield made


@pytest.fixture
def api(world):
    return Api(world.deps)


def test_asking_for_a_file_is_accepted_and_says_where_to_look(world, api):
    status, upload, head = api("POST", "/v1/uploads/by-url", {"source_url": URL})

    assert (status, upload["status"], upload["filename"]) == (202, "waiting", "beach.jpg")
    assert (upload["size_bytes"], upload["sha256"], upload["url"]) == (None, None, None)
    assert head["Location"] == f"/v1/uploads/{upload['id']}"
    assert api("GET", head["Location"])[1] == upload
    (order,) = world.deps.errands.orders
    assert (order["asset_id"], order["url"]) == (upload["id"], URL)


def test_the_same_key_gets_the_same_answer_and_another_body_none(api):
    key = {"idempotency-key": "k-1"}
    _, first, head = api("POST", "/v1/uploads/by-url", {"source_url": URL}, headers=key)
    assert head["Idempotency-Replayed"] == "false"
    _, again, head = api("POST", "/v1/uploads/by-url", {"source_url": URL}, headers=key)
    assert (again, head["Idempotency-Replayed"]) == (first, "true")
    status, problem, _ = api(
        "POST", "/v1/uploads/by-url", {"source_url": f"{URL}?v=2"}, headers=key
    )
    assert (status, problem["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"source_url": "http://169.254.169.254/latest/meta-data/"}, "/source_url"),
        ({"source_url": "https://localhost/"}, "/source_url"),
        ({"source_url": ""}, "/source_url"),
        ({}, "/source_url"),
        ({"source_url": URL, "content_type": "text/html"}, "/content_type"),
        ({"source_url": URL, "filename": ""}, "/filename"),
        ({"source_url": URL, "headers": {"Cookie": "x"}}, "/headers"),
    ],
)
def test_what_cannot_be_fetched_is_refused_by_the_name_of_its_field(world, api, body, pointer):
    status, problem, _ = api("POST", "/v1/uploads/by-url", body)

    assert status == 422
    (fault,) = problem["errors"]
    assert fault["pointer"] == pointer
    assert fault["remedy"]
    assert world.deps.errands.orders == []


def test_a_viewer_and_a_stranger_have_nothing_fetched(world, api):
    body = {"source_url": URL}
    assert api("POST", "/v1/uploads/by-url", body, who=a_caller(role="viewer"))[0] == 403
    assert api("POST", "/v1/uploads/by-url", body, who="nobody")[0] == 401
    assert world.deps.errands.orders == []
