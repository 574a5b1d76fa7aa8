"""Who a request comes from, when a user pool knows the people."""

from dataclasses import replace

import pytest

from reelsmith.domain.people import Role
from reelsmith.http.app import build_app
from tests.builders import TENANT, a_user
from tests.calling import Api, request
from tests.homes import moved_in
from tests.security.rooms import a_person
from tests.world import a_world

SUB = "8f14e45f-ceea-467f-a0e6-9c2b1d3e4f50"
OF_POOL = f"usr_{SUB.replace('-', '')}"
CLAIMS = {"sub": SUB, "custom:tenant": TENANT, "custom:role": "user", "token_use": "id"}


@pytest.fixture
def world():
    with a_world() as made:
        moved_in(made.table.repositories, a_user(id=OF_POOL, username="pola"))
        yield made


def send(world, method, path, body=None, **claims):
    event = request(method, path, body)
    event["requestContext"]["authorizer"] = {"jwt": {"claims": CLAIMS | claims, "scopes": None}}
    return build_app(world.deps).resolve(event, None)["statusCode"]


def test_a_person_of_the_pool_is_the_user_of_the_same_id(world):
    assert send(world, "GET", "/v1/me") == 200
    assert send(world, "PATCH", "/v1/me", {"name": "Pola"}) == 200
    assert world.deps.users.get(TENANT, OF_POOL).name == "Pola"


@pytest.mark.parametrize(
    "wrong",
    [
        {"custom:tenant": ""},
        {"custom:tenant": "ten_1"},
        {"custom:role": "root"},
        {"custom:role": ""},
        {"sub": "../../x"},
        {"sub": ""},
    ],
)
def test_a_token_without_tenant_or_role_is_nobody_s(world, wrong):
    assert send(world, "GET", "/v1/me", **wrong) == 401


def test_the_pool_s_role_goes_no_further_than_the_user_s_own(world):
    assert send(world, "POST", "/v1/users", {"username": "x"}, **{"custom:role": "admin"}) == 401
    assert world.deps.users.get(TENANT, OF_POOL).role is Role.USER


def test_a_person_of_the_pool_who_is_no_user_here_changes_nothing(world):
    stranger = {"sub": "00000000-ceea-467f-a0e6-9c2b1d3e4f50"}
    assert send(world, "GET", "/v1/me", **stranger) == 404
    assert send(world, "PATCH", "/v1/me", {"name": "X"}, **stranger) == 401


def a_pool_stage(world):
    deps = replace(world.deps, settings=world.deps.settings.model_copy(update={"auth": "cognito"}))
    return deps, a_person(world, Role.ADMIN, tenant=TENANT)


def test_people_of_the_pool_become_users_by_their_sub(world):
    deps, boss = a_pool_stage(world)
    newcomer = {"username": "rosa", "sub": "1f14e45f-ceea-467f-a0e6-9c2b1d3e4f50"}
    api = Api(deps)
    status, user, _ = api("POST", "/v1/users", newcomer, who=boss)
    assert (status, user["id"]) == (201, "usr_1f14e45fceea467fa0e69c2b1d3e4f50")
    assert send(world, "GET", "/v1/me", sub=newcomer["sub"]) == 200
    assert api("POST", "/v1/users", newcomer | {"username": "rosalia"}, who=boss)[0] == 409


def test_a_stage_without_a_pool_takes_no_sub(world):
    _, boss = a_pool_stage(world)
    newcomer = {"username": "rosa", "sub": SUB}
    status, problem, _ = Api(world.deps)("POST", "/v1/users", newcomer, who=boss)
    assert (status, problem["errors"][0]["pointer"]) == (422, "/sub")


def test_what_is_refused_to_a_person_of_the_pool_is_told_in_the_journal(world):
    moved_in(world.table.repositories, a_user(id=f"usr_{'7' * 32}", role=Role.VIEWER))
    sub = f"{'7' * 8}-{'7' * 4}-{'7' * 4}-{'7' * 4}-{'7' * 12}"
    who = {"sub": sub, "custom:role": "viewer"}
    assert send(world, "POST", "/v1/users", {"username": "x"}, **who) == 403
    told = world.deps.journal.page(TENANT, actor=f"usr_{'7' * 32}", limit=9).entries
    assert [entry.action for entry in told] == ["access.refused"]
