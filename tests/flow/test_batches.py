"""Many films from one request: each row is one job, whatever happens in between."""

import hashlib

import pytest

from reelsmith.domain.assets import AssetStatus
from reelsmith.domain.batches import BatchStatus, RowStatus
from reelsmith.domain.jobs import Failure, JobStatus
from reelsmith.errors import Conflict, Invalid, KeyReused, NotFound
from reelsmith.storage import keys
from reelsmith.usecases import batches, erasing, feeding, uploads, vanishing
from reelsmith.usecases import jobs as wishes
from reelsmith.usecases.jobs import Wanted
from reelsmith.usecases.once import Once
from reelsmith.usecases.orders import Order
from reelsmith.workflow import rounds
from tests.builders import OWNER, TENANT, a_caller, a_spec, a_user, an_asset, an_entry, an_id
from tests.homes import moved_in
from tests.table.steps import a_film, ended, kept, moved, started
from tests.world import a_world


class Killed(BaseException):
    """The process died here."""


@pytest.fixture
def world():
    with a_world() as made:
        yield made


def words(count):
    return tuple({"text_prompt": f"Film {n}.", "external_id": f"sku-{n}"} for n in range(count))


def ordered(world, rows=3, **changes):
    rows = words(rows) if isinstance(rows, int) else rows
    order = Order(title="Catalogue", rows=rows, **changes)
    return batches.submit(world.deps, caller=a_caller(), order=order).thing


def fed(world):
    return feeding.advance(world.deps, seconds=3600, calls_off=True)


def seen(world, batch):
    return batches.read(world.deps, caller=a_caller(), batch_id=batch.id)


def outcomes(world, batch, **wanted):
    return batches.rows(world.deps, caller=a_caller(), batch_id=batch.id, limit=500, **wanted)[0]


def jobs_of(world):
    return sorted(
        (item for item in world.table.items() if item.get("et") == "job" and "batch" in item),
        key=lambda item: item["row"],
    )


def ends(world, job_id, status):
    """A job of a batch comes to its end."""
    job = started(world.deps.jobs, world.deps.jobs.get(TENANT, job_id))
    if status is JobStatus.COMPLETED:
        done, video = a_film(job)
        moved(world.deps.jobs, job, done, video=video)
    else:
        ended(world.deps.jobs, job, status, error=Failure(code="media_error", detail="broken"))


def limited(world, most):
    was = world.deps.people.tenant(TENANT)
    now = was.model_copy(update={"max_active_jobs": most})
    world.deps.people.change_tenant(was, now, entry=an_entry())


def test_each_row_becomes_one_job_in_the_order_of_rows(world):
    batch = ordered(world, 3)
    assert (batch.status, batch.rows, batch.fed) == (BatchStatus.PROCESSING, 3, 0)
    assert [row.status for row in outcomes(world, batch)] == [RowStatus.WAITING] * 3

    fed(world)
    fed(world)

    made = jobs_of(world)
    assert [(job["batch"], job["row"]) for job in made] == [(batch.id, n) for n in range(3)]
    assert [job["id"] for job in made] == sorted(job["id"] for job in made)
    told = outcomes(world, batch)
    assert [(row.external_id, row.status) for row in told] == [
        (f"sku-{n}", RowStatus.QUEUED) for n in range(3)
    ]
    spec = world.deps.jobs.spec(TENANT, told[1].job_id)
    assert spec.text_prompt == "Film 1."


def test_a_batch_is_over_when_all_of_its_jobs_are(world):
    batch = ordered(world, 3)
    fed(world)
    ids = [row.job_id for row in outcomes(world, batch)]

    ends(world, ids[0], JobStatus.COMPLETED)
    ends(world, ids[1], JobStatus.FAILED)
    fed(world)
    half = seen(world, batch)
    assert (half.status, half.completed, half.failed) == (BatchStatus.PROCESSING, 1, 1)
    assert half.progress == pytest.approx(66.67)

    ends(world, ids[2], JobStatus.COMPLETED)
    assert fed(world).ended == 1

    over = seen(world, batch)
    assert (over.status, over.completed, over.failed) == (BatchStatus.COMPLETED, 2, 1)
    assert over.progress == 100
    assert world.deps.batches.due(limit=10) == ()
    assert [row.number for row in outcomes(world, batch, status=RowStatus.FAILED)] == [1]


