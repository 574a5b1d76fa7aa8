"""The folder always answers: what was taken, what is missing, what became of it."""

import json

import pytest

from reelsmith.domain.jobs import Failure
from reelsmith.domain.people import Role
from reelsmith.storage import keys
from reelsmith.usecases import dispatching, drops, jobs, people, running, sweeping
from reelsmith.usecases.boxes import Boxes
from tests.builders import TENANT, a_caller, an_id
from tests.dropping import (
    PNG,
    WORDS,
    a_message,
    again,
    box,
    deliver,
    put,
    receipt,
    the_jobs,
)
from tests.world import a_world

NAMES_TWO = b"text_prompt: Hola\nimages: [a.png, b.png]"
LATER = b"\x89PNG\r\n\x1a\nanother" + bytes(100)


@pytest.fixture
def world():
    with a_world() as made:
        yield made


def start(world):
    return dispatching.start_due(world.deps)[0]


def fail(world, job):
    failure = Failure(code="media_error", detail="damaged")
    running.end(world.deps, tenant=TENANT, job_id=job.id, attempt=1, failure=failure)


def test_the_sidecar_may_come_first(world):
    sidecar = put(world, "reel.yaml", NAMES_TWO)
    assert deliver(world, sidecar) == {"batchItemFailures": [{"itemIdentifier": "reel.yaml"}]}
    assert receipt(world, kind="out/waiting.json")["missing"] == ["a.png", "b.png"]
    assert world.deps.errands.put_off_s == [30]
    deliver(world, put(world, "a.png", PNG))
    assert receipt(world, kind="out/waiting.json")["missing"] == ["b.png"]
    deliver(world, put(world, "b.png", PNG))
    (job,) = the_jobs(world)
    assert len(world.deps.jobs.spec(TENANT, job.id).images) == 2
    assert box(world, "out") == {"accepted.json"}
    assert deliver(world, again(sidecar, 2)) == {"batchItemFailures": []}
    assert len(the_jobs(world)) == 1


def test_a_file_that_comes_while_the_set_is_put_down_as_waiting_is_not_missed(world, monkeypatch):
    note, held = Boxes.note, []

    def slowly(boxes, box_, file, body):
        if file == "waiting.json" and not held:
            held.append(put(world, "b.png", PNG))
            deliver(world, *held)  # nothing tells it yet that somebody waits
        note(boxes, box_, file, body)

    put(world, "a.png", PNG)
    monkeypatch.setattr(Boxes, "note", slowly)
    deliver(world, put(world, "reel.yaml", NAMES_TWO))
    assert len(the_jobs(world)) == 1


def test_a_set_that_stays_incomplete_fails_with_the_list_of_what_is_missing(world):
    put(world, "a.png", PNG)
    sidecar = put(world, "reel.yaml", NAMES_TWO.replace(b"a.png", b"gone.png"))
    for tries in range(1, 5):
        assert deliver(world, again(sidecar, tries))["batchItemFailures"]
        world.later(seconds=world.deps.errands.put_off_s[-1])
    assert world.deps.errands.put_off_s == [30, 60, 180, 330]
    assert deliver(world, again(sidecar, 5)) == {"batchItemFailures": []}
    assert [fault["pointer"] for fault in receipt(world)["errors"]] == ["/images/0", "/images/1"]
    assert box(world, "failed") == {"a.png", "reel.yaml", "error.json"}
    assert box(world, "in") | box(world, "out") == set()
    assert the_jobs(world) == ()


def test_a_sidecar_that_is_taken_back_ends_the_waiting(world):
    sidecar = put(world, "reel.yaml", NAMES_TWO)
    deliver(world, sidecar)
    world.deps.store.delete(keys.drop(TENANT, "in", "summer", "reel.yaml"))
    assert deliver(world, again(sidecar, 2)) == {"batchItemFailures": []}
    assert box(world, "out") == set()


def test_of_a_sidecar_that_is_written_twice_in_a_row_the_last_one_counts(world):
    first = put(world, "reel.yaml", WORDS)
    second = put(world, "reel.yaml", WORDS.replace(b"Oferta", b"Rebajas"))
    deliver(world, second, first, second, first)
    assert [job.title for job in the_jobs(world)] == ["Rebajas"]


def test_an_event_that_comes_a_week_late_makes_no_second_job(world):
    put(world, "a.png", PNG)
    sidecar = put(world, "reel.yaml", WORDS)
    deliver(world, sidecar)
    fail(world, start(world))
    world.later(days=7)
    deliver(world, sidecar)
    assert len(the_jobs(world)) == 1


def test_sources_stay_until_the_job_is_over(world):
    put(world, "a.png", PNG)
    deliver(world, put(world, "reel.yaml", WORDS))
    start(world)
    assert box(world, "in") == {"a.png", "reel.yaml"}
    told = receipt(world, kind="out/accepted.json")
    assert (told["job_id"], set(told["files"])) == (the_jobs(world)[0].id, box(world, "in"))


def test_what_is_put_over_a_file_in_mid_run_stays_for_the_next_set(world):
    put(world, "a.png", PNG)
    deliver(world, put(world, "reel.yaml", WORDS))
    job = start(world)
    put(world, "a.png", LATER)
    put(world, "new.png", PNG)
    fail(world, job)
    assert box(world, "in") == {"a.png", "new.png"}
    deliver(world, put(world, "reel.yaml", WORDS))
    (second, first) = the_jobs(world)
    assert first.id == job.id
    assert len(world.deps.jobs.spec(TENANT, second.id).images) == 2


