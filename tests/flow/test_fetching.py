"""Files that we fetch: a caller says where one is, and it comes, or the caller learns why not."""

import dataclasses
import hashlib
import json
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from reelsmith import aws
from reelsmith.domain.assets import AssetStatus
from reelsmith.domain.people import Role
from reelsmith.engines.addresses import refused
from reelsmith.engines.fetch import SafeFetcher
from reelsmith.errors import (
    Forbidden,
    Invalid,
    KeyReused,
    NotFound,
    TooMany,
    Unavailable,
)
from reelsmith.ports import Fetched
from reelsmith.storage import keys
from reelsmith.usecases import fetching, uploads
from reelsmith.usecases.once import Once
from reelsmith.workflow import arrivals, fetches
from tests.builders import TENANT, a_caller, an_id
from tests.world import a_world

URL = "https://files.example.com/a/beach%20day.png?sig=s3cret"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(1000)
MP4 = b"\0\0\0\x18ftypmp42" + bytes(1000)
ONCE = Once(key="k1", fingerprint="f1")


class Web:
    """The internet: URLs and what is there. What raises is an error."""

    def __init__(self):
        self.files = {URL: PNG}
        self.fetched = 0
        self.check = SafeFetcher().check

    def fetch(self, url, into, *, most_bytes, timeout_s, headers=None):
        self.fetched += 1
        found = self.files.get(url, refused("its server answers with status 404"))
        if isinstance(found, Exception):
            raise found
        into.write_bytes(found)
        digest = hashlib.sha256(found).hexdigest()
        return Fetched(200, "image/png", len(found), digest, "", "files.example.com")


@pytest.fixture
def world():
    with a_world() as made:
        made.deps = dataclasses.replace(made.deps, fetcher=Web())
        yield made


def ask(world, url=URL, **more):
    return fetching.ask(world.deps, caller=a_caller(), source_url=url, **more)


def deliver(world, *, tries=1, orders=None):
    """The function that goes out reads its queue once."""
    orders = world.deps.errands.orders if orders is None else orders
    records = [
        {
            "messageId": str(n),
            "receiptHandle": f"receipt-{n}",
            "body": order if isinstance(order, str) else json.dumps(order),
            "attributes": {"ApproximateReceiveCount": str(tries)},
        }
        for n, order in enumerate(orders)
    ]
    return fetches.handle(world.deps, {"Records": records})


def arrive(world, key):
    """The intake is told of an object."""
    event = {"detail": {"object": {"key": key}}}
    records = [{"messageId": "m", "body": json.dumps(event)}]
    assert arrivals.handle(world.deps, {"Records": records}) == {"batchItemFailures": []}


def settle(world):
    """The intake is told of everything that is among the uploads."""
    for stored in list(world.deps.store.list(f"{keys.UPLOADS}{TENANT}/")):
        arrive(world, stored.key)


def look(world, asset):
    return uploads.read(world.deps, caller=a_caller(), asset_id=asset.id)


def test_a_file_that_is_at_a_url_becomes_an_asset(world):
    asset = ask(world).thing
    assert (asset.status, asset.original_filename) == (AssetStatus.WAITING, "beach day.png")

    assert deliver(world) == {"batchItemFailures": []}
    settle(world)

    seen = look(world, asset)
    assert (seen.status, seen.content_type, seen.file_type) == ("ready", "image/png", "image")
    assert (seen.size_bytes, seen.sha256) == (len(PNG), hashlib.sha256(PNG).hexdigest())
    assert world.deps.store.read(seen.key) == PNG
    assert seen.key == keys.media(TENANT, seen.sha256)


def test_the_row_never_holds_the_url(world):
    ask(world)
    assert "s3cret" not in json.dumps(world.table.items())


@pytest.mark.parametrize("found", [PNG, refused("no"), Unavailable("away"), b"<html>"])
def test_no_log_holds_the_url(world, capsys, found):
    world.deps.fetcher.files[URL] = found
    ask(world)
    deliver(world)
    deliver(world, orders=['{"url": "https://example.com/?sig=s3cret"}'])
    settle(world)
    told = capsys.readouterr()
    assert "s3cret" not in told.out + told.err


def test_the_same_bytes_fetched_twice_are_kept_once(world):
    first, second = ask(world).thing, ask(world).thing
    deliver(world)
    settle(world)
    assert look(world, first).key == look(world, second).key
    assert len(list(world.deps.store.list(f"media/{TENANT}/"))) == 1


