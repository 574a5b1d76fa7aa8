"""Going out to a caller's URL: real TLS to a host of the test, which behaves as it likes."""

import hashlib

import pytest

from reelsmith.engines import wire
from reelsmith.engines.fetch import SafeFetcher
from reelsmith.errors import Invalid, Unavailable
from reelsmith.ports import Answer
from tests.engines.hosts import BODY, LINE, NAME, PUBLIC, URL, Host, a_host, get

OTHER = "https://other.reelsmith-cdn.net/"


def test_a_file_comes_whole_and_is_known_by_its_bytes(meet, tmp_path):
    def script(call):
        call.answer(BODY, Content_Type="video/mp4", ETag='"v1"')

    with meet(script) as (fetcher, host, internet):
        fetched = get(fetcher, tmp_path / "in")

    assert (tmp_path / "in").read_bytes() == BODY
    assert fetched.sha256 == hashlib.sha256(BODY).hexdigest()
    assert (fetched.status, fetched.size_bytes, fetched.etag) == (200, len(BODY), '"v1"')
    assert (fetched.content_type, fetched.final_url_host) == ("video/mp4", NAME)
    assert [file.name for file in tmp_path.iterdir()] == ["in"]
    (call,) = host.calls
    assert (call.method, call.path, call.headers["host"]) == ("GET", "/film.mp4", NAME)
    assert call.headers["accept-encoding"] == "identity"
    assert internet.dialled == [(PUBLIC, 443)]


def test_a_file_in_chunks_comes_whole(meet, tmp_path):
    def script(call):
        call.say(LINE, b"Transfer-Encoding: chunked\r\n\r\n")
        for at in range(0, len(BODY), 100_000):
            piece = BODY[at : at + 100_000]
            call.say(f"{len(piece):x}\r\n".encode(), piece, b"\r\n")
        call.say(b"0\r\n\r\n")

    with meet(script) as (fetcher, _, _):
        assert get(fetcher, tmp_path / "in").size_bytes == len(BODY)


