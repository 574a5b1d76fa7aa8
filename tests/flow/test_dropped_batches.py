"""A manifest of many films, dropped beside the files that it names."""

import json

import pytest

from reelsmith.domain.jobs import JobStatus
from reelsmith.domain.people import Role
from reelsmith.errors import Unavailable
from reelsmith.storage import keys
from reelsmith.usecases import batches, feeding, jobs
from reelsmith.workflow import rounds
from tests.builders import TENANT, a_caller, an_entry
from tests.dropping import PNG, again, box, deliver, put, receipt, the_jobs
from tests.world import a_world

CSV = b"text_prompt;images\nHola;a.png\nAdi\xc3\xb3s;b.png\n"


@pytest.fixture
def world():
    with a_world() as made:
        yield made


def the_batches(world):
    page = world.deps.batches.page(TENANT, owner=None, after=None, limit=10)
    return page.things


def test_a_dropped_table_becomes_a_batch_of_films(world):
    put(world, "a.png", PNG)
    put(world, "b.png", PNG)
    assert deliver(world, put(world, "reels.csv", CSV)) == {"batchItemFailures": []}
    (batch,) = the_batches(world)
    assert (batch.rows, batch.title, batch.owner) == (2, "summer", "drop")
    told = receipt(world, kind="out/job.json")
    assert (told["id"], told["rows"]) == (batch.id, 2)
    assert box(world, "done") == {"a.png", "b.png", "reels.csv"}
    assert box(world, "in") == set()
    feeding.advance(world.deps, seconds=10)
    images = [world.deps.jobs.spec(TENANT, job.id).images for job in the_jobs(world)]
    assert [len(of_one) for of_one in images] == [1, 1]


def test_lines_of_json_do_as_well_and_the_same_event_twice_is_one_batch(world):
    rows = b'{"text_prompt": "Hola"}\n{"text_prompt": "Ciao", "language": "it"}\n'
    manifest = put(world, "reels.jsonl", rows)
    deliver(world, manifest, manifest)
    deliver(world, manifest)
    assert [batch.rows for batch in the_batches(world)] == [2]


def test_a_manifest_waits_for_the_files_that_it_names(world):
    manifest = put(world, "reels.csv", CSV)
    assert deliver(world, manifest)["batchItemFailures"]
    assert receipt(world, kind="out/waiting.json")["missing"] == ["a.png", "b.png"]
    deliver(world, put(world, "a.png", PNG), put(world, "b.png", PNG))
    assert len(the_batches(world)) == 1
    deliver(world, again(manifest, 2))
    assert len(the_batches(world)) == 1


def test_rows_that_are_wrong_are_all_named_and_nothing_is_made(world):
    rows = [{"text_prompt": "Hola"}, {"language": "it"}, {"text_prompt": "x", "images": 5}]
    body = "\n".join(json.dumps(row) for row in rows).encode()
    deliver(world, put(world, "reels.jsonl", body))
    assert the_batches(world) == ()
    pointers = {fault["pointer"] for fault in receipt(world)["errors"]}
    assert pointers == {"/rows/1/text_prompt", "/rows/2/images"}
    assert box(world, "failed") == {"reels.jsonl", "error.json"}


def test_files_that_never_come_are_named_by_the_rows_that_want_them(world):
    deliver(world, again(put(world, "reels.csv", CSV), 5))
    pointers = [fault["pointer"] for fault in receipt(world)["errors"]]
    assert pointers == ["/rows/0/images/0", "/rows/1/images/0"]


def finish(world, job):
    now = world.clock.at
    done = job.moved_to(JobStatus.COMPLETED, at=now, completed_at=now)
    world.deps.jobs.move(job, done, entry=an_entry(tenant=job.tenant, resource=job.id))


def test_when_all_rows_are_over_the_folder_is_told_how_they_went(world):
    rows = CSV.replace(b";a.png", b";").replace(b";b.png", b";")
    deliver(world, put(world, "reels.csv", rows))
    (batch,) = the_batches(world)
    rounds.dispatch(world.deps)
    assert receipt(world, kind="out/job.json")["status"] == "processing"

    first, second = the_jobs(world)
    jobs.cancel(world.deps, caller=a_caller(role=Role.ADMIN), job_id=first.id)
    finish(world, second)
    rounds.dispatch(world.deps)

    told = receipt(world, kind="out/job.json")
    assert (told["id"], told["status"], told["rows"]) == (batch.id, "completed", 2)
    assert (told["completed"], told["cancelled"], told["failed"]) == (1, 1, 0)


def test_a_folder_that_cannot_be_told_just_now_is_told_by_the_next_round(world, monkeypatch):
    rows = CSV.replace(b";a.png", b";").replace(b";b.png", b";")
    deliver(world, put(world, "reels.csv", rows))
    (batch,) = the_batches(world)
    batches.cancel(world.deps, caller=a_caller(role=Role.ADMIN), batch_id=batch.id)
    with monkeypatch.context() as broken:

        def busy(*_, **__):
            raise Unavailable("the store is busy")

        broken.setattr(world.deps.store.__class__, "write", busy)
        rounds.housekeeping(world.deps)
        assert the_batches(world)[0].status == "processing"

    rounds.housekeeping(world.deps)
    assert the_batches(world)[0].status == "cancelled"
    assert receipt(world, kind="out/job.json")["status"] == "cancelled"


def test_a_crash_after_the_batch_was_stored_only_delays_its_receipt(world, monkeypatch):
    manifest = put(world, "reels.csv", CSV.replace(b";a.png", b";").replace(b";b.png", b";"))
    with monkeypatch.context() as broken:
        cut = lambda *_: (_ for _ in ()).throw(OSError("power cut"))  # noqa: E731
        broken.setattr("reelsmith.usecases.reels.put_away", cut)
        assert deliver(world, manifest)["batchItemFailures"]
    assert deliver(world, again(manifest, 2)) == {"batchItemFailures": []}
    assert len(the_batches(world)) == 1
    assert box(world, "done") == {"reels.csv"}
    assert world.deps.store.head(keys.drop(TENANT, "out", "summer", "job.json"))
