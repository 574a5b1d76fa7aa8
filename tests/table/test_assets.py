"""Uploaded files, and the bytes that they share."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from reelsmith.domain.assets import AssetStatus
from reelsmith.domain.ids import Kind
from reelsmith.errors import Conflict, NotFound, Unavailable
from reelsmith.table.blobs import LEASE
from tests.builders import EPOCH, TENANT, an_asset, an_entry, an_id
from tests.table.steps import arrived, history, kept, removed, usage

SHA = "5" * 64


def add(assets, asset):
    return assets.add(asset, entry=an_entry(tenant=asset.tenant, resource=asset.id))


def collected(assets) -> list[str]:
    """What the collector deletes in one round."""
    gone = []
    for tenant, sha256 in assets.garbage(limit=50):
        assets.collect(tenant, sha256, lambda sha256=sha256: gone.append(sha256))
    return gone


def test_an_upload_waits_and_is_then_ready(table, assets):
    asset = an_asset(original_filename="Año nuevo & más 🎉.jpg", expires_at=EPOCH)
    add(assets, asset)
    assert assets.get(TENANT, asset.id) == asset
    assert usage(table, TENANT) == {"files": 1}

    ready = arrived(assets, asset)

    assert assets.get(TENANT, asset.id) == ready
    assert usage(table, TENANT) == {"files": 1, "bytes": 1000}


def test_saying_it_twice_changes_nothing_twice(table, assets):
    asset = an_asset()
    entry = an_entry(action="asset.added", resource=asset.id)

    for _ in range(2):
        assets.add(asset, entry=entry)
    for _ in range(2):
        arrived(assets, asset)

    assert usage(table, TENANT) == {"files": 1, "bytes": 1000}
    assert history(table, asset.id) == ["asset.added", "asset.ready"]


def test_the_same_bytes_count_once_and_stay_until_their_last_use(table, assets):
    first, second = kept(assets, sha256=SHA), kept(assets, sha256=SHA)
    assert usage(table, TENANT) == {"files": 2, "bytes": 1000}

    removed(assets, first)
    assert collected(assets) == []
    assert assets.garbage(limit=9) == ()

    removed(assets, second)
    assert collected(assets) == [SHA]
    assert usage(table, TENANT) == {}
    assert assets.garbage(limit=9) == ()


def test_removing_twice_is_once(table, assets):
    first, _ = kept(assets, sha256=SHA), kept(assets, sha256=SHA)

    removed(assets, first)
    removed(assets, first)

    assert usage(table, TENANT) == {"files": 1, "bytes": 1000}
    with pytest.raises(NotFound):
        assets.get(TENANT, first.id)


def test_an_asset_that_became_ready_meanwhile_gives_back_its_bytes(table, assets):
    waiting = an_asset(sha256=SHA)
    kept(assets, waiting)

    removed(assets, waiting)

    assert collected(assets) == [SHA]
    assert usage(table, TENANT) == {}


def test_an_upload_that_never_came_is_removed_without_bytes(table, assets):
    asset = add(assets, an_asset())

    removed(assets, asset)

    assert usage(table, TENANT) == {}
    assert assets.garbage(limit=9) == ()


def test_a_rejected_upload_cannot_become_ready_nor_a_ready_one_be_rejected(assets):
    bad, good = add(assets, an_asset()), kept(assets)
    as_bad = bad.model_copy(update={"status": AssetStatus.REJECTED})
    for _ in range(2):
        assets.reject(bad, as_bad, entry=an_entry(resource=bad.id))

    with pytest.raises(Conflict):
        arrived(assets, bad)
    with pytest.raises(Conflict):
        assets.reject(
            good,
            good.model_copy(update={"status": AssetStatus.REJECTED}),
            entry=an_entry(resource=good.id),
        )


def test_bytes_that_are_being_deleted_cannot_be_used(table, assets):
    removed(assets, kept(assets, sha256=SHA))
    late = add(assets, an_asset(sha256=SHA))

    def meanwhile():
        with pytest.raises(Unavailable):
            arrived(assets, late)

    assert assets.collect(TENANT, SHA, meanwhile)
    arrived(assets, late)

    assert usage(table, TENANT) == {"files": 1, "bytes": 1000}


def test_what_a_collector_left_half_done_is_taken_up_when_it_must_be_dead(table, assets):
    removed(assets, kept(assets, sha256=SHA))
    with pytest.raises(ZeroDivisionError):
        assets.collect(TENANT, SHA, lambda: 1 / 0)
    assert collected(assets) == []

    table.clock.at = EPOCH + LEASE + timedelta(seconds=1)

    assert collected(assets) == [SHA]
    assert usage(table, TENANT) == {}


def test_many_uploads_of_the_same_bytes_at_once_count_them_once(table, assets):
    waiting = [add(assets, an_asset(sha256=SHA)) for _ in range(8)]

    with ThreadPoolExecutor(8) as callers:
        list(callers.map(lambda asset: arrived(assets, asset), waiting))

    assert usage(table, TENANT) == {"files": 8, "bytes": 1000}
    (blob,) = [item for item in table.items() if item.get("et") == "blob"]
    assert blob["refs"] == 8


def test_files_are_found_when_their_time_is_over(assets):
    ends = [EPOCH + timedelta(days=day) for day in (3, 1, 2)]
    made = [kept(assets, expires_at=end) for end in ends]
    kept(assets)

    assert assets.expired(EPOCH, limit=9) == ()
    assert assets.expired(EPOCH + timedelta(days=2), limit=9) == (made[1], made[2])
    assert assets.expired(EPOCH + timedelta(days=9), limit=1) == (made[1],)


def test_files_remember_the_film_that_was_made_of_them(assets):
    used, unused, gone = kept(assets), kept(assets), kept(assets)
    removed(assets, gone)
    job_id = an_id(Kind.JOB)

    assets.mark_processed(TENANT, [used.id, gone.id, used.id], job_id=job_id)

    seen = assets.get_many(TENANT, [used.id, unused.id, gone.id])
    assert set(seen) == {used.id, unused.id}
    assert (seen[used.id].is_processed, seen[used.id].job_id) == (True, job_id)
    assert not seen[unused.id].is_processed


def test_more_files_than_one_request_may_name_are_read(assets):
    one = kept(assets)
    others = [an_id(Kind.ASSET) for _ in range(150)]

    assert set(assets.get_many(TENANT, [*others, one.id, one.id])) == {one.id}


def test_a_file_needs_a_tenant(assets):
    with pytest.raises(NotFound):
        add(assets, an_asset(tenant=an_id(Kind.TENANT)))


def test_a_file_cannot_come_ready_made(assets):
    with pytest.raises(ValueError, match="waits"):
        add(assets, an_asset(status=AssetStatus.READY))
