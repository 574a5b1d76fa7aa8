"""Drop folders: what comes in, what goes out, and what becomes of every file."""

import pytest

from reelsmith.domain.assets import AssetStatus
from reelsmith.domain.jobs import Failure, JobStatus
from reelsmith.errors import Unavailable
from reelsmith.usecases import dispatching, drops, people, running, sweeping
from reelsmith.usecases.boxes import Boxes
from tests.builders import TENANT, an_id
from tests.dropping import PNG, WORDS, a_message, box, deliver, put, receipt, the_jobs
from tests.world import a_world

ODD_NAMES = ["with space", "año & 50 %", "🎉 fiesta", "-dash", "a.b.c", "100%25"]


@pytest.fixture
def world():
    with a_world() as made:
        yield made


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_set_becomes_a_job_when_its_sidecar_arrives(world, name):
    picture = put(world, f"{name}.png", PNG, name=name)
    deliver(world, picture)
    assert the_jobs(world) == ()
    deliver(world, put(world, "reel.yaml", WORDS, name=name))
    (job,) = the_jobs(world)
    assert (job.title, job.drop, job.owner) == ("Oferta", name, "drop")
    (image,) = world.deps.jobs.spec(TENANT, job.id).images
    asset = world.deps.assets.get(TENANT, image)
    assert (asset.status, asset.original_filename) == (AssetStatus.READY, f"{name}.png")


def test_the_same_delivery_twice_makes_one_job(world):
    put(world, "a.png", PNG)
    sidecar = put(world, "reel.yaml", WORDS)
    deliver(world, sidecar, sidecar)
    deliver(world, sidecar)
    assert len(the_jobs(world)) == 1


def test_a_set_over_the_quota_of_the_day_is_turned_away_with_the_reason(world):
    people.set_limits(world.deps, tenant_id=TENANT, limits={"max_jobs_per_day": 0})
    put(world, "a.png", PNG)
    assert deliver(world, put(world, "reel.yaml", WORDS)) == {"batchItemFailures": []}
    assert receipt(world)["code"] == "over_quota"
    assert the_jobs(world) == ()


def test_a_set_waits_in_the_queue_while_too_many_jobs_are_unfinished(world):
    people.set_limits(world.deps, tenant_id=TENANT, limits={"max_active_jobs": 0})
    put(world, "a.png", PNG)
    sidecar = put(world, "reel.yaml", WORDS)
    failures = deliver(world, sidecar)["batchItemFailures"]
    assert failures == [{"itemIdentifier": "reel.yaml"}]
    people.set_limits(world.deps, tenant_id=TENANT, limits={"max_active_jobs": 1})
    deliver(world, sidecar)
    assert len(the_jobs(world)) == 1


def test_the_same_set_dropped_again_is_a_new_job(world):
    for _ in range(2):
        deliver(world, put(world, "reel.yaml", WORDS))
    assert len(the_jobs(world)) == 2


def test_what_is_written_over_a_file_afterwards_changes_nothing(world):
    put(world, "a.png", PNG)
    deliver(world, put(world, "reel.yaml", WORDS))
    put(world, "a.png", b"\x89PNG\r\n\x1a\nother")
    spec = world.deps.jobs.spec(TENANT, the_jobs(world)[0].id)
    asset = world.deps.assets.get(TENANT, spec.images[0])
    assert world.deps.store.read(asset.key) == PNG


@pytest.mark.parametrize(
    ("sidecar", "pointer"),
    [
        (b"title: no words", "/text_prompt"),
        (b"\xff\xfe", "/reel.yaml"),
        (b"text_prompt: Hola\nimage: a.png", "/image"),
    ],
)
def test_a_set_that_makes_no_film_moves_to_failed_and_says_why(world, sidecar, pointer):
    put(world, "a.png", PNG)
    deliver(world, put(world, "reel.yaml", sidecar))
    assert the_jobs(world) == ()
    assert box(world, "in") == set()
    assert box(world, "failed") == {"a.png", "reel.yaml", "error.json"}
    assert [fault["pointer"] for fault in receipt(world)["errors"]] == [pointer]


def test_a_file_that_is_not_what_its_name_says_fails_the_set_by_name(world):
    put(world, "a.png", b"#EXTM3U\nhttp://example.com/secret")
    deliver(world, put(world, "reel.yaml", WORDS))
    assert "a.png" in receipt(world)["detail"]
    assert receipt(world)["code"] == "media_error"


def test_a_tenant_that_is_not_there_gets_nothing(world):
    stranger = an_id("ten")
    assert deliver(world, put(world, "reel.yaml", WORDS, tenant=stranger)) == {
        "batchItemFailures": []
    }
    assert the_jobs(world) == ()


def test_a_failed_job_moves_its_set_to_failed_with_the_reason(world):
    put(world, "a.png", PNG)
    deliver(world, put(world, "reel.yaml", WORDS))
    job = dispatching.start_due(world.deps)[0]
    broken = Failure(code="media_error", detail="a.png is damaged")
    running.end(world.deps, tenant=TENANT, job_id=job.id, attempt=1, failure=broken)
    assert box(world, "failed") == {"a.png", "reel.yaml", "error.json", "job.json"}
    assert (receipt(world)["job_id"], receipt(world)["detail"]) == (job.id, "a.png is damaged")
    assert receipt(world, kind="failed/job.json")["status"] == "failed"
    assert box(world, "in") | box(world, "out") == set()


def test_results_that_were_not_delivered_are_delivered_by_the_sweep(world, monkeypatch):
    put(world, "a.png", PNG)
    deliver(world, put(world, "reel.yaml", WORDS))
    job = dispatching.start_due(world.deps)[0]
    failure = Failure(code="media_error", detail="damaged")
    monkeypatch.setattr(Boxes, "note", lambda *_: (_ for _ in ()).throw(OSError))
    with pytest.raises(OSError):
        running.end(world.deps, tenant=TENANT, job_id=job.id, attempt=1, failure=failure)
    monkeypatch.undo()
    assert sweeping.sweep(world.deps).settled == 1
    assert box(world, "failed") == {"a.png", "reel.yaml", "error.json", "job.json"}
    assert sweeping.sweep(world.deps).settled == 0
    assert world.deps.jobs.get(TENANT, job.id).status is JobStatus.FAILED


def test_a_message_that_cannot_be_read_does_not_come_back_for_ever(world):
    assert deliver(world, a_message("no event")) == {"batchItemFailures": []}


def test_only_what_failed_for_now_comes_again(world, monkeypatch):
    sidecar = put(world, "reel.yaml", WORDS)
    monkeypatch.setattr(
        drops, "accept", lambda *_, **__: (_ for _ in ()).throw(Unavailable("busy"))
    )
    assert deliver(world, sidecar, a_message("{")) == {
        "batchItemFailures": [{"itemIdentifier": "reel.yaml"}]
    }
