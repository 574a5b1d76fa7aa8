"""Files on the stage: sent in parts, shown to whoever has a link, and gone when deleted."""

import hashlib
import time
import urllib.request

import pytest

from infra.local.client import Client

pytestmark = pytest.mark.stage

FILM = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(9 << 20)


def put(part, body):
    """Send one part as browsers do; gives what its joining asks for."""
    request = urllib.request.Request(part["url"], data=body, method="PUT")
    request.add_header("Content-Type", "application/octet-stream")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return {"number": part["number"], "etag": answer.headers["ETag"]}


def sent_in_parts(api):
    """A file that is ready after its parts were sent and joined."""
    upload = api.ask(
        "POST",
        "/v1/uploads",
        {
            "filename": "film.mp4",
            "content_type": "video/mp4",
            "size_bytes": len(FILM),
            "sha256": hashlib.sha256(FILM).hexdigest(),
            "multipart": True,
        },
    )
    size = upload["part_size_bytes"]
    parts = [
        put(part, FILM[(part["number"] - 1) * size : part["number"] * size])
        for part in upload["parts"]
    ]
    api.ask("POST", f"/v1/uploads/{upload['id']}/complete", {"parts": parts})
    until = time.monotonic() + 60
    while (seen := api.ask("GET", f"/v1/uploads/{upload['id']}"))["status"] == "waiting":
        assert time.monotonic() < until
        time.sleep(0.2)
    assert seen["status"] == "ready", seen
    return upload["id"]


def test_a_file_in_parts_is_shared_by_a_link_until_it_is_deleted(stage):
    api, nobody = stage.api, Client(stage.api.url, None)
    asset = sent_in_parts(api)
    path = f"/v1/assets/{asset}"
    link = api.ask("POST", f"{path}/shares", {})["url"]
    public = api.ask("PATCH", path, {"access": "public"})["public_url"]

    for shown in (link, public):
        seen = nobody.ask("GET", shown)
        with urllib.request.urlopen(seen["download_url"], timeout=60) as answer:
            assert answer.read() == FILM
        assert nobody.send("GET", f"{shown}/content").body == FILM
    assert nobody.send("GET", path).status == 401

    assert api.send("DELETE", path).status == 204
    assert [nobody.send("GET", gone).status for gone in (link, public)] == [404, 404]
