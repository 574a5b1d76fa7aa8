"""Large files come in parts: each to a URL of its own, the whole checked when it is here."""

import hashlib
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.stub import Stubber

from reelsmith import aws
from reelsmith.errors import Invalid, NotFound
from reelsmith.storage import keys
from reelsmith.usecases import places
from reelsmith.workflow import arrivals
from tests.builders import TENANT, an_id
from tests.calling import Api
from tests.shelves import a_neighbour
from tests.world import BUCKET, a_world

MIB = 1 << 20
FILM = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(9 * MIB)


@pytest.fixture
def world():
    with a_world() as made:
        yield made


@pytest.fixture
def api(world):
    return Api(world.deps)


def asked(body=FILM, **changes):
    said = {
        "filename": "film.mp4",
        "content_type": "video/mp4",
        "size_bytes": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
        "multipart": True,
    }
    return said | changes


def sent(upload, body=FILM):
    """What a caller does with the URLs: put the bytes of each part, note the answers."""
    told = []
    size = upload["part_size_bytes"]
    for part in upload["parts"]:
        where = urlsplit(part["url"])
        begin = (part["number"] - 1) * size
        piece = body[begin : begin + size]
        assert len(piece) == part["size_bytes"]
        done = aws.client("s3").upload_part(
            Bucket=BUCKET,
            Key=f"uploads/{TENANT}/{upload['id']}",
            UploadId=parse_qs(where.query)["uploadId"][0],
            PartNumber=part["number"],
            Body=piece,
        )
        told.append({"number": part["number"], "etag": done["ETag"]})
    return {"parts": told}


def arrived(world, upload):
    """The event that S3 sends when an object is there."""
    key = keys.upload(TENANT, upload["id"])
    body = json.dumps({"detail": {"object": {"key": key}}})
    event = {"Records": [{"messageId": "1", "body": body}]}
    assert arrivals.handle(world.deps, event) == {"batchItemFailures": []}


def begun():
    """Uploads in parts that the bucket holds."""
    found = aws.client("s3").list_multipart_uploads(Bucket=BUCKET)
    return [one["Key"] for one in found.get("Uploads", [])]


def test_a_file_in_parts_is_ready_when_the_whole_is_what_was_announced(world, api):
    status, upload, _ = api("POST", "/v1/uploads", asked())
    path = f"/v1/uploads/{upload['id']}"
    assert (status, upload["method"], upload["parts_count"]) == (201, "PUT", 2)
    assert [part["size_bytes"] for part in upload["parts"]] == [8 * MIB, len(FILM) - 8 * MIB]

    status, joined, _ = api("POST", f"{path}/complete", sent(upload))
    assert (status, joined["status"]) == (202, "waiting")
    assert api("GET", path)[1]["status"] == "waiting"
    arrived(world, upload)

    assert api("GET", path)[1]["status"] == "ready"
    assert begun() == []


def test_joining_twice_is_once_before_and_after_the_check(world, api):
    upload = api("POST", "/v1/uploads", asked())[1]
    path, parts = f"/v1/uploads/{upload['id']}/complete", sent(upload)

    assert [api("POST", path, parts)[0] for _ in range(2)] == [202, 202]
    arrived(world, upload)
    assert api("POST", path, parts)[1]["status"] == "ready"


@pytest.mark.parametrize("wrong", [FILM[:-1] + b"x", b"<svg" + FILM[4:]])
def test_parts_that_make_another_file_are_refused_when_it_arrives(world, api, wrong):
    upload = api("POST", "/v1/uploads", asked())[1]
    api("POST", f"/v1/uploads/{upload['id']}/complete", sent(upload, wrong))
    arrived(world, upload)

    seen = api("GET", f"/v1/uploads/{upload['id']}")[1]
    assert (seen["status"], "SHA-256" in seen["refusal"]) == ("rejected", True)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda parts: parts[:1],
        lambda parts: parts[::-1],
        lambda parts: [parts[0], parts[0]],
        lambda parts: [*parts, {"number": 3, "etag": "x"}],
        lambda parts: [parts[0], parts[1] | {"etag": '"0123"'}],
    ],
)
def test_missing_or_foreign_parts_are_refused_and_may_be_sent_right(api, spoil):
    upload = api("POST", "/v1/uploads", asked())[1]
    path, parts = f"/v1/uploads/{upload['id']}/complete", sent(upload)["parts"]

    status, problem, _ = api("POST", path, {"parts": spoil(parts)})
    assert (status, problem["errors"][0]["pointer"]) == (422, "/parts")
    assert api("POST", path, {"parts": parts})[0] == 202


def test_an_upload_that_is_given_up_leaves_nothing(world, api):
    upload = api("POST", "/v1/uploads", asked())[1]
    parts = sent(upload)
    path = f"/v1/uploads/{upload['id']}"
    assert begun() == [keys.upload(TENANT, upload["id"])]

    assert api("DELETE", path)[0] == 204

    assert begun() == []
    for method, end, body in (
        ("GET", "", None),
        ("POST", "/complete", parts),
        ("DELETE", "", None),
    ):
        assert api(method, path + end, body)[0] == 404


def test_a_ready_file_is_not_given_up(world, api):
    upload = api("POST", "/v1/uploads", asked())[1]
    api("POST", f"/v1/uploads/{upload['id']}/complete", sent(upload))
    arrived(world, upload)
    assert api("DELETE", f"/v1/uploads/{upload['id']}")[0] == 409


def no_such_upload(*_):
    raise NotFound("no such upload in parts")


