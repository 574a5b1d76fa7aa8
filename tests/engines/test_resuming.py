"""Broken transfers: what came is kept, and the rest is pieced in only where it surely belongs."""

import hashlib
import json

import pytest

from reelsmith.errors import Unavailable
from tests.engines.hosts import BODY, LINE, URL, get


def breaking_after(first, *, etag='"v1"', changed=None):
    """A host whose first connection breaks; later ones honour ranges of the same file."""

    def script(call):
        headers = {"ETag": etag} if etag else {}
        if call.number == 0:
            told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            head = f"Content-Length: {len(BODY)}\r\n{told}\r\n"
            call.say(LINE, head.encode(), BODY[:first])
        elif "range" in call.headers and call.headers["if-range"] == (changed or etag):
            at = int(call.headers["range"].removeprefix("bytes=").removesuffix("-"))
            told = f"bytes {at}-{len(BODY) - 1}/{len(BODY)}"
            call.answer(BODY[at:], "206 Partial Content", Content_Range=told, **headers)
        else:
            call.answer(BODY, ETag=changed or etag)

    return script


def test_a_broken_connection_is_taken_up_where_it_broke(meet, tmp_path):
    with meet(breaking_after(300_000)) as (fetcher, host, _):
        fetched = get(fetcher, tmp_path / "in")
        assert [call.headers.get("range") for call in host.calls] == [None, "bytes=300000-"]
    assert fetched.sha256 == hashlib.sha256(BODY).hexdigest()


def test_a_file_that_changed_meanwhile_is_fetched_from_its_beginning(meet, tmp_path):
    with meet(breaking_after(300_000, changed='"v2"')) as (fetcher, host, _):
        assert get(fetcher, tmp_path / "in").sha256 == hashlib.sha256(BODY).hexdigest()
        assert len(host.calls) == 2


@pytest.mark.parametrize("etag", [None, 'W/"v1"'])
def test_without_a_strong_mark_of_the_file_nothing_is_pieced_together(meet, tmp_path, etag):
    with meet(breaking_after(300_000, etag=etag)) as (fetcher, host, _):
        with pytest.raises(Unavailable):
            get(fetcher, tmp_path / "in")
        get(fetcher, tmp_path / "in")
        assert "range" not in host.calls[1].headers
    assert (tmp_path / "in").read_bytes() == BODY


def test_a_later_call_goes_on_where_an_earlier_one_died(meet, tmp_path):
    partial, note = tmp_path / "in.part", tmp_path / "in.part.json"
    url = hashlib.sha256(URL.encode()).hexdigest()
    partial.write_bytes(BODY[:123_456])
    note.write_text(json.dumps({"url": url, "validator": '"v1"'}))

    def script(call):
        at = int(call.headers["range"].removeprefix("bytes=").removesuffix("-"))
        told = f"bytes {at}-{len(BODY) - 1}/{len(BODY)}"
        call.answer(BODY[at:], "206 Partial Content", Content_Range=told, ETag='"v1"')

    with meet(script) as (fetcher, _, _):
        get(fetcher, tmp_path / "in")
    assert (tmp_path / "in").read_bytes() == BODY


@pytest.mark.parametrize("note", ["{}", "[]", "no json", '{"url": "other", "validator": "x"}'])
def test_the_beginning_of_another_file_is_thrown_away(meet, tmp_path, note):
    (tmp_path / "in.part").write_bytes(b"another file's")
    (tmp_path / "in.part.json").write_text(note)
    with meet(lambda call: call.answer(BODY)) as (fetcher, host, _):
        get(fetcher, tmp_path / "in")
        assert "range" not in host.calls[0].headers
    assert (tmp_path / "in").read_bytes() == BODY


@pytest.mark.parametrize(
    "told", ["bytes 0-9/10", "bytes 5-9/100", "bytes */10", "5-9/10", "", "bytes 5-9/*"]
)
def test_a_part_that_was_not_asked_for_is_not_pieced_in(meet, tmp_path, told):
    def script(call):
        if call.number == 0:
            call.say(LINE, b'Content-Length: 10\r\nETag: "v1"\r\n\r\n12345')
        elif "range" in call.headers:
            call.answer(b"67890", "206 Partial Content", Content_Range=told or None)
        else:
            call.answer(b"1234567890", ETag='"v1"')

    with meet(script) as (fetcher, _, _):
        get(fetcher, tmp_path / "in")
    assert (tmp_path / "in").read_bytes() == b"1234567890"


def test_a_server_that_breaks_again_and_again_is_left(meet, tmp_path):
    def script(call):
        at = call.number
        whole = f'{"HTTP/1.1 200 OK" if at == 0 else "HTTP/1.1 206 Partial"}\r\nETag: "v1"\r\n'
        part = f"Content-Range: bytes {at}-99/100\r\nContent-Length: {100 - at}\r\n\r\n"
        call.say((whole + part).encode(), b"x")

    with meet(script) as (fetcher, host, _):
        with pytest.raises(Unavailable):
            get(fetcher, tmp_path / "in")
        assert len(host.calls) == 4