def test_a_batch_fails_only_when_every_row_did(world):
    batch = ordered(world, 2)
    fed(world)
    for row in outcomes(world, batch):
        ends(world, row.job_id, JobStatus.FAILED)
    fed(world)
    assert seen(world, batch).status is BatchStatus.FAILED


def test_the_same_key_makes_one_batch(world):
    order = Order(title="Catalogue", rows=words(2))
    once = Once("monday", "f" * 64)
    first = batches.submit(world.deps, caller=a_caller(), order=order, once=once)
    again = batches.submit(world.deps, caller=a_caller(), order=order, once=once)
    assert (again.thing.id, again.replayed) == (first.thing.id, True)
    with pytest.raises(KeyReused):
        batches.submit(world.deps, caller=a_caller(), order=order, once=Once("monday", "0" * 64))


@pytest.mark.parametrize("lost", [False, True], ids=["killed before", "answer lost"])
def test_feeding_killed_at_any_request_makes_each_row_one_job(world, lost):
    batch = ordered(world, 4)
    for at in range(1, 60):
        calls = iter(range(1, 10_000))

        def dies(_, __, send, at=at, calls=calls):
            burns = next(calls) == at
            if burns and lost:
                send()
            if burns:
                raise Killed
            return send()

        world.table.database.hook = dies
        try:
            fed(world)
        except Killed:
            continue
        finally:
            world.table.database.hook = None
        if seen(world, batch).fed == 4:
            break

    fed(world)
    assert [job["row"] for job in jobs_of(world)] == [0, 1, 2, 3]
    assert (seen(world, batch).submitted, seen(world, batch).fed) == (4, 4)


def test_two_rounds_at_once_make_no_job_twice(world):
    batch = ordered(world, 3)
    meanwhile = []

    def overlaps(operation, _, send):
        if operation == "TransactWriteItems" and not meanwhile:
            meanwhile.append(True)
            fed(world)
        return send()

    world.table.database.hook = overlaps
    fed(world)
    world.table.database.hook = None

    assert [job["row"] for job in jobs_of(world)] == [0, 1, 2]
    assert seen(world, batch).submitted == 3


def test_many_rows_go_through_a_small_quota_each_once(world):
    limited(world, 20)
    batch = ordered(world, 60)
    most = 0
    while not seen(world, batch).status.final:
        fed(world)
        queued = [job for job in jobs_of(world) if job["status"] == "queued"]
        most = max(most, len(queued))
        for job in queued[:9]:
            ends(world, job["id"], JobStatus.COMPLETED)
        world.later(minutes=1)

    assert most == 18
    assert seen(world, batch).completed == 60
    assert [job["row"] for job in jobs_of(world)] == list(range(60))


def test_single_requests_keep_some_places_beside_a_batch(world):
    limited(world, 10)
    ordered(world, 30)
    fed(world)
    assert len(jobs_of(world)) == 9

    single = Wanted(title="Ad", spec=a_spec())
    assert wishes.submit(world.deps, caller=a_caller(), wanted=single).thing.batch is None


def test_a_cancelled_batch_takes_no_row_up_and_calls_its_jobs_off(world):
    limited(world, 10)
    batch = ordered(world, 30)
    fed(world)
    ids = [row.job_id for row in outcomes(world, batch, status=RowStatus.QUEUED)]
    ends(world, ids[0], JobStatus.COMPLETED)
    started(world.deps.jobs, world.deps.jobs.get(TENANT, ids[1]))

    called = batches.cancel(world.deps, caller=a_caller(), batch_id=batch.id)
    again = batches.cancel(world.deps, caller=a_caller(), batch_id=batch.id)
    fed(world)

    over = seen(world, batch)
    assert called.cancel_requested
    assert again.cancel_requested
    assert (over.status, over.fed, over.completed, over.cancelled) == (
        BatchStatus.CANCELLED,
        9,
        1,
        8,
    )
    assert len(outcomes(world, batch, status=RowStatus.CANCELLED)) == 29
    assert len(jobs_of(world)) == 9


