"""All that is stored of a user is exported, whatever dies on the way."""

import hashlib
import json

import pytest

from reelsmith.domain.exports import ExportStatus, Section
from reelsmith.domain.people import Role
from reelsmith.errors import NotFound
from reelsmith.usecases import erasing, exporting, vanishing
from tests.builders import OWNER, TENANT, a_caller, a_user
from tests.erasing import Hoard, hoard, left_of, objects
from tests.homes import moved_in
from tests.world import BUCKET, a_world

ADMIN = a_caller(owner="usr_boss", role=Role.ADMIN)


class Killed(BaseException):
    """The process dies: nothing may catch it."""


@pytest.fixture
def world(monkeypatch):
    monkeypatch.setattr(exporting, "PAGE", 5)
    with a_world() as made:
        moved_in(made.table.repositories, a_user(id="usr_boss", role=Role.ADMIN))
        yield made


def ordered(world, caller=None, user_id=OWNER):
    return exporting.order(world.deps, caller=caller or a_caller(), user_id=user_id).thing


def written(world, export):
    """The manifest, and all lines by section."""
    folder = f"exports/{TENANT}/{export.id}/"
    manifest = json.loads(world.deps.store.read(f"{folder}manifest.json"))
    lines = {}
    for part in manifest["parts"]:
        body = world.deps.store.read(folder + part["name"])
        assert hashlib.sha256(body).hexdigest() == part["sha256"]
        for line in map(json.loads, body.splitlines()):
            lines.setdefault(line["section"], []).append(line["data"])
    return manifest, lines


def test_every_row_of_the_user_is_in_it_and_nobody_else_s(world):
    other = moved_in(world.table.repositories, a_user(id="usr_other"))
    hoard(world.table, other.id, Hoard())
    stored = hoard(world.table, OWNER, Hoard(jobs=12, videos=7, assets=11), bucket=BUCKET)
    export = ordered(world)

    assert exporting.advance(world.deps, seconds=60) == 1

    manifest, lines = written(world, export)
    told = {line["id"] for found in lines.values() for line in found if "id" in line}
    mine = {item["id"] for item in stored if item["et"] in {"job", "video", "asset", "key"}}
    assert mine <= told
    assert manifest["counts"] == {one: len(lines.get(one, ())) for one in Section}
    assert lines["profile"][0]["username"] == world.deps.users.get(TENANT, OWNER).username
    assert all(job["spec"]["text_prompt"] for job in lines["jobs"])
    assert "usr_other" not in repr({k: v for k, v in lines.items() if k != "history"})
    assert len(lines["sessions"]) == Hoard().sessions
    assert {entry["action"] for entry in lines["deeds"]} == {"user.export_ordered"}


def test_no_secret_is_in_it(world):
    hoard(world.table, OWNER, Hoard())
    export = ordered(world)
    exporting.advance(world.deps, seconds=60)

    for file in world.deps.store.list(f"exports/{TENANT}/{export.id}/"):
        body = world.deps.store.read(file.key).decode()
        assert "hmac" not in body
        assert "argon2" not in body


def test_the_manifest_lists_the_media_with_their_sizes(world):
    hoard(world.table, OWNER, Hoard(videos=2, assets=3, contents=3), bucket=BUCKET)
    export = ordered(world)
    exporting.advance(world.deps, seconds=60)

    manifest, _ = written(world, export)

    media = {key for key in objects(BUCKET) if key.startswith(("videos/", "media/"))}
    assert {one["key"] for one in manifest["objects"]} == media
    assert all(one["size_bytes"] > 0 for one in manifest["objects"])


def test_killed_after_every_few_requests_it_is_still_whole_and_tells_nothing_twice(world):
    stored = hoard(world.table, OWNER, Hoard(jobs=12, videos=7, assets=11))
    export, calls = ordered(world), 0

    def dies(operation, arguments, send):
        nonlocal calls
        calls += 1
        answer = send()
        if calls % 14 == 0:
            raise Killed
        return answer

    world.table.database.hook = dies
    kills, finished = 0, 0
    while not finished:
        try:
            finished = exporting.advance(world.deps, seconds=60)
        except Killed:
            kills += 1
    world.table.database.hook = None

    _, lines = written(world, export)
    assert kills > 3
    for section, kind in (("jobs", "job"), ("videos", "video"), ("assets", "asset")):
        ids = [line["id"] for line in lines[section]]
        assert sorted(ids) == sorted(item["id"] for item in stored if item["et"] == kind)


def test_its_files_can_be_fetched_by_who_asked_and_by_administrators_for_a_week(world):
    export = ordered(world)
    assert exporting.read(world.deps, caller=a_caller(), export_id=export.id).urls == {}
    exporting.advance(world.deps, seconds=60)

    for caller in (a_caller(), ADMIN):
        found = exporting.read(world.deps, caller=caller, export_id=export.id)
        assert found.export.status is ExportStatus.COMPLETED
        assert "manifest.json" in found.urls
    with pytest.raises(NotFound):
        exporting.read(world.deps, caller=a_caller(owner="usr_other"), export_id=export.id)
    world.later(days=7, seconds=1)
    with pytest.raises(NotFound):
        exporting.read(world.deps, caller=a_caller(), export_id=export.id)


def test_nobody_exports_somebody_else_but_administrators(world):
    with pytest.raises(NotFound):
        ordered(world, caller=a_caller(owner="usr_other"))
    with pytest.raises(NotFound):
        ordered(world, caller=ADMIN, user_id="usr_nobody")
    assert ordered(world, caller=ADMIN).owner == OWNER


def test_exports_go_with_the_user(world):
    user = moved_in(world.table.repositories, a_user(id="usr_leaves"))
    export = ordered(world, caller=ADMIN, user_id=user.id)
    exporting.advance(world.deps, seconds=60)
    erasing.erase_user(world.deps, caller=ADMIN, user_id=user.id, confirm=user.username)
    world.later(minutes=20)
    vanishing.advance(world.deps, seconds=60)

    assert left_of(world.table, user.id, export.id) == []
    assert objects(BUCKET) == set()