def test_a_type_that_was_named_decides_between_sound_and_pictures(world):
    world.deps.fetcher.files["https://example.com/a.mp4"] = MP4
    sound = ask(world, "https://example.com/a.mp4", content_type="audio/mp4").thing
    film = ask(world, "https://example.com/a.mp4").thing
    deliver(world)
    settle(world)
    assert (look(world, sound).file_type, look(world, film).file_type) == ("audio", "video")


@pytest.mark.parametrize(
    ("body", "named", "why"),
    [
        (b"<!DOCTYPE html><html>", None, "is a web page, not a kind of file we take"),
        (b"#EXTM3U\n", None, "is a playlist"),
        (b"", None, "is empty"),
        (PNG, "video/mp4", "is PNG, not a video"),
    ],
)
def test_what_is_there_is_known_by_its_bytes(world, body, named, why):
    world.deps.fetcher.files[URL] = body
    asset = ask(world, content_type=named).thing
    deliver(world)
    settle(world)
    seen = look(world, asset)
    assert seen.status is AssetStatus.REJECTED
    assert why in seen.refusal


def test_a_url_where_nothing_is_ends_with_the_reason(world):
    asset = ask(world, "https://example.com/gone.png").thing
    assert deliver(world) == {"batchItemFailures": []}
    settle(world)
    seen = look(world, asset)
    assert (seen.status, seen.refusal) == (
        "rejected",
        "it could not be fetched: its server answers with status 404",
    )


def test_the_journal_says_that_a_file_was_refused_and_not_what_it_was_called(world):
    world.deps.fetcher.files[URL] = b"<html>"
    asset = ask(world).thing
    deliver(world)
    settle(world)

    told = world.deps.journal.page(TENANT, resource=asset.id, limit=10).entries

    assert [entry.action for entry in told] == ["asset.rejected", "asset.fetch_requested"]
    assert told[0].changes == {"status": ["waiting", "rejected"]}
    assert "beach day" not in "".join(entry.model_dump_json() for entry in told)


def test_a_server_that_is_away_is_tried_again_later_each_time_and_then_given_up(world):
    world.deps.fetcher.files[URL] = Unavailable("the server of the URL is too slow")
    asset = ask(world).thing
    for tries in range(1, fetches.TRIES):
        assert deliver(world, tries=tries) == {"batchItemFailures": [{"itemIdentifier": "0"}]}
        assert look(world, asset).status is AssetStatus.WAITING
    assert deliver(world, tries=fetches.TRIES) == {"batchItemFailures": []}
    settle(world)
    assert world.deps.errands.put_off_s == [30, 60, 120, 240]
    assert look(world, asset).refusal.endswith("the server of the URL is too slow")


def test_a_server_that_comes_back_in_time_gives_the_file_after_all(world):
    world.deps.fetcher.files[URL] = Unavailable("the server of the URL is too slow")
    asset = ask(world).thing
    deliver(world)
    world.deps.fetcher.files[URL] = PNG
    deliver(world, tries=2)
    settle(world)
    assert look(world, asset).status is AssetStatus.READY


def test_an_order_that_comes_twice_changes_nothing(world):
    asset = ask(world).thing
    for _ in range(2):
        deliver(world)
        settle(world)
    first = look(world, asset)
    world.deps.fetcher.files[URL] = PNG + b"changed"
    deliver(world)
    settle(world)
    assert look(world, asset) == first
    assert world.deps.store.read(first.key) == PNG


def test_bytes_that_change_while_they_are_taken_in_are_not_mixed_up(world):
    asset = ask(world).thing
    deliver(world)
    put, copy = world.deps.store.write, world.deps.store.copy

    def overtaken(source, target, *, version=None):
        put(PNG + b"other", source, content_type="image/png")
        copy(source, target, version=version)

    store = world.deps.store
    store.copy = overtaken
    arrive(world, asset.key)
    seen = look(world, asset)
    assert hashlib.sha256(store.read(seen.key)).hexdigest() == seen.sha256


def test_a_try_that_failed_after_one_that_brought_the_file_takes_nothing_back(world):
    asset = ask(world).thing
    deliver(world)
    world.deps.fetcher.files[URL] = refused("its server answers with status 404")
    deliver(world, tries=2)
    arrive(world, keys.not_fetched(TENANT, asset.id))
    assert look(world, asset).status is AssetStatus.READY


def test_a_fetch_that_died_for_good_is_refused_when_its_time_is_over(world):
    asset = ask(world).thing
    world.later(hours=3, minutes=59)
    assert look(world, asset).status is AssetStatus.WAITING
    world.later(minutes=1)
    assert look(world, asset).refusal == "it did not come from its URL in time"


def test_an_order_that_comes_too_late_goes_nowhere(world):
    ask(world)
    world.later(hours=5)
    assert deliver(world) == {"batchItemFailures": []}
    assert world.deps.fetcher.fetched == 0