def test_a_batch_that_is_called_off_in_the_middle_of_a_round_stops_there(world):
    batch = ordered(world, 5)
    births = []

    def meanwhile(operation, _, send):
        if operation == "TransactWriteItems":
            births.append(operation)
            if len(births) == 3:
                world.table.database.hook = None
                batches.cancel(world.deps, caller=a_caller(), batch_id=batch.id)
        return send()

    world.table.database.hook = meanwhile
    fed(world)
    fed(world)

    assert [job["status"] for job in jobs_of(world)] == ["cancelled", "cancelled"]
    assert seen(world, batch).status is BatchStatus.CANCELLED


def test_what_is_over_cannot_be_called_off(world):
    batch = ordered(world, 1)
    fed(world)
    ends(world, outcomes(world, batch)[0].job_id, JobStatus.COMPLETED)
    fed(world)
    with pytest.raises(Conflict, match="completed"):
        batches.cancel(world.deps, caller=a_caller(), batch_id=batch.id)


def test_only_the_rows_that_failed_are_tried_again(world):
    batch = ordered(world, 4)
    with pytest.raises(Conflict, match="processing"):
        batches.retry(world.deps, caller=a_caller(), batch_id=batch.id)
    fed(world)
    for row in outcomes(world, batch):
        good = row.number % 2 == 0
        ends(world, row.job_id, JobStatus.COMPLETED if good else JobStatus.FAILED)
    fed(world)

    again = batches.retry(world.deps, caller=a_caller(), batch_id=batch.id).thing
    twice = batches.retry(world.deps, caller=a_caller(), batch_id=batch.id)
    fed(world)

    assert (twice.thing.id, twice.replayed) == (again.id, True)
    assert (again.rows, again.retry_of) == (2, batch.id)
    assert seen(world, batch).retried_by == again.id
    assert [row.external_id for row in outcomes(world, again)] == ["sku-1", "sku-3"]
    assert len(jobs_of(world)) == 6


def test_a_row_whose_picture_is_gone_fails_alone_and_says_why(world):
    picture = kept(world.deps.assets)
    rows = (*words(1), {"text_prompt": "With a picture.", "images": [picture.id]}, *words(1))
    rows = tuple({**row, "external_id": None} for row in rows)
    batch = ordered(world, rows=rows)
    world.deps.assets.remove(picture, entry=an_entry())
    fed(world)

    told = outcomes(world, batch)
    assert [row.status for row in told] == [
        RowStatus.QUEUED,
        RowStatus.FAILED,
        RowStatus.QUEUED,
    ]
    assert told[1].error.detail.startswith("/images/0: there is no asset")
    assert seen(world, batch).refused == 1


def test_rows_wait_an_hour_for_bytes_that_were_announced(world):
    waiting = world.deps.assets.add(an_asset(), entry=an_entry())
    batch = ordered(world, rows=({"text_prompt": "Soon.", "images": [waiting.id]},))
    fed(world)
    assert [row.status for row in outcomes(world, batch)] == [RowStatus.WAITING]

    world.later(minutes=61)
    fed(world)
    assert [row.status for row in outcomes(world, batch)] == [RowStatus.FAILED]
    assert seen(world, batch).status is BatchStatus.FAILED


def test_every_wrong_row_is_named_with_its_number_and_nothing_is_taken(world):
    rows = [{"text_prompt": "Fine."}, {"text_prompt": ""}, {"text_prompt": "X", "colour": "red"}]
    with pytest.raises(Invalid) as refused:
        ordered(world, rows=(*rows, {"text_prompt": "P", "images": ["ast_none"]}))
    assert [fault.pointer for fault in refused.value.faults] == [
        "/rows/1/text_prompt",
        "/rows/2/colour",
    ]
    with pytest.raises(Invalid) as missing:
        ordered(world, rows=(rows[0], {"text_prompt": "P", "images": ["ast_none"]}))
    assert [fault.pointer for fault in missing.value.faults] == ["/rows/1/images/0"]
    assert jobs_of(world) == []
    assert world.deps.batches.due(limit=10) == ()


def test_of_many_faults_a_hundred_are_told_and_all_are_counted(world):
    with pytest.raises(Invalid, match="250 wrong fields in 250 rows") as refused:
        ordered(world, rows=({"text_prompt": ""},) * 250)
    assert len(refused.value.faults) == 100


def test_one_external_id_is_one_row_s(world):
    with pytest.raises(Invalid) as refused:
        ordered(world, rows=words(2) + words(1))
    assert refused.value.faults[0].pointer == "/rows/2/external_id"


