"""API keys: what they may, when they end, and what is shown of them."""

from datetime import timedelta

import pytest

from reelsmith.domain.people import Role
from reelsmith.errors import Unauthorized
from reelsmith.usecases import identity, keys
from reelsmith.usecases.once import Once
from tests.builders import EPOCH, OWNER, TENANT, a_caller, a_key, a_user, an_entry, an_id
from tests.calling import Api
from tests.homes import at_home, moved_in
from tests.world import a_world


@pytest.fixture
def world():
    with a_world() as made:
        yield made


@pytest.fixture
def api(world):
    return Api(world.deps)


def somebody(world, role, tenant=TENANT, scopes=()):
    user = a_user(id=an_id("usr"), tenant=tenant, role=role)
    moved_in(world.table.repositories, user)
    key = a_key(tenant=tenant, owner=user.id, role=role, scopes=scopes)
    world.deps.credentials.add_key(key, entry=an_entry(tenant=tenant))
    return a_caller(tenant=tenant, owner=user.id, role=role, key_id=key.id, scopes=scopes)


def who_is(world, token):
    return identity.identify(world.deps, credential=f"Bearer {token}")


def opens(world, token):
    try:
        who_is(world, token)
    except Unauthorized:
        return False
    return True


def test_a_token_is_shown_once_and_opens_what_was_asked_for(api, world):
    wanted = {"name": "ci", "role": "viewer", "scopes": ["jobs:read"]}
    status, key, head = api("POST", "/v1/keys", wanted)
    assert (status, head["Cache-Control"]) == (201, "no-store")
    caller = who_is(world, key["token"])
    assert (caller.owner, caller.role, caller.scopes) == (OWNER, Role.VIEWER, ("jobs:read",))
    listed = api("GET", "/v1/keys")[1]["data"]
    assert key["id"] in {one["id"] for one in listed}
    assert "token" not in str(listed)
    assert key["token"].split("_")[4] not in str(world.table.items())


def test_a_repeated_request_makes_one_key_and_shows_the_same_token(api, world):
    key = {"idempotency-key": "k1"}
    first = api("POST", "/v1/keys", {"name": "ci"}, headers=key)
    again = api("POST", "/v1/keys", {"name": "ci"}, headers=key)
    assert (again[0], again[1]) == (201, first[1])
    assert opens(world, again[1]["token"])
    assert again[2]["Idempotency-Replayed"] == "true"
    assert api("POST", "/v1/keys", {"name": "other"}, headers=key)[0] == 422


def test_the_same_request_a_day_later_makes_another_key_with_a_secret_of_its_own(api, world):
    key = {"idempotency-key": "k1"}
    first = api("POST", "/v1/keys", {"name": "ci"}, headers=key)[1]
    world.later(minutes=24 * 60)
    second = api("POST", "/v1/keys", {"name": "ci"}, headers=key)[1]
    assert second["id"] != first["id"]
    assert second["token"].split("_")[4] != first["token"].split("_")[4]


def test_a_weaker_key_of_the_same_owner_is_not_shown_the_token_of_a_stronger_one(world):
    user = somebody(world, Role.ADMIN)
    wanted, asked = keys.Wanted(), Once(key="k1", fingerprint="f")
    strong = keys.issue(world.deps, caller=user, wanted=wanted, once=asked)
    weak = user.model_copy(update={"scopes": ("keys:write",)})
    again = keys.issue(world.deps, caller=weak, wanted=wanted, once=asked)
    assert (again.thing.key, again.thing.token) == (strong.thing.key, None)


def test_a_rotation_that_ends_the_old_key_at_once_shows_its_token_again(api, world):
    old = api("POST", "/v1/keys", {})[1]
    head, path = {"idempotency-key": "r0"}, f"/v1/keys/{old['id']}/rotate"
    first = api("POST", path, {"grace_seconds": 0}, headers=head)
    again = api("POST", path, {"grace_seconds": 0}, headers=head)
    assert (again[0], again[1]) == (201, first[1])
    assert (opens(world, old["token"]), opens(world, again[1]["token"])) == (False, True)
    assert api("POST", path, {"grace_seconds": 0})[0] == 409


def test_no_key_may_do_more_than_its_owner_or_than_whoever_asks(api, world):
    boss = somebody(world, Role.ADMIN)
    viewer = somebody(world, Role.VIEWER)
    assert api("POST", "/v1/keys", {"role": "admin"})[0] == 403
    assert api("POST", "/v1/keys", {"owner": boss.owner})[0] == 403
    assert api("POST", "/v1/keys", {}, who=viewer)[0] == 403
    assert api("POST", "/v1/keys", {"owner": viewer.owner, "role": "user"}, who=boss)[0] == 403
    made = api("POST", "/v1/keys", {"owner": viewer.owner}, who=boss)[1]
    assert (made["owner"], made["role"]) == (viewer.owner, "viewer")


def test_a_key_with_scopes_makes_no_key_beyond_them(api, world):
    narrow = somebody(world, Role.USER, scopes=("keys:write", "jobs:read"))
    made = api("POST", "/v1/keys", {}, who=narrow)[1]
    assert made["scopes"] == ["keys:write", "jobs:read"]
    assert api("POST", "/v1/keys", {"scopes": ["jobs:write"]}, who=narrow)[0] == 403
    wide = a_key(owner=narrow.owner)
    world.deps.credentials.add_key(wide, entry=an_entry())
    assert api("POST", f"/v1/keys/{wide.id}/rotate", {}, who=narrow)[0] == 403


