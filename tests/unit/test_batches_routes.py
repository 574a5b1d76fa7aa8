"""Batches as callers see them: JSON, CSV and JSON lines in, counts and rows out."""

import base64

import pytest

from reelsmith.usecases import feeding
from tests.calling import Api, request
from tests.world import a_world

ROWS = [
    {"external_id": "sku-17", "text_prompt": "The red one."},
    {"external_id": "sku-18", "text_prompt": "The blue one.", "priority": "high"},
]
CSV = "external_id,text_prompt,priority\r\nsku-17,The red one.,\r\nsku-18,The blue one.,high\r\n"


@pytest.fixture
def world():
    with a_world() as made:
        yield made


@pytest.fixture
def api(world):
    return Api(world.deps)


def test_a_batch_is_accepted_and_tells_how_far_it_is(api, world):
    status, batch, head = api("POST", "/v1/batches", {"rows": ROWS})
    assert (status, head["Location"]) == (202, f"/v1/batches/{batch['id']}")
    assert (batch["rows"], batch["waiting"], batch["status"]) == (2, 2, "processing")

    feeding.advance(world.deps, seconds=60)

    _, batch, _ = api("GET", head["Location"])
    assert (batch["waiting"], batch["active"], batch["progress"]) == (0, 2, 0)
    _, page, _ = api("GET", f"{head['Location']}/rows", query={"limit": "1"})
    assert [row["external_id"] for row in page["data"]] == ["sku-17"]
    query = {"limit": "1", "cursor": page["next_cursor"]}
    _, page, _ = api("GET", f"{head['Location']}/rows", query=query)
    assert ([row["number"] for row in page["data"]], page["has_more"]) == ([1], False)
    _, job, _ = api("GET", f"/v1/jobs/{page['data'][0]['job_id']}")
    assert (job["batch"], job["row"], job["priority"]) == (batch["id"], 1, "high")
    _, listed, _ = api("GET", "/v1/batches", query={"owner": "me"})
    assert [one["id"] for one in listed["data"]] == [batch["id"]]


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("text/csv", CSV),
        ("text/csv; charset=utf-8", CSV.replace(",", ";")),
        ("application/x-ndjson", '{"text_prompt": "The red one."}\n\n{"text_prompt": "Blue."}\n'),
    ],
)
def test_rows_may_be_the_body_itself(api, form, body):
    head = {"content-type": form}
    status, batch, _ = api("POST", "/v1/batches", body, headers=head, query={"title": "Shoes"})
    assert (status, batch["rows"], batch["title"]) == (202, 2, "Shoes")


def test_rows_of_bytes_come_in_base64(api):
    event = request("POST", "/v1/batches", headers={"Content-Type": "text/csv"})
    del event["headers"]["content-type"]
    event |= {"body": base64.b64encode(CSV.encode()).decode(), "isBase64Encoded": True}
    assert api.app.resolve(event, None)["statusCode"] == 202
    event["body"] = base64.b64encode(b"text_prompt\n\xff\xfe\n").decode()
    assert api.app.resolve(event, None)["statusCode"] == 422


def test_a_dry_run_makes_nothing(api, world):
    status, told, _ = api("POST", "/v1/batches", {"rows": ROWS, "dry_run": True})
    assert (status, told["rows"], told["warnings"]) == (200, 2, [])
    assert told["film_seconds"] > 0
    assert world.deps.batches.due(limit=1) == ()


def test_the_same_key_answers_with_the_same_batch(api):
    key = {"Idempotency-Key": "monday"}
    _, first, _ = api("POST", "/v1/batches", {"rows": ROWS}, headers=key)
    status, again, head = api("POST", "/v1/batches", {"rows": ROWS}, headers=key)
    assert (status, again["id"], head["Idempotency-Replayed"]) == (202, first["id"], "true")


def test_wrong_rows_are_named_by_number_and_line(api):
    head = {"content-type": "text/csv"}
    status, problem, _ = api(
        "POST", "/v1/batches", "text_prompt,duration_per_image\nFine.,3\nBad.,900\n", headers=head
    )
    assert status == 422
    assert [e["pointer"] for e in problem["errors"]] == ["/rows/1/duration_per_image"]
    assert problem["errors"][0]["detail"].endswith("(line 3)")


@pytest.mark.parametrize("body", [{}, {"rows": ROWS, "csv": CSV}, {"rows": []}])
def test_rows_come_in_one_form(api, body):
    assert api("POST", "/v1/batches", body)[0] == 422


def test_a_batch_that_is_over_is_told_to_followers(api, world):
    _, batch, _ = api("POST", "/v1/batches", {"rows": ROWS})
    status, called_off, _ = api("POST", f"/v1/batches/{batch['id']}/cancel")
    assert (status, called_off["status"], called_off["cancelled"]) == (200, "cancelled", 0)
    assert api("POST", f"/v1/batches/{batch['id']}/retry")[0] == 409
    told = [item for item in world.table.items() if item.get("type") == "batch.completed"]
    assert [item["resource"] for item in told] == [batch["id"]]