def test_parts_that_a_day_has_swept_away_are_told_of(world, api, monkeypatch):
    upload = api("POST", "/v1/uploads", asked())[1]
    parts = sent(upload)
    monkeypatch.setattr(type(world.deps.store), "join_parts", no_such_upload)

    status, problem, _ = api("POST", f"/v1/uploads/{upload['id']}/complete", parts)
    assert (status, problem["code"]) == (409, "conflict")


def test_joining_again_what_s3_has_forgotten_joining_is_fine(world, api, monkeypatch):
    upload = api("POST", "/v1/uploads", asked())[1]
    path, parts = f"/v1/uploads/{upload['id']}/complete", sent(upload)
    api("POST", path, parts)
    monkeypatch.setattr(type(world.deps.store), "join_parts", no_such_upload)

    assert api("POST", path, parts)[0] == 202


def test_files_above_a_hundred_megabytes_come_in_parts_unless_a_form_is_wished(api):
    small = asked(multipart=None)
    large = asked(size_bytes=places.PARTS_ABOVE_BYTES + 1, multipart=None)
    assert api("POST", "/v1/uploads", small)[1]["method"] == "POST"
    assert api("POST", "/v1/uploads", large)[1]["method"] == "PUT"
    assert api("POST", "/v1/uploads", large | {"multipart": False})[1]["method"] == "POST"


def test_the_parts_of_a_large_file_are_shown_page_by_page(api):
    most = 2 << 30
    page = api("POST", "/v1/uploads", asked(size_bytes=most))[1]
    numbers = [part["number"] for part in page["parts"]]
    while page["next_parts"]:
        path, _, first = page["next_parts"].partition("?first=")
        status, page, _ = api("GET", path, query={"first": first})
        assert status == 200
        numbers += [part["number"] for part in page["parts"]]

    assert numbers == list(range(1, 257))
    assert api("GET", path, query={"first": "257"})[0] == 422


@pytest.mark.parametrize("size", [1, 8 * MIB, 8 * MIB + 1, 2 << 30, 5 << 30, 60 << 30])
def test_parts_are_whole_mebibytes_and_never_more_than_a_thousand(size):
    each = places.part_bytes(size)
    assert each % MIB == 0
    assert 8 * MIB <= each <= 64 * MIB
    assert -(-size // each) <= places.PARTS_MOST


def test_a_url_of_a_part_takes_its_size_and_nothing_else(api):
    upload = api("POST", "/v1/uploads", asked())[1]
    asked_for = parse_qs(urlsplit(upload["parts"][1]["url"]).query)
    assert "content-length" in asked_for["X-Amz-SignedHeaders"][0].split(";")
    assert asked_for["partNumber"] == ["2"]
    assert asked_for["X-Amz-Expires"] == ["3600"]


def test_the_same_key_gives_the_same_upload_and_a_fresh_place(world, api):
    for wish in (True, False):
        key = {"Idempotency-Key": f"monday-{wish}"}
        body = asked(multipart=wish)
        _, first, said = api("POST", "/v1/uploads", body, headers=key)
        world.later(minutes=1)
        _, again, replayed = api("POST", "/v1/uploads", body, headers=key)

        assert first["id"] == again["id"]
        assert (said["Idempotency-Replayed"], replayed["Idempotency-Replayed"]) == (
            "false",
            "true",
        )
        assert again["expires_at"] > first["expires_at"]
    assert len(begun()) == 1


def test_twins_of_one_request_leave_one_upload(world, api, monkeypatch):
    key = {"Idempotency-Key": "monday"}
    first = api("POST", "/v1/uploads", asked(), headers=key)[1]
    monkeypatch.setattr(type(world.deps.assets), "replay", lambda *_: None)
    twin = api("POST", "/v1/uploads", asked(), headers=key)[1]

    assert twin["id"] == first["id"]
    assert begun() == [keys.upload(TENANT, first["id"])]


def test_a_form_and_parts_are_not_mixed(api):
    form = api("POST", "/v1/uploads", asked(multipart=False))[1]
    path = f"/v1/uploads/{form['id']}"
    assert api("GET", f"{path}/parts")[0] == 409
    assert api("POST", f"{path}/complete", {"parts": [{"number": 1, "etag": "x"}]})[0] == 409


def test_nobody_else_touches_an_upload(world, api):
    upload = api("POST", "/v1/uploads", asked())[1]
    bea, path = a_neighbour(world), f"/v1/uploads/{upload['id']}"
    body = {"parts": [{"number": 1, "etag": "x"}]}
    assert api("GET", f"{path}/parts", who=bea)[0] == 404
    assert api("POST", f"{path}/complete", body, who=bea)[0] == 404
    assert api("DELETE", path, who=bea)[0] == 404
    assert api("GET", f"/v1/uploads/{an_id('ast')}/parts")[0] == 404


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("NoSuchUpload", NotFound),
        ("InvalidPart", Invalid),
        ("InvalidPartOrder", Invalid),
        ("EntityTooSmall", Invalid),
    ],
)
def test_what_s3_says_of_parts_is_told_in_our_words(world, code, error):
    with Stubber(aws.client("s3")) as s3:
        s3.add_client_error("complete_multipart_upload", service_error_code=code)
        with pytest.raises(error):
            world.deps.store.join_parts("uploads/x", "u", [(1, '"e"')])


def test_giving_up_what_is_gone_is_no_error(world):
    with Stubber(aws.client("s3")) as s3:
        s3.add_client_error("abort_multipart_upload", service_error_code="NoSuchUpload")
        world.deps.store.drop_parts("uploads/x", "u")
