"""Bodies that are too long, too short, too slow, or packed: none of them becomes a file."""

import socket
import time

import pytest

from reelsmith.engines import wire
from reelsmith.engines.fetch import SafeFetcher
from reelsmith.errors import Invalid, Unavailable
from tests.engines.hosts import LINE, Internet, get, nothing_is_left


def test_a_file_announced_as_too_large_is_not_begun(meet, tmp_path):
    def script(call):
        call.say(LINE, b"Content-Length: 99999999999\r\n\r\n")

    with meet(script) as (fetcher, _, _), pytest.raises(Invalid, match="4194304 bytes"):
        get(fetcher, tmp_path / "in")
    assert sum(file.stat().st_size for file in tmp_path.glob("*.part")) == 0


def test_a_file_without_an_end_is_stopped_at_the_limit(meet, tmp_path):
    def script(call):
        call.say(LINE, b"\r\n")
        for _ in range(100):
            call.say(bytes(100_000))

    with meet(script) as (fetcher, _, _), pytest.raises(Invalid, match="1000000 bytes"):
        get(fetcher, tmp_path / "in", most_bytes=1_000_000)
    assert nothing_is_left(tmp_path)


def short(call):
    call.say(LINE, b"Content-Length: 1000\r\n\r\n", bytes(400))


def short_chunk(call):
    call.say(LINE, b"Transfer-Encoding: chunked\r\n\r\n3e8\r\n", bytes(400))


def silent(call):
    call.say(b"")


def half_a_head(call):
    call.say(LINE, b"Content-Le")


@pytest.mark.parametrize("script", [short, short_chunk, silent, half_a_head])
def test_a_body_cut_short_is_no_file_and_may_come_again(meet, tmp_path, script):
    with meet(script) as (fetcher, _, _), pytest.raises(Unavailable):
        get(fetcher, tmp_path / "in")
    assert not (tmp_path / "in").exists()


def test_a_body_without_a_length_that_is_torn_off_is_no_file(meet, tmp_path):
    def torn(call):
        call.say(LINE, b"\r\n", bytes(400))
        call.takes_leave = False

    with meet(torn) as (fetcher, _, _), pytest.raises(Unavailable):
        get(fetcher, tmp_path / "in")
    assert not (tmp_path / "in").exists()


def test_what_comes_after_the_announced_length_is_not_part_of_the_file(meet, tmp_path):
    def script(call):
        call.say(LINE, b"Content-Length: 4\r\n\r\n", b"good", b"HTTP/1.1 200 OK\r\n\r\nsmuggled")

    with meet(script) as (fetcher, _, _):
        assert get(fetcher, tmp_path / "in").size_bytes == 4


def dripping_head(call):
    call.say(LINE)
    for n in range(200):
        call.say(f"X-{n}: a\r\n".encode())
        time.sleep(0.05)


def dripping_body(call):
    call.say(LINE, b"Content-Length: 1000\r\n\r\n")
    for _ in range(200):
        call.say(b"x")
        time.sleep(0.05)


@pytest.mark.parametrize("script", [dripping_head, dripping_body])
def test_a_server_that_drips_is_left_at_the_deadline(meet, tmp_path, script):
    with meet(script) as (fetcher, _, _):
        began = time.monotonic()
        with pytest.raises(Unavailable, match="too slow"):
            get(fetcher, tmp_path / "in", timeout_s=0.5)
        assert time.monotonic() - began < 3


def test_a_server_that_hardly_sends_anything_is_left_before_the_deadline(
    meet, tmp_path, monkeypatch
):
    monkeypatch.setattr(wire, "_GRACE_S", 0.3)
    with meet(dripping_body) as (fetcher, _, _):
        began = time.monotonic()
        with pytest.raises(Unavailable, match="too slow"):
            get(fetcher, tmp_path / "in", timeout_s=60)
        assert time.monotonic() - began < 5


def test_a_server_that_never_shakes_hands_is_left_at_the_deadline(certificates, tmp_path):
    silent = socket.create_server(("127.0.0.1", 0))
    internet = Internet(silent.getsockname()[1])
    fetcher = SafeFetcher(
        exchange=wire.Exchange(
            resolve=internet.resolve, connect=internet.connect, trust=certificates.trust
        )
    )
    with pytest.raises(Unavailable, match="too slow"):
        get(fetcher, tmp_path / "in", timeout_s=0.5)
    silent.close()


def endless_line(call):
    call.say(LINE, b"X: ", b"a" * 200_000)


def endless_headers(call):
    call.say(LINE, b"".join(f"X-{n}: {'a' * 2000}\r\n".encode() for n in range(90)), b"\r\n")


def endless_patience(call):
    for _ in range(20_000):
        call.say(b"HTTP/1.1 100 Continue\r\n\r\n")


def babble(call):
    call.say(b"SSH-2.0-OpenSSH_9.6\r\n" * 3)


@pytest.mark.parametrize("script", [endless_line, endless_headers, endless_patience, babble])
def test_a_server_that_does_not_come_to_the_point_is_refused(meet, tmp_path, script):
    with meet(script) as (fetcher, _, _), pytest.raises(Invalid):
        get(fetcher, tmp_path / "in")


def test_a_packed_body_is_refused_and_never_unpacked(meet, tmp_path):
    def script(call):
        call.answer(b"\x1f\x8b", Content_Encoding="gzip")

    with meet(script) as (fetcher, _, _), pytest.raises(Invalid, match="packed"):
        get(fetcher, tmp_path / "in")
