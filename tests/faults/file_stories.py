"""Files that come in and go, and a user that goes with all of it."""

import hashlib
import json
from typing import Any

from reelsmith.domain.jobs import JobStatus
from reelsmith.domain.people import Role
from reelsmith.ports import Deps
from reelsmith.storage import keys
from reelsmith.usecases import dispatching, erasing, places, uploads, vanishing
from reelsmith.workflow import arrivals
from tests.builders import OWNER, TENANT, a_caller, a_user
from tests.erasing import Hoard, hoard, left_of, objects
from tests.faults import promises
from tests.faults.telling import SMALL, Story, statuses
from tests.homes import moved_in
from tests.pictures import a_picture, a_tone
from tests.world import BUCKET, World

ADMIN = a_caller(owner="usr_boss", role=Role.ADMIN)
PNG = a_picture((200, 30, 30), size=(64, 64))


def waiting_picture(world: World) -> Any:
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


def set_left_its_box(world: World, _: Any) -> None:
    assert statuses(world) == [JobStatus.FAILED]
    found = {stored.key for stored in world.deps.store.list(f"{keys.DROP}{TENANT}/")}
    named = ("1.png", "bed.wav", "reel.yaml", "error.json", "job.json")
    assert found == {keys.drop(TENANT, "failed", "summer", name) for name in named}


def begun_set(world: World) -> Any:
    arrivals.handle(world.deps, _dropped(world))
    (job,) = dispatching.start_due(world.deps)
    return job


def _uploaded(world: World) -> Any:
    asset = waiting_picture(world)
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
        asset = waiting_picture(world)
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


def _expires(deps: Deps, _: Any) -> None:
    uploads.expire(deps)


def _told(deps: Deps, given: Any) -> None:
    _arrives(deps, given[1])


STORIES = (
    Story("a drop arrives", _dropped, _arrives, set_left_its_box),
    Story("an upload arrives", _uploaded, _told, _one_file),
    Story("files expire", _late_files, _expires, _no_files, comes_again=False),
    Story(
        "a user is erased",
        _leaver,
        _vanishes,
        _nothing_left,
        comes_again=False,
        broken=promises.miscounted,
    ),
)
