"""Deletions and exports as callers see them."""

import pytest

from reelsmith.domain.people import Role
from reelsmith.usecases import exporting
from tests.builders import OWNER, TENANT, a_caller, a_key, a_user, an_entry
from tests.calling import Api
from tests.homes import moved_in
from tests.table.steps import ended, started, submitted
from tests.world import a_world

ADMIN_KEY = "b" * 10
ADMIN = a_caller(owner="usr_boss", role=Role.ADMIN, key_id=ADMIN_KEY)


@pytest.fixture
def world():
    with a_world() as made:
        moved_in(made.table.repositories, a_user(id="usr_boss", role=Role.ADMIN))
        key = a_key(id=ADMIN_KEY, owner="usr_boss", role=Role.ADMIN)
        made.deps.credentials.add_key(key, entry=an_entry())
        yield made


@pytest.fixture
def api(world):
    return Api(world.deps)


def test_a_finished_job_is_deleted_once(world, api):
    job = ended(world.deps.jobs, started(world.deps.jobs))
    status, _, _ = api("DELETE", f"/v1/jobs/{job.id}")
    assert status == 204
    status, problem, _ = api("DELETE", f"/v1/jobs/{job.id}", query={"film": "true"})
    assert (status, problem["code"]) == (404, "not_found")


def test_an_unfinished_job_is_called_off_first(world, api):
    job = submitted(world.deps.jobs)
    status, problem, _ = api("DELETE", f"/v1/jobs/{job.id}")
    assert (status, problem["code"]) == (409, "conflict")


def test_a_user_is_erased_by_its_name(world, api):
    user = moved_in(world.table.repositories, a_user(id="usr_leaves"))
    status, problem, _ = api("POST", f"/v1/users/{user.id}/erase", {"confirm": "x"}, who=ADMIN)
    assert (status, problem["errors"][0]["pointer"]) == (422, "/confirm")

    for _ in range(2):
        asked = {"confirm": user.username}
        status, seen, _ = api("POST", f"/v1/users/{user.id}/erase", asked, who=ADMIN)
        assert (status, seen["id"], seen["status"]) == (202, user.id, "erasing")


def test_the_tenant_is_erased_by_its_name_and_answers_nobody_any_more(api):
    status, seen, _ = api("DELETE", "/v1/tenant", {"confirm": "Ana's shop"}, who=ADMIN)
    assert (status, seen["id"]) == (202, TENANT)
    assert api("DELETE", "/v1/tenant", {"confirm": "Ana's shop"}, who=ADMIN)[0] == 401


def test_an_export_is_ordered_once_per_key_and_fetched_when_it_is_written(world, api):
    sent = {"headers": {"idempotency-key": "my export"}}
    status, made, head = api("POST", "/v1/me/export", **sent)
    again = api("POST", "/v1/me/export", **sent)
    assert (status, made["user"], made["status"]) == (202, OWNER, "queued")
    assert (again[1]["id"], again[2]["Idempotency-Replayed"]) == (made["id"], "true")

    exporting.advance(world.deps, seconds=10)

    status, seen, _ = api("GET", head["Location"])
    assert (status, seen["status"]) == (200, "completed")
    names = [file["name"] for file in seen["files"]]
    assert names == sorted(names, key=lambda name: (name == "manifest.json", name))
    assert names[-1] == "manifest.json"
    assert all(file["url"].startswith("https://") for file in seen["files"])


def test_an_administrator_exports_a_user_and_nobody_else_does(api):
    assert api("POST", f"/v1/users/{OWNER}/export", who=ADMIN)[0] == 202
    assert api("POST", "/v1/users/usr_boss/export")[0] == 404