def test_what_is_no_order_is_dropped_and_stops_no_other(world):
    ask(world)
    (order,) = world.deps.errands.orders
    assert deliver(world, orders=["{", "[]", order]) == {"batchItemFailures": []}
    assert world.deps.fetcher.fetched == 1


def test_a_store_that_is_away_lets_the_order_come_again(world, monkeypatch):
    ask(world)

    def busy(*_, **__):
        raise ClientError({"Error": {"Code": "SlowDown"}}, "PutObject")

    monkeypatch.setattr(world.deps.store, "put", busy)
    assert deliver(world)["batchItemFailures"]


def test_the_same_key_answers_with_the_same_asset(world):
    first = ask(world, once=ONCE)
    again = ask(world, once=ONCE)
    assert (first.replayed, again.replayed) == (False, True)
    assert first.thing.id == again.thing.id
    with pytest.raises(KeyReused):
        ask(world, once=Once(key="k1", fingerprint="another body"))


def test_an_order_that_could_not_be_placed_is_placed_with_the_next_request(world):
    errands = world.deps.errands

    class Away:
        def place(self, order):
            raise Unavailable("away")

    world.deps = dataclasses.replace(world.deps, errands=Away())
    with pytest.raises(Unavailable):
        ask(world, once=ONCE)
    world.deps = dataclasses.replace(world.deps, errands=errands)
    asset = ask(world, once=ONCE).thing
    deliver(world)
    settle(world)
    assert look(world, asset).status is AssetStatus.READY


@pytest.mark.parametrize(
    "url", ["http://example.com/a", "https://169.254.169.254/", "https://u@example.com/", "x"]
)
def test_a_url_that_we_do_not_go_to_is_refused_at_once(world, url):
    with pytest.raises(Invalid) as refusal:
        ask(world, url)
    assert refusal.value.faults[0].pointer == "/source_url"
    assert world.deps.errands.orders == []


def test_a_type_that_is_not_taken_is_refused_at_once(world):
    with pytest.raises(Invalid) as refusal:
        ask(world, content_type="text/html")
    assert refusal.value.faults[0].pointer == "/content_type"


def test_one_tenant_cannot_have_us_fetch_without_end(world, monkeypatch):
    monkeypatch.setattr(fetching, "BURST", 5)
    with pytest.raises(TooMany) as refusal:
        for _ in range(fetching.BURST + 1):
            ask(world)
    assert len(world.deps.errands.orders) == fetching.BURST
    assert refusal.value.retry_after_s > 0


def test_one_key_does_not_have_us_fetch_without_end_either(world, monkeypatch):
    monkeypatch.setattr(fetching, "BURST", 5)
    with pytest.raises(TooMany):
        for _ in range(6):
            ask(world, once=ONCE)
    deliver(world)
    settle(world)
    assert ask(world, once=ONCE).thing.status is AssetStatus.READY
    assert len(world.deps.errands.orders) == 5


def test_a_viewer_has_nothing_fetched(world):
    with pytest.raises(Forbidden):
        fetching.ask(world.deps, caller=a_caller(role=Role.VIEWER), source_url=URL)


def test_another_tenant_does_not_see_what_is_fetched(world):
    asset = ask(world).thing
    stranger = a_caller(tenant=an_id("ten"))
    with pytest.raises(NotFound):
        uploads.read(world.deps, caller=stranger, asset_id=asset.id)


def test_nothing_is_left_on_the_disk_of_the_function(world):
    ask(world)
    deliver(world)
    assert list(fetching._room_of().iterdir()) == []


def test_the_queue_of_errands_is_told_and_put_off(monkeypatch):
    from reelsmith.engines.errands import QueueErrands  # noqa: PLC0415

    with a_world():
        sqs = aws.client("sqs")
        url = sqs.create_queue(QueueName="fetch")["QueueUrl"]
        errands = QueueErrands(url)
        errands.place({"asset_id": "ast_1"})
        (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
        assert json.loads(message["Body"]) == {"asset_id": "ast_1"}
        errands.put_off(message["ReceiptHandle"], seconds=0)
        assert sqs.receive_message(QueueUrl=url)["Messages"]
        errands.put_off("no receipt", seconds=0)
        with pytest.raises(Unavailable):
            QueueErrands(f"{url}-gone").place({})


def test_the_last_try_is_the_last_before_the_queue_for_failures(world):
    from infra.constructs import queues  # noqa: PLC0415

    assert fetches.TRIES == queues._TRIES
    assert timedelta(seconds=fetching.FETCH_S) * fetches.TRIES < fetching.DUE