def test_a_key_may_what_its_owner_may_today(api, world):
    boss = somebody(world, Role.ADMIN)
    token = api("POST", "/v1/keys", {}, who=boss)[1]["token"]
    other = somebody(world, Role.ADMIN)
    assert who_is(world, token).role is Role.ADMIN
    api("PATCH", f"/v1/users/{boss.owner}", {"role": "user"}, who=other)
    assert who_is(world, token).role is Role.USER
    assert api("POST", "/v1/users", {"username": "x"}, who=boss)[0] == 401  # believed for 60 s


def test_a_revoked_key_opens_nothing_and_stays_in_the_list(api, world):
    key = api("POST", "/v1/keys", {})[1]
    for _ in range(2):
        assert api("DELETE", f"/v1/keys/{key['id']}")[1]["revoked_at"]
    assert not opens(world, key["token"])
    assert key["id"] in {one["id"] for one in api("GET", "/v1/keys")[1]["data"]}


def test_a_revoked_key_that_is_still_believed_reads_and_changes_nothing(api, world):
    key = api("POST", "/v1/keys", {})[1]
    believed = who_is(world, key["token"])
    api("DELETE", f"/v1/keys/{key['id']}")
    assert api("GET", "/v1/keys", who=believed)[0] == 200
    assert api("POST", "/v1/keys", {}, who=believed)[0] == 401


def test_a_key_ends_when_it_was_said_to(api, world):
    end = (EPOCH + timedelta(hours=1)).isoformat()
    key = api("POST", "/v1/keys", {"expires_at": end})[1]
    world.later(minutes=59)
    assert opens(world, key["token"])
    world.later(minutes=1)
    assert not opens(world, key["token"])
    assert api("POST", "/v1/keys", {"expires_at": end})[0] == 422


def test_a_rotated_key_and_the_old_one_both_open_for_the_grace(api, world):
    old = api("POST", "/v1/keys", {"name": "ci", "scopes": ["jobs:read"]})[1]
    path = f"/v1/keys/{old['id']}/rotate"
    status, new, _ = api("POST", path, {"grace_seconds": 600})
    assert (status, new["name"], new["scopes"]) == (201, "ci", ["jobs:read"])
    assert (opens(world, old["token"]), opens(world, new["token"])) == (True, True)
    world.later(minutes=10)
    assert (opens(world, old["token"]), opens(world, new["token"])) == (False, True)
    assert api("POST", path, {"grace_seconds": 600})[0] == 409
    assert api("POST", f"/v1/keys/{new['id']}/rotate", {"grace_seconds": 86_401})[0] == 422


def test_a_rotation_that_died_half_way_is_finished_by_the_same_request(api, world, monkeypatch):
    old = api("POST", "/v1/keys", {})[1]
    head, body = {"idempotency-key": "r1"}, {"grace_seconds": 60}
    path = f"/v1/keys/{old['id']}/rotate"
    with monkeypatch.context() as broken:
        broken.setattr(type(world.deps.credentials), "change_key", lambda *a, **k: 1 / 0)
        assert api("POST", path, body, headers=head)[0] == 500
    new = api("POST", path, body, headers=head)[1]
    assert api("POST", path, body, headers=head)[1]["id"] == new["id"]
    world.later(minutes=1)
    assert not opens(world, old["token"])
    assert len(api("GET", "/v1/keys")[1]["data"]) == 3  # the caller's own, the old and the new


def test_when_a_key_was_last_used_is_noted_each_five_minutes(api, world):
    key = api("POST", "/v1/keys", {})[1]
    writes = []
    world.table.database.hook = lambda operation, arguments, send: (
        (writes.append(operation) if operation == "UpdateItem" else None) or send()
    )
    for minutes in (0, 4, 0.9, 0.2):
        world.later(minutes=minutes)
        assert opens(world, key["token"])
    assert len(writes) == 2
    world.table.database.hook = None
    seen = {one["id"]: one["last_used_at"] for one in api("GET", "/v1/keys")[1]["data"]}
    assert seen[key["id"]] == "2030-01-01T00:05:06Z"


def test_keys_of_others_are_for_administrators(api, world):
    boss = somebody(world, Role.ADMIN)
    mine = api("POST", "/v1/keys", {})[1]
    other = somebody(world, Role.USER)
    assert api("DELETE", f"/v1/keys/{mine['id']}", who=other)[0] == 404
    assert mine["id"] not in str(api("GET", "/v1/keys", who=other)[1])
    assert mine["id"] in str(api("GET", "/v1/keys", who=boss, query={"owner": OWNER})[1])
    elsewhere = at_home(world.table.repositories, id=an_id("ten"))
    stranger = somebody(world, Role.ADMIN, tenant=elsewhere.id)
    assert api("DELETE", f"/v1/keys/{mine['id']}", who=stranger)[0] == 404
    assert api("POST", f"/v1/keys/{mine['id']}/rotate", {}, who=stranger)[0] == 404
    assert api("DELETE", f"/v1/keys/{mine['id']}", who=boss)[0] == 200
