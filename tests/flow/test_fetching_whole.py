"""A whole fetch with the real fetcher: from a server of the test, by its plain address, to S3."""

import dataclasses
import hashlib

import pytest

from reelsmith.domain.assets import AssetStatus
from reelsmith.engines.fetch import SafeFetcher
from reelsmith.usecases import fetching, uploads
from tests.builders import a_caller
from tests.engines.hosts import LINE, Host
from tests.flow.test_fetching import deliver, settle
from tests.world import a_world

FILM = b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 2000


@pytest.fixture
def visit():
    """Has a file fetched from a server that answers by a script: (world, host, asset)."""
    with a_world() as world:
        hosts = []

        def begin(script):
            host = Host(script, None)
            hosts.append(host)
            plain = f"127.0.0.1:{host.port}"
            world.deps = dataclasses.replace(world.deps, fetcher=SafeFetcher(plain=plain))
            url = f"http://{plain}/film.mp4"
            asset = fetching.ask(world.deps, caller=a_caller(), source_url=url).thing
            return world, host, asset

        yield begin
        for host in hosts:
            host.stop()


def look(world, asset):
    return uploads.read(world.deps, caller=a_caller(), asset_id=asset.id)


def test_a_file_comes_from_its_server_into_the_store(visit):
    world, host, asset = visit(lambda call: call.answer(FILM, Content_Type="text/html"))

    assert deliver(world) == {"batchItemFailures": []}
    settle(world)

    seen = look(world, asset)
    assert (seen.status, seen.content_type) == (AssetStatus.READY, "video/mp4")
    assert seen.sha256 == hashlib.sha256(FILM).hexdigest()
    assert world.deps.store.read(seen.key) == FILM
    assert [call.path for call in host.calls] == ["/film.mp4"]


def test_a_later_try_goes_on_where_an_earlier_one_broke(visit):
    def script(call):
        if call.number == 0:
            head = f'Content-Length: {len(FILM)}\r\nETag: "v1"\r\n\r\n'
            call.say(LINE, head.encode(), FILM[:200_000])
        elif call.number == 1:
            call.answer(b"", "503 Busy")
        else:
            at = int(call.headers["range"].removeprefix("bytes=").removesuffix("-"))
            told = f"bytes {at}-{len(FILM) - 1}/{len(FILM)}"
            call.answer(FILM[at:], "206 Partial Content", Content_Range=told, ETag='"v1"')

    world, host, asset = visit(script)

    assert deliver(world)["batchItemFailures"]
    assert deliver(world, tries=2) == {"batchItemFailures": []}
    settle(world)

    assert look(world, asset).sha256 == hashlib.sha256(FILM).hexdigest()
    assert [call.headers.get("range") for call in host.calls] == [
        None,
        "bytes=200000-",
        "bytes=200000-",
    ]


def test_what_is_left_of_one_file_makes_room_for_the_next(visit):
    def script(call):
        call.say(LINE, b'Content-Length: 1000\r\nETag: "v1"\r\n\r\n', bytes(400))

    world, host, _ = visit(script)
    deliver(world)
    assert sorted(left.suffix for left in fetching._room_of().iterdir()) == [".json", ".part"]

    host.script = lambda call: call.answer(FILM)
    url = f"http://127.0.0.1:{host.port}/film.mp4"
    other = fetching.ask(world.deps, caller=a_caller(), source_url=url).thing
    deliver(world, orders=world.deps.errands.orders[1:])
    settle(world)

    assert look(world, other).status is AssetStatus.READY
    assert list(fetching._room_of().iterdir()) == []
