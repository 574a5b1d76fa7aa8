"""Users as administrators and they themselves see them, over HTTPS."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import ValidationError

from reelsmith.domain.people import Role, User
from reelsmith.errors import NameTaken, Unauthorized
from reelsmith.usecases import identity
from tests.builders import OWNER, TENANT, a_caller, a_key, a_user, an_entry, an_id
from tests.calling import Api
from tests.homes import at_home, moved_in
from tests.world import a_world

WORD = "correct horse battery"
BEA = {"username": "bea", "email": "Bea@Example.org", "name": "Beatriz", "password": WORD}


@pytest.fixture
def world():
    with a_world() as made:
        yield made


@pytest.fixture
def api(world):
    return Api(world.deps)


@pytest.fixture
def boss(world):
    return an_admin(world)


def an_admin(world, tenant=TENANT):
    user = a_user(id=an_id("usr"), tenant=tenant, role=Role.ADMIN)
    moved_in(world.table.repositories, user)
    key = a_key(tenant=tenant, owner=user.id, role=Role.ADMIN)
    world.deps.credentials.add_key(key, entry=an_entry(tenant=tenant))
    return a_caller(tenant=tenant, owner=user.id, role=Role.ADMIN, key_id=key.id)


def signed_in(api, name="bea", password=WORD):
    return api("POST", "/v1/sessions", {"username": name, "password": password}, who="nobody")


def test_a_new_user_has_an_id_and_times_and_is_active(api, boss):
    status, user, head = api("POST", "/v1/users", BEA, who=boss)
    assert (status, head["Location"]) == (201, f"/v1/users/{user['id']}")
    assert user["id"].startswith("usr_")
    assert (user["is_active"], user["role"], user["email"]) == (True, "user", "bea@example.org")
    assert user["created_at"] == user["updated_at"] == "2030-01-01T00:00:00Z"
    assert "password" not in str(user)
    assert signed_in(api)[0] == 201


def test_an_address_without_an_at_is_called_an_invalid_email_format(api, boss):
    status, problem, _ = api("POST", "/v1/users", BEA | {"email": "bea.example.org"}, who=boss)
    assert (status, problem["errors"][0]["pointer"]) == (422, "/email")
    assert problem["errors"][0]["detail"] == "Invalid email format"
    with pytest.raises(ValueError, match="Invalid email format") as broken:
        a_user(email="bea.example.org")
    assert isinstance(broken.value, ValidationError)


def test_a_user_tells_neither_address_nor_password_to_a_log():
    user = a_user(email="bea@example.org")
    assert "bea@example.org" not in f"{user} {user!r}"


def test_names_and_addresses_are_taken_once_in_any_case_in_any_tenant(api, world, boss):
    elsewhere = at_home(world.table.repositories, id=an_id("ten"))
    stranger = an_admin(world, elsewhere.id)
    api("POST", "/v1/users", BEA, who=boss)
    for who in (boss, stranger):
        status, problem, _ = api(
            "POST", "/v1/users", {"username": "BEA", "email": "BEA@example.ORG"}, who=who
        )
        assert (status, problem["code"]) == (409, "name_taken")
        assert {e["pointer"] for e in problem["errors"]} == {"/username", "/email"}


def test_two_sign_ups_of_one_name_at_once_make_one_user(world, boss):
    def sign_up(n):
        return Api(world.deps)("POST", "/v1/users", {"username": "solo"}, who=boss)[0]

    with ThreadPoolExecutor(12) as pool:
        assert sorted(pool.map(sign_up, range(12))) == [201] + [409] * 11


def test_the_same_request_again_makes_no_second_user(api, world, boss):
    key = {"idempotency-key": "u1"}
    first = api("POST", "/v1/users", BEA, who=boss, headers=key)
    again = api("POST", "/v1/users", BEA, who=boss, headers=key)
    assert (again[0], again[1]["id"]) == (201, first[1]["id"])
    assert (first[2]["Idempotency-Replayed"], again[2]["Idempotency-Replayed"]) == (
        "false",
        "true",
    )
    status, problem, _ = api(
        "POST", "/v1/users", BEA | {"password": "another long word"}, who=boss, headers=key
    )
    assert (status, problem["code"]) == (422, "idempotency_key_reused")


def test_only_administrators_see_and_change_others(api, boss):
    user = api("POST", "/v1/users", BEA, who=boss)[1]
    assert {u["id"] for u in api("GET", "/v1/users", who=boss)[1]["data"]} == {
        OWNER,
        boss.owner,
        user["id"],
    }
    mine = api("GET", "/v1/users")[1]["data"]
    assert [u["id"] for u in mine] == [OWNER]
    assert api("POST", "/v1/users", {"username": "x"})[0] == 403
    assert api("GET", f"/v1/users/{user['id']}")[0] == 404
    assert api("PATCH", f"/v1/users/{user['id']}", {"name": "X"})[0] == 403
    assert api("PATCH", f"/v1/users/{OWNER}", {"role": "admin"})[0] == 403


def test_an_administrator_of_another_tenant_cannot_tell_that_a_user_exists(api, world, boss):
    elsewhere = at_home(world.table.repositories, id=an_id("ten"))
    stranger = an_admin(world, elsewhere.id)
    for path in (f"/v1/users/{boss.owner}", f"/v1/users/{an_id('usr')}"):
        for call in (("GET", path), ("PATCH", path, {"name": "X"}), ("DELETE", path)):
            assert api(*call, who=stranger)[1]["code"] == "not_found"
        told = api("PUT", f"{path}/password", {"password": WORD}, who=stranger)
        assert told[0] == 404
    _, first, _ = api("GET", "/v1/users", who=boss, query={"limit": "1"})
    query = {"cursor": first["next_cursor"]}
    assert api("GET", "/v1/users", who=boss, query=query)[0] == 200
    assert api("GET", "/v1/users", who=stranger, query=query)[0] == 422


def test_users_are_paged_without_gaps_or_repeats(api, boss):
    for n in range(5):
        api("POST", "/v1/users", {"username": f"u{n}"}, who=boss)
    seen, cursor = [], None
    while True:
        query = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = api("GET", "/v1/users", who=boss, query=query)[1]
        seen += [user["id"] for user in page["data"]]
        cursor = page["next_cursor"]
        if not page["has_more"]:
            break
    assert len(seen) == len(set(seen)) == 7
    assert seen == sorted(seen)


def test_a_change_says_which_version_it_was_made_from(api, boss):
    user = api("POST", "/v1/users", BEA, who=boss)[1]
    path = f"/v1/users/{user['id']}"
    tag = api("GET", path, who=boss)[2]["ETag"]
    status, changed, head = api("PATCH", path, {"name": "B."}, who=boss, headers={"if-match": tag})
    assert (status, changed["name"], changed["version"]) == (200, "B.", 2)
    assert head["ETag"] != tag
    status, problem, _ = api("PATCH", path, {"name": "C"}, who=boss, headers={"if-match": tag})
    assert (status, problem["code"]) == (412, "precondition_failed")


def test_a_name_that_is_given_up_is_free_and_the_new_one_is_found(api, boss):
    user = api("POST", "/v1/users", BEA, who=boss)[1]
    path = f"/v1/users/{user['id']}"
    assert api("PATCH", path, {"username": "bibi", "email": None}, who=boss)[1]["email"] is None
    assert signed_in(api)[0] == 401
    assert signed_in(api, "bea@example.org")[0] == 401
    assert signed_in(api, "BIBI")[0] == 201
    assert api("POST", "/v1/users", BEA | {"name": "Another"}, who=boss)[0] == 201
    assert api("PATCH", path, {"username": "bea"}, who=boss)[0] == 409


def test_an_audit_entry_names_fields_and_neither_names_nor_addresses(api, world, boss):
    user = api("POST", "/v1/users", BEA, who=boss)[1]
    api("PATCH", f"/v1/users/{user['id']}", {"email": "b@b.org", "role": "viewer"}, who=boss)
    rows = [row for row in world.table.items() if row.get("et") == "event"]
    last = next(row for row in rows if row["action"] == "user.changed")
    assert '"role":["user","viewer"]' in last["changes"]
    assert '"email":"changed"' in last["changes"]
    assert (last["actor"], last["resource"]) == (boss.owner, user["id"])
    told = str(rows).lower()
    assert not any(word in told for word in ("bea@", "b@b.org", "beatriz", WORD))


def test_nobody_switches_off_the_last_administrator(api, world, boss):
    path = f"/v1/users/{boss.owner}"
    for call in (
        ("PATCH", path, {"role": "user"}),
        ("PATCH", path, {"is_active": False}),
        ("DELETE", path),
    ):
        status, problem, _ = api(*call, who=boss)
        assert (status, problem["code"]) == (409, "conflict")
    other = an_admin(world)
    assert api("DELETE", path, who=other)[0] == 200
    assert api("PATCH", f"/v1/users/{other.owner}", {"role": "user"}, who=other)[0] == 409


def test_two_administrators_cannot_put_each_other_away_at_once(world, boss):
    bosses = [boss, an_admin(world)]

    def put_away(n):
        path = f"/v1/users/{bosses[1 - n].owner}"
        return Api(world.deps)("DELETE", path, who=bosses[n])[0]

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(put_away, range(2)))
    assert answers[0] == 200
    assert answers[1] in (401, 409)
    kept = [world.deps.users.get(TENANT, who.owner).governs for who in bosses]
    assert sorted(kept) == [False, True]


def test_a_deleted_user_opens_nothing_makes_nothing_and_can_come_back(api, world, boss):
    user = api("POST", "/v1/users", BEA, who=boss)[1]
    path = f"/v1/users/{user['id']}"
    token = api("POST", "/v1/keys", {"owner": user["id"]}, who=boss)[1]["token"]
    session = signed_in(api)[1]
    assert identity.identify(world.deps, credential=token).owner == user["id"]

    deleted = api("DELETE", path, who=boss)[1]
    assert deleted["deleted_at"]
    assert api("DELETE", path, who=boss)[1] == deleted
    for credential in (token, session["access_token"]):
        with pytest.raises(Unauthorized):
            identity.identify(world.deps, credential=credential)
    assert signed_in(api)[0] == 401
    assert api("PATCH", path, {"name": "X"}, who=boss)[0] == 409
    assert api("POST", "/v1/keys", {"owner": user["id"]}, who=boss)[0] == 404
    assert api("POST", "/v1/users", BEA, who=boss)[0] == 409

    assert api("POST", f"{path}/restore", who=boss)[1]["deleted_at"] is None
    assert identity.identify(world.deps, credential=token).owner == user["id"]
    with pytest.raises(Unauthorized):
        identity.identify(world.deps, credential=session["access_token"])
    assert signed_in(api)[0] == 201


def test_a_user_who_is_switched_off_opens_nothing_until_switched_on(api, world, boss):
    user = api("POST", "/v1/users", BEA, who=boss)[1]
    path = f"/v1/users/{user['id']}"
    api("PATCH", path, {"is_active": False}, who=boss)
    assert signed_in(api)[0] == 401
    api("PATCH", path, {"is_active": True}, who=boss)
    assert signed_in(api)[0] == 201


def test_everybody_changes_their_own_name_and_nothing_that_gives_rights(api):
    status, me, head = api("PATCH", "/v1/me", {"name": "Ana B.", "metadata": {"team": 1}})
    assert (status, me["name"], me["metadata"]) == (200, "Ana B.", {"team": 1})
    assert api("GET", "/v1/me")[2]["ETag"] == head["ETag"]
    for wrong in ({"role": "admin"}, {"is_active": True}, {"username": "root"}):
        assert api("PATCH", "/v1/me", wrong)[0] == 422
    viewer = a_caller(role=Role.VIEWER)
    assert api("PATCH", "/v1/me", {"name": "V"}, who=viewer)[0] == 200


def test_a_new_password_needs_the_old_one_and_ends_all_sessions(api, world, boss):
    api("POST", "/v1/users", BEA, who=boss)
    session = signed_in(api)[1]
    me = identity.identify(world.deps, credential=session["access_token"])
    change = {"old_password": "not it at all", "password": "something new 1"}
    status, problem, _ = api("PUT", "/v1/me/password", change, who=me)
    assert (status, problem["errors"][0]["pointer"]) == (422, "/old_password")
    assert api("PUT", "/v1/me/password", change | {"old_password": WORD}, who=me)[0] == 204
    assert api("GET", "/v1/me", who=me)[0] == 200  # what the authorizer believes for a minute
    assert api("PATCH", "/v1/me", {"name": "X"}, who=me)[0] == 401
    with pytest.raises(Unauthorized):
        identity.identify(world.deps, credential=session["access_token"])
    assert (signed_in(api)[0], signed_in(api, password="something new 1")[0]) == (401, 201)


def test_an_administrator_sets_a_password_and_no_answer_shows_one(api, world, boss):
    user = api("POST", "/v1/users", {"username": "bea"}, who=boss)[1]
    assert signed_in(api)[0] == 401
    path = f"/v1/users/{user['id']}/password"
    assert api("PUT", path, {"password": "short"}, who=boss)[0] == 422
    assert api("PUT", path, {"password": WORD}, who=boss)[0] == 204
    assert signed_in(api)[0] == 201
    assert WORD not in str(world.table.items())
    problem = api("PUT", path, {"password": "hunter2", "why": "hunter2"}, who=boss)[1]
    assert "hunter2" not in str(problem)


def test_a_lost_answer_of_a_change_is_not_a_conflict(world, boss):
    user = world.deps.users.get(TENANT, OWNER)
    now = user.model_copy(update={"name": "Ana B."})
    entry = an_entry(resource=OWNER)
    changed = world.deps.users.change(user, now, entry=entry)
    assert world.deps.users.change(user, now, entry=entry) == changed


def test_the_model_reads_rows_that_newer_code_wrote():
    row = a_user().model_dump() | {"shoe_size": 43}
    assert User.model_validate(row).username


def test_names_taken_says_which(world, boss):
    first = a_user(id=an_id("usr"), email="a@b.org")
    moved_in(world.table.repositories, first)
    with pytest.raises(NameTaken) as refused:
        moved_in(world.table.repositories, a_user(id=an_id("usr"), email="A@B.org"))
    assert refused.value.fields == ("email",)