def test_the_same_name_dropped_again_in_mid_run_is_a_job_of_its_own(world):
    put(world, "a.png", PNG)
    deliver(world, put(world, "reel.yaml", WORDS))
    first = start(world)
    put(world, "a.png", LATER)
    deliver(world, put(world, "reel.yaml", WORDS))
    fail(world, first)
    assert box(world, "in") == {"a.png", "reel.yaml"}
    second = start(world)
    fail(world, second)
    kept = world.deps.store.read(keys.drop(TENANT, "failed", "summer", "a.png"))
    assert (kept, box(world, "in")) == (LATER, set())


def test_a_failed_set_whose_job_goes_well_after_all_is_no_failure_any_more(world):
    put(world, "a.png", PNG)
    deliver(world, put(world, "reel.yaml", WORDS))
    job = start(world)
    fail(world, job)
    boxes = Boxes(world.deps, TENANT, "summer")
    boxes.make_up("job_of_somebody_else")
    assert "error.json" in box(world, "failed")
    for _ in range(2):
        boxes.make_up(job.id)
    assert (box(world, "failed"), box(world, "done")) == (set(), {"a.png", "reel.yaml"})


def test_files_that_are_deleted_in_mid_run_are_missed_by_nobody(world):
    put(world, "a.png", PNG)
    deliver(world, put(world, "reel.yaml", WORDS))
    job = start(world)
    world.deps.store.delete(keys.drop(TENANT, "in", "summer", "a.png"))
    fail(world, job)
    assert box(world, "failed") == {"reel.yaml", "error.json", "job.json"}
    spec = world.deps.jobs.spec(TENANT, job.id)
    assert world.deps.store.read(world.deps.assets.get(TENANT, spec.images[0]).key) == PNG


def test_a_set_that_was_half_turned_away_is_turned_away_whole(world, monkeypatch):
    put(world, "a.png", b"no picture")
    put(world, "b.png", PNG)
    sidecar = put(world, "reel.yaml", WORDS)
    with monkeypatch.context() as broken:
        broken.setattr(Boxes, "move", lambda *_: (_ for _ in ()).throw(OSError("power cut")))
        assert deliver(world, sidecar)["batchItemFailures"]
    world.deps.store.delete(keys.drop(TENANT, "in", "summer", "a.png"))
    deliver(world, sidecar)
    assert the_jobs(world) == ()
    assert box(world, "failed") == {"b.png", "reel.yaml", "error.json"}
    assert receipt(world)["code"] == "media_error"


def test_a_crash_right_after_the_job_was_made_loses_nothing(world, monkeypatch):
    put(world, "a.png", PNG)
    sidecar = put(world, "reel.yaml", WORDS)
    with monkeypatch.context() as broken:
        broken.setattr(drops, "Outcome", lambda *_: (_ for _ in ()).throw(OSError("power cut")))
        assert deliver(world, sidecar)["batchItemFailures"]
    assert deliver(world, again(sidecar, 2)) == {"batchItemFailures": []}
    fail(world, start(world))
    assert box(world, "failed") == {"a.png", "reel.yaml", "error.json", "job.json"}
    assert len(the_jobs(world)) == 1


def test_a_set_that_waited_for_a_place_in_all_tries_is_told_so(world):
    people.set_limits(world.deps, tenant_id=TENANT, limits={"max_active_jobs": 0})
    sidecar = put(world, "reel.yaml", WORDS)
    assert deliver(world, again(sidecar, 4))["batchItemFailures"]
    assert deliver(world, again(sidecar, 5)) == {"batchItemFailures": []}
    assert (receipt(world)["code"], receipt(world)["retryable"]) == ("over_quota", True)


def test_files_of_a_tenant_that_is_not_there_stay_where_they_are(world):
    stranger = an_id("ten")
    deliver(world, put(world, "reel.yaml", WORDS, tenant=stranger))
    found = [one.key for one in world.deps.store.list(f"drop/{stranger}/")]
    assert found == [keys.drop(stranger, "in", "summer", "reel.yaml")]


def test_a_cancelled_set_moves_to_failed_and_says_so(world):
    deliver(world, put(world, "reel.yaml", WORDS))
    job = start(world)
    jobs.cancel(world.deps, caller=a_caller(role=Role.ADMIN), job_id=job.id)
    sweeping.sweep(world.deps)
    assert receipt(world)["status"] == "cancelled"
    assert box(world, "failed") == {"reel.yaml", "error.json", "job.json"}


@pytest.mark.parametrize(
    "body", ["", "no event", "{}", "[" * 5_000, '{"detail": {"object": {}}}', "\x00\ud800"]
)
def test_a_message_that_nobody_can_read_leaves_a_receipt_and_does_not_come_back(world, body):
    assert deliver(world, a_message(body, name="m-1")) == {"batchItemFailures": []}
    told = json.loads(world.deps.store.read("quarantine/2030-01-01/m-1.json"))
    assert (told["queue"], told["body"]) == ("intake", body[:4_000])
    assert told["reason"] in {"no JSON", "no event of S3"}


def test_one_message_that_breaks_something_takes_no_other_along(world, monkeypatch):
    good, bad = put(world, "reel.yaml", WORDS), put(world, "reel.yaml", WORDS, name="bad")
    accept = drops.accept

    def breaks(deps, arrival, **more):
        if arrival.name == "bad":
            raise KeyError("nobody foresaw this")
        return accept(deps, arrival, **more)

    monkeypatch.setattr(drops, "accept", breaks)
    bad["messageId"] = "bad"
    assert deliver(world, bad, good) == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
    assert len(the_jobs(world)) == 1
