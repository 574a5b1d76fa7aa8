"""The journal over HTTPS, for administrators; and what entries say of changes."""

from datetime import timedelta

import pytest

from reelsmith.domain import audit
from reelsmith.domain.people import Role
from tests.builders import EPOCH, a_caller, a_user, an_entry, an_id
from tests.calling import Api
from tests.world import a_world

ADMIN = a_caller(role=Role.ADMIN)
ANA, BEN = "usr_ana", "usr_ben"


@pytest.fixture
def world():
    with a_world() as made:
        yield made


@pytest.fixture
def api(world):
    return Api(world.deps)


def written(world, *told):
    """Entries of (actor, action, resource), a minute after each other."""
    for n, (actor, action, resource) in enumerate(told):
        at = EPOCH + timedelta(minutes=n + 1)
        entry = an_entry(at=at, action=action, resource=resource, access=["private", "public"])
        world.deps.journal.note(entry.model_copy(update={"actor": actor, "ip": "203.0.113.7"}))


def listed(api, **query):
    status, page, _ = api("GET", "/v1/audit", who=ADMIN, query=query)
    assert status == 200
    return [(entry["actor"], entry["action"], entry["resource"]) for entry in page["data"]]


def test_an_entry_tells_who_did_what_and_what_changed(world, api):
    written(world, (ANA, "video.changed", "vid_1"))

    _, page, _ = api("GET", "/v1/audit", who=ADMIN, query={"resource": "vid_1"})

    (entry,) = page["data"]
    assert entry.pop("id").startswith("evt_")
    assert entry == {
        "at": "2030-01-01T00:01:00Z",
        "actor": ANA,
        "action": "video.changed",
        "resource": "vid_1",
        "changes": {"access": ["private", "public"]},
        "ip": "203.0.113.7",
        "user_agent": "",
        "request_id": "",
    }


def test_the_journal_is_listed_by_actor_thing_action_and_time(world, api):
    one, two = (ANA, "job.created", "job_1"), (BEN, "job.cancelled", "job_1")
    three, four = (ANA, "video.changed", "vid_1"), (BEN, "security.refusals", BEN)
    written(world, one, two, three, four)

    assert listed(api)[:4] == [four, three, two, one]
    assert listed(api, actor=ANA) == [three, one]
    assert listed(api, resource="job_1") == [two, one]
    assert listed(api, resource="job_1", actor=ANA) == [one]
    assert listed(api, action="job.c") == [two, one]
    assert listed(api, since="2030-01-01T00:02:00Z", until="2030-01-01T00:04:00Z") == [three, two]


def test_pages_of_a_filter_go_on_where_the_last_one_ended(world, api):
    written(world, *[(ANA, f"job.{n % 2}", "job_1") for n in range(9)])
    query, found = {"action": "job.1", "limit": "3"}, []
    while True:
        _, page, _ = api("GET", "/v1/audit", who=ADMIN, query=query)
        found += [entry["at"] for entry in page["data"]]
        if not page["has_more"]:
            break
        query = {**query, "cursor": page["next_cursor"]}

    assert found == [f"2030-01-01T00:0{minute}:00Z" for minute in (8, 6, 4, 2)]
    other = {**query, "action": "job.0"}
    assert api("GET", "/v1/audit", who=ADMIN, query=other)[0] == 422


@pytest.mark.parametrize("role", [Role.USER, Role.VIEWER])
def test_the_journal_is_for_administrators(api, role):
    assert api("GET", "/v1/audit", who=a_caller(role=role))[0] == 403


def test_another_tenant_sees_nothing_of_ours(world, api):
    written(world, (ANA, "job.created", "job_1"))
    stranger = a_caller(tenant=an_id("ten"), role=Role.ADMIN)

    status, page, _ = api("GET", "/v1/audit", who=stranger, query={"actor": ANA})

    assert (status, page["data"]) == (200, [])


def test_a_change_is_told_by_its_fields_before_and_after():
    was = a_user(name="Ana", role=Role.USER)
    now = was.model_copy(update={"name": "Ana María", "role": Role.ADMIN, "version": 2})

    assert audit.changed(was, now, ("name", "role", "is_active")) == {
        "name": "changed",
        "role": ["user", "admin"],
    }
