"""Tenants, their keys, and the walls between them."""

import pytest

from reelsmith.domain.ids import Kind
from reelsmith.domain.jobs import Stage
from reelsmith.errors import Conflict, NotFound, Stale
from tests.builders import TENANT, a_key, a_tenant, an_entry, an_id
from tests.homes import at_home
from tests.table.steps import (
    a_film,
    arrived,
    as_started,
    kept,
    moved,
    removed,
    started,
    submitted,
    totals,
    usage,
)
from tests.table.test_tasks import a_task


def test_a_tenant_is_stored_once(table, people):
    renamed = a_tenant(name="Another name")

    assert people.add_tenant(renamed, entry=an_entry()) == a_tenant()
    assert people.tenant(TENANT) == a_tenant()
    assert totals(table) == {"tenants": 1, "users": 1}


def test_a_key_is_found_by_what_its_token_names(credentials):
    key = credentials.add_key(a_key(), entry=an_entry()).thing

    assert credentials.key(TENANT, key.id) == key
    with pytest.raises(NotFound):
        credentials.key(TENANT, "nosuchkey0")


def test_an_id_of_a_key_is_taken_once(credentials):
    key = a_key()
    credentials.add_key(key, entry=an_entry())

    assert credentials.add_key(key, entry=an_entry()).thing == key
    with pytest.raises(Conflict):
        credentials.add_key(a_key(id=key.id, secret_hmac="1" * 64), entry=an_entry())
    assert credentials.key(TENANT, key.id) == key


def test_a_key_needs_a_user(people, credentials):
    nobody = an_id(Kind.TENANT)

    with pytest.raises(NotFound):
        credentials.add_key(a_key(tenant=nobody), entry=an_entry(tenant=nobody))
    with pytest.raises(NotFound):
        people.tenant(nobody)


def test_a_stranger_cannot_tell_that_a_thing_exists(table, jobs, assets, people):
    stranger = at_home(table.repositories, id=an_id(Kind.TENANT))
    job, asset = started(jobs), kept(assets)
    running = started(jobs)
    done, video = a_film(running)
    moved(jobs, running, done, video=video)

    for job_id in (job.id, an_id(Kind.JOB)):
        with pytest.raises(NotFound):
            jobs.get(stranger.id, job_id)
        with pytest.raises(NotFound):
            jobs.spec(stranger.id, job_id)
        with pytest.raises(NotFound):
            jobs.save_task(stranger.id, a_task(job_id, "plan"), expects=None)
        with pytest.raises(Stale):
            jobs.report(stranger.id, job_id, attempt=1, stage=Stage.CHECKING, progress=1)
        assert jobs.tasks(stranger.id, job_id) == ()
        assert jobs.settled(stranger.id, job_id) is None
    for asset_id in (asset.id, an_id(Kind.ASSET)):
        with pytest.raises(NotFound):
            assets.get(stranger.id, asset_id)
        assert assets.get_many(stranger.id, [asset_id]) == {}
    with pytest.raises(NotFound):
        table.repositories.videos.get(stranger.id, video.id)
    assert jobs.page(stranger.id, after=None, limit=9).jobs == ()


def test_a_stranger_cannot_change_a_thing(table, jobs, assets, people):
    stranger = at_home(table.repositories, id=an_id(Kind.TENANT))
    job, running, asset = submitted(jobs), started(jobs), kept(assets)
    before = [item for item in table.items() if TENANT in item["PK"]]

    theirs = job.model_copy(update={"tenant": stranger.id})
    with pytest.raises(NotFound):
        moved(jobs, theirs, as_started(theirs))
    theirs = running.model_copy(update={"tenant": stranger.id})
    with pytest.raises(NotFound):
        jobs.ask_to_cancel(theirs, entry=an_entry(tenant=stranger.id, resource=job.id))
    theirs = asset.model_copy(update={"tenant": stranger.id})
    with pytest.raises(NotFound):
        arrived(assets, theirs)
    removed(assets, theirs)
    assets.mark_processed(stranger.id, [asset.id], job_id=job.id)

    assert [item for item in table.items() if TENANT in item["PK"]] == before
    assert usage(table, stranger.id) == {}


def test_the_same_bytes_of_two_tenants_are_two(table, assets, people):
    other = at_home(table.repositories, id=an_id(Kind.TENANT))
    ours, theirs = kept(assets, sha256="7" * 64), kept(assets, tenant=other.id, sha256="7" * 64)

    removed(assets, ours)

    assert assets.garbage(limit=9) == ((TENANT, "7" * 64),)
    assert assets.collect(TENANT, "7" * 64, lambda: None)
    assert usage(table, other.id) == {"files": 1, "bytes": 1000}
    assert assets.get(other.id, theirs.id) == theirs


@pytest.mark.parametrize("made_up", ["x" * 5000, "ñ" * 600, "#", "J#/..", " "])
def test_an_id_that_somebody_made_up_is_an_id_of_nothing(
    table, jobs, assets, credentials, made_up
):
    for read in (jobs.get, jobs.spec, assets.get, table.repositories.videos.get):
        with pytest.raises(NotFound):
            read(TENANT, made_up)
    with pytest.raises(NotFound):
        credentials.key(TENANT, made_up)