def test_a_proxy_of_the_environment_is_not_asked(meet, tmp_path, monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with meet(lambda call: call.answer(BODY)) as (fetcher, host, _):
        get(fetcher, tmp_path / "in")
        assert len(host.calls) == 1


@pytest.mark.parametrize(
    "answers",
    [
        ["127.0.0.1"], ["169.254.169.254"], [PUBLIC, "10.0.0.1"], ["::ffff:127.0.0.1"],
        ["64:ff9b::a9fe:a9fe"], ["::127.0.0.1"], ["2002:7f00:1::"], ["2001:0:7f00:1::"],
        ["fe80::1%eth0"], ["fd00:ec2::254"], ["0.0.0.0"], ["::"], [PUBLIC, "2606:4700::1", "::1"],
    ],
)  # fmt: skip
def test_a_name_that_leads_into_a_private_network_is_not_followed(meet, tmp_path, answers):
    planted = {NAME: [answers]}
    with (
        meet(lambda call: call.answer(BODY), names=planted) as (fetcher, _, internet),
        pytest.raises(Invalid, match="not on the public internet") as refusal,
    ):
        get(fetcher, tmp_path / "in")
    assert internet.dialled == []
    assert not any(address in refusal.value.detail for address in answers)


def test_a_name_that_changes_its_mind_after_the_check_leads_nowhere_else(meet, tmp_path):
    rebinding = {NAME: [[PUBLIC], ["127.0.0.1"]]}
    with meet(lambda call: call.answer(BODY), names=rebinding) as (fetcher, _, internet):
        get(fetcher, tmp_path / "in")
    assert internet.looked_up == [NAME]
    assert internet.dialled == [(PUBLIC, 443)]


def test_a_dead_address_of_a_host_is_passed_over_for_its_next(meet, tmp_path):
    both = {NAME: [["2606:4700::1", PUBLIC]]}
    with meet(lambda call: call.answer(BODY), names=both) as (fetcher, _, internet):
        reach = internet.connect

        def connect(address, timeout_s):
            if address[0] == "2606:4700::1":
                internet.dialled.append(address)
                raise OSError("no route")
            return reach(address, timeout_s)

        fetcher._exchange._connect = connect
        get(fetcher, tmp_path / "in")
    assert internet.dialled == [("2606:4700::1", 443), (PUBLIC, 443)]


def test_a_host_with_another_s_certificate_is_not_believed(meet, tmp_path):
    with meet(lambda call: call.answer(BODY), name="evil.example.org") as (fetcher, host, _):
        with pytest.raises(Invalid, match="certificate"):
            get(fetcher, tmp_path / "in")
        assert host.calls == []


def test_redirects_are_followed_to_the_file(meet, tmp_path):
    def script(call):
        if call.number < 5:
            call.answer(status="302 Found", Location=f"/step{call.number}")
        else:
            call.answer(BODY)

    with meet(script) as (fetcher, host, internet):
        get(fetcher, tmp_path / "in")
        assert [call.path for call in host.calls][-1] == "/step4"
        assert internet.looked_up == [NAME] * 6


@pytest.mark.parametrize(
    "place",
    [
        "https://169.254.169.254/latest/meta-data/", "https://127.0.0.1/", "http://example.com/",
        f"http://{NAME}/film.mp4", "//localhost/", "https://[::1]/", "file:///etc/passwd",
        "https://user@example.com/", "https://example.com:22/", "https://2130706433/",
        "gopher://example.com/", "https://[64:ff9b::7f00:1]/", "\\\\127.0.0.1\\c$", "",
        "https://inside.example.org/", "https://[", "data:,x", "/" + "a" * 3000,
    ],
)  # fmt: skip
def test_a_redirect_to_a_place_we_do_not_go_to_is_not_followed(meet, tmp_path, place):
    def script(call):
        call.answer(status="302 Found", Location=place)

    names = {NAME: [[PUBLIC]], "inside.example.org": [["10.1.2.3"]]}
    with meet(script, names=names) as (fetcher, host, internet):
        with pytest.raises(Invalid):
            get(fetcher, tmp_path / "in")
        assert len(host.calls) == len(internet.dialled) == 1


def test_a_circle_of_redirects_ends(meet, tmp_path):
    with meet(lambda call: call.answer(status="301 Moved", Location=URL)) as (fetcher, host, _):
        with pytest.raises(Invalid, match="more than 5 times"):
            get(fetcher, tmp_path / "in")
        assert len(host.calls) == 6


def test_what_one_host_is_told_another_is_not(certificates, meet, tmp_path):
    def script(call):
        call.answer(status="307 Temporary", Location=OTHER)

    with meet(script) as (fetcher, host, _):
        with pytest.raises(Invalid, match="certificate"):
            get(fetcher, tmp_path / "in", headers={"Authorization": "Bearer s3cret"})
        assert host.calls[0].headers["authorization"] == "Bearer s3cret"

    def onward(call):
        call.answer(BODY)

    context = certificates.server(OTHER.split("/")[2])
    other = Host(onward, context)
    with meet(script) as (fetcher, host, _):
        ports = iter((host.port, other.port))
        fetcher._exchange._connect = lambda _, s: wire.dial(("127.0.0.1", next(ports)), s)
        get(fetcher, tmp_path / "in", headers={"Authorization": "Bearer s3cret"})
    assert "authorization" not in other.calls[0].headers
    other.stop()


@pytest.mark.parametrize(
    ("status", "kind"),
    [(204, Invalid), (206, Unavailable), (300, Invalid), (304, Invalid), (401, Invalid),
     (403, Invalid), (404, Invalid), (410, Invalid), (416, Invalid), (408, Unavailable),
     (429, Unavailable), (500, Unavailable), (503, Unavailable)],
)  # fmt: skip
def test_a_server_that_says_no_is_asked_again_only_where_that_may_help(
    meet, tmp_path, status, kind
):
    def script(call):
        call.answer(b"", f"{status} No")

    with meet(script) as (fetcher, _, _), pytest.raises(kind):
        get(fetcher, tmp_path / "in")


def test_a_note_is_sent_once_and_its_answer_told(meet):
    def script(call):
        call.answer(b"thanks", "202 Accepted")

    with meet(script) as (fetcher, host, _):
        answer = fetcher.send(
            URL, b'{"a": 1}', headers={"Content-Type": "application/json"}, timeout_s=5
        )
        (call,) = host.calls
    assert answer.status == 202
    assert (call.method, call.body) == ("POST", b'{"a": 1}')


def test_a_note_is_not_carried_on_by_a_redirect(meet):
    with meet(lambda call: call.answer(status="302 Found", Location=OTHER)) as (fetcher, host, _):
        assert fetcher.send(URL, b"{}", headers={}, timeout_s=5).status == 302
        assert host.connections == 1


def test_when_to_come_again_is_told_as_it_was_said(meet):
    def script(call):
        call.answer(status="503 Service Unavailable", Retry_After="120")

    with meet(script) as (fetcher, _, _):
        assert fetcher.send(URL, b"{}", headers={}, timeout_s=5) == Answer(503, "120")


def test_a_note_does_not_follow_a_name_that_has_moved_to_a_private_address(meet):
    names = {NAME: [[PUBLIC], ["10.0.0.7"]]}
    with meet(lambda call: call.answer(), names=names) as (fetcher, host, _):
        assert fetcher.send(URL, b"{}", headers={}, timeout_s=5).status == 200
        with pytest.raises(Invalid, match="public internet"):
            fetcher.send(URL, b"{}", headers={}, timeout_s=5)
        assert host.connections == 1


@pytest.mark.parametrize("url", ["http://example.com/hook", "https://127.0.0.1/hook"])
def test_a_note_goes_to_public_hosts_only(url):
    with pytest.raises(Invalid):
        SafeFetcher().send(url, b"{}", headers={}, timeout_s=1)


def test_the_plain_address_of_the_local_stage_is_reached_without_tls(tmp_path):
    host = Host(lambda call: call.answer(BODY), None)
    plain = f"127.0.0.1:{host.port}"

    get(SafeFetcher(plain=plain), tmp_path / "in", f"http://{plain}/film.mp4")

    assert (tmp_path / "in").read_bytes() == BODY
    assert host.calls[0].headers["host"] == plain
    host.stop()


def test_no_public_host_leads_on_to_the_plain_address(certificates, tmp_path):
    inside = Host(lambda call: call.answer(b"secret"), None)
    plain = f"127.0.0.1:{inside.port}"

    def script(call):
        call.answer(status="302 Found", Location=f"http://{plain}/")

    with a_host(script, certificates=certificates) as (fetcher, _, _):
        fetcher._plain = plain
        with pytest.raises(Invalid, match="from https to http"):
            get(fetcher, tmp_path / "in")
    assert inside.calls == []
    inside.stop()