def test_too_many_rows_are_refused(world):
    with pytest.raises(Invalid, match="more than 10000 rows"):
        ordered(world, rows=({"text_prompt": "x"},) * 10_001)
    with pytest.raises(Invalid, match="no rows"):
        ordered(world, rows=())


def test_a_table_that_was_uploaded_is_a_batch(world):
    body = 'title;text_prompt;metadata.sku\r\nOne;=1+1;17\r\nTwo;"Say; ""hi""";18\r\n'
    asset = uploaded(world, body.encode("utf-8-sig"), content_type="text/csv")

    batch = ordered(world, rows=None, source=asset.id, defaults={"language": "en"})
    fed(world)

    told = outcomes(world, batch)
    specs = [world.deps.jobs.spec(TENANT, row.job_id) for row in told]
    assert [row.title for row in told] == ["One", "Two"]
    assert [spec.text_prompt for spec in specs] == ["=1+1", 'Say; "hi"']
    assert [(spec.language, spec.metadata) for spec in specs] == [
        ("en", {"sku": "17"}),
        ("en", {"sku": "18"}),
    ]


def test_only_tables_whose_bytes_are_there_are_a_source(world):
    picture = kept(world.deps.assets)
    for source in (picture.id, an_id("ast")):
        with pytest.raises(Invalid) as refused:
            ordered(world, rows=None, source=source)
        assert refused.value.faults[0].pointer == "/source"
    page = uploaded(world, b"<html>", content_type="text/csv")
    assert page.status is AssetStatus.REJECTED


def test_a_check_makes_nothing_and_tells_what_would_come(world):
    order = Order(title="Catalogue", rows=words(3))
    told = batches.check(world.deps, caller=a_caller(), order=order)
    assert (len(told.rows), told.film_seconds, told.warnings) == (3, 3.0, ())
    assert world.deps.batches.due(limit=10) == ()


def test_a_stranger_sees_no_batch(world):
    batch = ordered(world, 1)
    stranger = a_caller(owner=an_id("usr"))
    with pytest.raises(NotFound):
        batches.read(world.deps, caller=stranger, batch_id=batch.id)
    assert batches.page(world.deps, caller=stranger, owner=None, after=None, limit=10).things == ()
    mine = batches.page(world.deps, caller=a_caller(), owner="me", after=None, limit=10)
    assert [one.id for one in mine.things] == [batch.id]


def test_a_round_feeds_what_there_is_room_for_and_starts_it(world):
    batch = ordered(world, 250)
    rounds.dispatch(world.deps)
    assert seen(world, batch).submitted == 90
    assert len(world.machine.runs) > 0


def test_batches_go_with_their_owner(world):
    missing = kept(world.deps.assets)
    rows = ({"text_prompt": "Gone.", "images": [missing.id]}, *words(2))
    ordered(world, rows=rows)
    world.deps.assets.remove(missing, entry=an_entry())
    fed(world)
    admin = moved_in(world.table.repositories, a_user(id=an_id("usr"), role="admin"))
    boss = a_caller(owner=admin.id, role="admin")
    name = world.deps.users.get(TENANT, OWNER).username

    erasing.erase_user(world.deps, caller=boss, user_id=OWNER, confirm=name)
    for _ in range(5):
        vanishing.advance(world.deps, seconds=60)
        world.later(minutes=20)

    left = [(item["PK"], item["SK"]) for item in world.table.items()]
    assert not [key for key in left if "BAT#" in key[1] or "#B#bat_" in key[0]]
    assert list(world.deps.store.list(f"batches/{TENANT}/")) == []
    with pytest.raises(NotFound):
        world.deps.users.get(TENANT, OWNER)


def uploaded(world, body, *, content_type):
    file = uploads.described(
        filename="rows.csv",
        content_type=content_type,
        size_bytes=len(body),
        sha256=hashlib.sha256(body).hexdigest(),
    )
    asset, entry = uploads.announced(
        world.deps,
        a_caller(),
        file,
        asset_id=(asset_id := an_id("ast")),
        key=keys.upload(TENANT, asset_id),
        action="asset.announced",
    )
    waiting = world.deps.assets.add(asset, entry=entry)
    world.deps.store.write(body, asset.key, content_type=content_type)
    return uploads.arrive(world.deps, waiting)
