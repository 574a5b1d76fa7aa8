"""What may die in the middle: each story sets a world up, does one thing, and says what holds."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reelsmith.domain.jobs import JobStatus
from reelsmith.domain.people import Role
from reelsmith.errors import MediaError
from reelsmith.ports import Deps
from reelsmith.storage import keys
from reelsmith.usecases import dispatching, erasing, jobs, places, uploads, vanishing
from reelsmith.usecases.jobs import Wanted
from reelsmith.usecases.once import Once
from reelsmith.workflow import arrivals, endings, rounds
from reelsmith.workflow.payloads import RunOf
from tests.builders import OWNER, TENANT, a_caller, a_spec, a_user
from tests.erasing import Hoard, hoard, left_of, objects
from tests.faults import promises
from tests.faults.runs import here, patient, walk
from tests.homes import moved_in
from tests.pictures import a_picture, a_tone
from tests.world import BUCKET, World

SIZE = {"width": 270, "height": 480}
SMALL = {"resolution": SIZE, "duration_per_image": 0.5, "captions": "none"}
ONCE = Once(key="from the client", fingerprint="a" * 64)
ADMIN = a_caller(owner="usr_boss", role=Role.ADMIN)
PNG = a_picture((200, 30, 30), size=(64, 64))


@dataclass(frozen=True)
class Story:
    """`act` may die anywhere. With `comes_again`, whatever set it off does so once more.

    `films` says that jobs are to be completed, by real rendering; else what runs is cut short.
    """

    name: str
    given: Callable[[World], Any]
    act: Callable[[Deps, Any], None]
    holds: Callable[[World, Any], None]
    comes_again: bool = True
    films: bool = False
    broken: Callable[[World], list[str]] = promises.broken

    def __str__(self) -> str:
        return self.name


def _queue(deps: Deps, **wanted: Any) -> Any:
    film = Wanted(**{"title": "Summer sale", "spec": a_spec(**SMALL)} | wanted)
    return jobs.submit(deps, caller=a_caller(), wanted=film, once=ONCE).thing


def _queued(world: World) -> Any:
    return _queue(world.deps)


def _begun(world: World, **wanted: Any) -> Any:
    job = _queue(world.deps, **wanted)
    dispatching.start_due(world.deps)
    return job


def _statuses(world: World) -> list[str]:
    return [job["status"] for job in promises.jobs(world)]


def _ended(status: JobStatus, count: int = 1) -> Callable[[World, Any], None]:
    def holds(world: World, _: Any) -> None:
        assert _statuses(world) == [status] * count

    return holds


def _waiting_picture(world: World) -> Any:
    """A file that was announced and sent, and that nobody has looked at yet."""
    file = uploads.described(
        filename="a.png",
        content_type="image/png",
        size_bytes=len(PNG),
        sha256=hashlib.sha256(PNG).hexdigest(),
    )
    asset = places.ask(world.deps, caller=a_caller(), file=file).thing.asset
    world.deps.store.write(PNG, asset.key, content_type="image/png")
    return asset


def _submits(deps: Deps, asset: Any) -> None:
    _queue(deps, spec=a_spec(images=(asset.id,)))


def _one_at_most(world: World, _: Any) -> None:
    assert len(promises.jobs(world)) <= 1


def _several(world: World) -> None:
    for number in range(3):
        once = Once(key=f"row {number}", fingerprint="a" * 64)
        film = Wanted(title="Ad", spec=a_spec(**SMALL))
        jobs.submit(world.deps, caller=a_caller(), wanted=film, once=once)


def _dispatches(deps: Deps, _: Any) -> None:
    rounds.dispatch(deps)


def _dropped(world: World) -> dict[str, Any]:
    """A set in the drop folder, and the message about its sidecar."""
    order = json.dumps({"text_prompt": "Hola.", "title": "Sí"} | SMALL).encode()
    for file, body in (("1.png", PNG), ("bed.wav", a_tone()), ("reel.yaml", order)):
        key = keys.drop(TENANT, "in", "summer", file)
        version = world.deps.store.write(body, key, content_type="x/y").version
    return _message(key, version)


def _message(key: str, version: str | None) -> dict[str, Any]:
    found = {"key": key, "version-id": version, "sequencer": "01"}
    body = json.dumps({"detail": {"object": found}})
    attributes = {"ApproximateReceiveCount": "1"}
    told = {"messageId": "1", "receiptHandle": "1", "attributes": attributes, "body": body}
    return {"Records": [told]}


def _arrives(deps: Deps, event: dict[str, Any]) -> None:
    answer = arrivals.handle(deps, event)
    if answer["batchItemFailures"]:
        arrivals.handle(deps, event)


def _set_left_its_box(world: World, _: Any) -> None:
    assert _statuses(world) == [JobStatus.FAILED]
    found = {stored.key for stored in world.deps.store.list(f"{keys.DROP}{TENANT}/")}
    named = ("1.png", "bed.wav", "reel.yaml", "error.json", "job.json")
    assert found == {keys.drop(TENANT, "failed", "summer", name) for name in named}


def _begun_set(world: World) -> Any:
    arrivals.handle(world.deps, _dropped(world))
    (job,) = dispatching.start_due(world.deps)
    return job


def _run(job: Any) -> RunOf:
    return RunOf(tenant=TENANT, job_id=job.id, attempt=1)


def _fails(deps: Deps, job: Any) -> None:
    said = {"Error": "MediaError", "Cause": json.dumps({"errorMessage": "a.png is no picture"})}
    endings.handle(deps, _run(job).model_dump() | {"error": said})


def _is_cut_off(deps: Deps, job: Any) -> None:
    said = {"Error": "ABORTED", "Cause": ""}
    deps.workflow.stop(job.id, cause="the machine went away")
    endings.handle(deps, _run(job).model_dump() | {"error": said})


def _calls_off(deps: Deps, job: Any) -> None:
    jobs.cancel(deps, caller=a_caller(), job_id=job.id)


def _uploaded(world: World) -> Any:
    asset = _waiting_picture(world)
    return asset, _message(asset.key, None)


def _one_file(world: World, given: Any) -> None:
    asset = world.deps.assets.get(TENANT, given[0].id)
    assert asset.status == "ready"
    assert world.deps.store.read(asset.key) == PNG
    (blob,) = [item for item in world.table.items() if item.get("et") == "blob"]
    assert blob["refs"] == 1


def _late_files(world: World) -> Any:
    """Files whose time is over, one of them with bytes that another one has too."""
    for _ in range(2):
        asset = _waiting_picture(world)
        uploads.read(world.deps, caller=a_caller(), asset_id=asset.id)
    world.later(days=31)


def _no_files(world: World, _: Any) -> None:
    world.later(minutes=15)  # for which a collector that died keeps others from its bytes
    uploads.expire(world.deps)
    assert not [item for item in world.table.items() if item.get("et") in {"asset", "blob"}]
    assert {key for key in objects(BUCKET) if key.startswith(keys.MEDIA)} == set()


def _leaver(world: World) -> Any:
    moved_in(world.table.repositories, a_user(id="usr_boss", role=Role.ADMIN))
    user = moved_in(world.table.repositories, a_user(id="usr_leaves", email="l@example.org"))
    hoard(world.table, OWNER, Hoard(jobs=1, videos=1, assets=2, contents=2))
    little = Hoard(jobs=1, tasks=1, videos=1, assets=2, contents=1, keys=1, sessions=1)
    mine = [item["id"] for item in hoard(world.table, user.id, little) if item["et"] == "job"]
    erasing.erase_user(world.deps, caller=ADMIN, user_id=user.id, confirm=user.username)
    world.later(minutes=20)
    return user, mine


def _vanishes(deps: Deps, _: Any) -> None:
    vanishing.advance(deps, seconds=60)


def _nothing_left(world: World, given: Any) -> None:
    user, mine = given
    vanishing.advance(world.deps, seconds=60)
    assert world.deps.erasure.due(limit=1) == ()
    assert left_of(world.table, user.id, user.username, *mine) == []
    told = [item for item in world.table.items() if item.get("action") == "user.erased"]
    assert len(told) == 1


def _runs(deps: Deps, job: Any) -> None:
    walk(patient(here(deps)), _run(job))


def _runs_once(deps: Deps, job: Any) -> None:
    walk(here(deps), _run(job))


STORIES = (
    Story("submit", _waiting_picture, _submits, _ended(JobStatus.FAILED)),
    Story("submit, never repeated", _waiting_picture, _submits, _one_at_most, comes_again=False),
    Story("dispatch", _several, _dispatches, _ended(JobStatus.FAILED, 3), comes_again=False),
    Story("finalize", _begun, _fails, _ended(JobStatus.FAILED), comes_again=False),
    Story("finalize a dropped set", _begun_set, _fails, _set_left_its_box, comes_again=False),
    Story("take up again", _begun, _is_cut_off, _ended(JobStatus.FAILED), comes_again=False),
    Story("cancel", _begun, _calls_off, _ended(JobStatus.CANCELLED)),
    Story("cancel in the queue", _queued, _calls_off, _ended(JobStatus.CANCELLED)),
    Story("a drop arrives", _dropped, _arrives, _set_left_its_box),
    Story("an upload arrives", _uploaded, lambda deps, given: _arrives(deps, given[1]), _one_file),
    Story("files expire", _late_files, lambda deps, _: uploads.expire(deps), _no_files, False),
    Story(
        "a user is erased", _leaver, _vanishes, _nothing_left, False, broken=promises.miscounted
    ),
)
FILM = Story("a film", _begun, _runs, _ended(JobStatus.COMPLETED), False, films=True)
CUT_OFF = Story(
    "a film, its execution cut off",
    _begun,
    _runs_once,
    _ended(JobStatus.COMPLETED),
    comes_again=False,
    films=True,
)


def cut_short(step: str) -> None:
    """What runs, for stories in which nothing is rendered."""
    raise MediaError(f"{step} was not wanted")
