"""Webhooks and events over HTTP: what is shown once, what is refused, how to follow."""

import json

import pytest

from reelsmith.domain.ids import Kind
from reelsmith.domain.people import Role
from reelsmith.domain.webhooks import MOST
from reelsmith.usecases import events
from reelsmith.workflow import courier
from tests.builders import OWNER, TENANT, a_caller, a_delivery, a_user, an_id
from tests.calling import Api
from tests.homes import at_home, moved_in
from tests.security.rooms import a_person
from tests.table.steps import history, submitted
from tests.world import a_world

NEW = {"url": "https://hooks.customer.net/in?token=s3cret", "types": ["job.completed"]}


@pytest.fixture
def world():
    with a_world() as world:
        yield world


@pytest.fixture
def api(world):
    admin = a_person(world, Role.ADMIN, tenant=TENANT)
    call = Api(world.deps)
    return lambda method, path, body=None, **more: call(
        method, path, body, **{"who": admin} | more
    )


@pytest.fixture
def webhook(api):
    return api("POST", "/v1/webhooks", NEW)[1]


def publish(world):
    courier.handle(world.deps, {})


def test_the_secret_is_shown_once_and_stands_in_no_row(api, world):
    status, made, head = api("POST", "/v1/webhooks", NEW, headers={"idempotency-key": "a"})
    _, again, told = api("POST", "/v1/webhooks", NEW, headers={"idempotency-key": "a"})
    _, read, _ = api("GET", f"/v1/webhooks/{made['id']}")

    assert (status, head["Cache-Control"]) == (201, "no-store")
    assert made["secret"].startswith("whsec_")
    assert (again["id"], again["secret"], told["Idempotency-Replayed"]) == (
        made["id"],
        None,
        "true",
    )
    assert "secret" not in read
    assert made["secret"] not in json.dumps(world.table.items(), default=str)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.customer.net/in",
        "https://127.0.0.1/in",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/in",
        "https://localhost/in",
        "https://hooks.customer.net:8443/in",
        "https://user:pw@hooks.customer.net/in",
        "ftp://hooks.customer.net/in",
        "https://intranet/in",
    ],
)
def test_an_endpoint_that_is_not_on_the_public_internet_is_refused(api, url):
    status, problem, _ = api("POST", "/v1/webhooks", NEW | {"url": url})
    assert (status, problem["errors"][0]["pointer"]) == (422, "/url")


def test_a_change_to_such_an_endpoint_is_refused_as_well(api, webhook):
    path = f"/v1/webhooks/{webhook['id']}"
    status, problem, _ = api("PATCH", path, {"url": "https://10.0.0.1/"})
    assert (status, problem["errors"][0]["pointer"]) == (422, "/url")


def test_the_journal_knows_of_changes_and_not_of_urls(api, webhook, world):
    path = f"/v1/webhooks/{webhook['id']}"
    api("PATCH", path, {"url": "https://hooks.customer.net/other?token=s3cret2"})
    api("POST", f"{path}/rotate")
    api("DELETE", path)

    assert history(world.table, webhook["id"]) == [
        "webhook.created",
        "webhook.changed",
        "webhook.rotated",
        "webhook.deleted",
    ]
    rows = [item for item in world.table.items() if item.get("et") == "event"]
    assert "s3cret" not in json.dumps(rows, default=str)


def test_a_change_is_refused_when_somebody_was_faster(api, webhook):
    path = f"/v1/webhooks/{webhook['id']}"
    _, _, head = api("GET", path)
    seen = {"if-match": head["ETag"]}

    assert api("PATCH", path, {"enabled": False}, headers=seen)[0] == 200
    assert api("PATCH", path, {"enabled": True}, headers=seen)[0] == 412
    _, off, _ = api("GET", path)
    assert (off["enabled"], off["disabled_reason"]) == (False, "by_request")
    assert api("POST", f"{path}/test")[0] == 409


def test_a_tenant_has_so_many_webhooks_and_no_more(api):
    for _ in range(MOST):
        assert api("POST", "/v1/webhooks", NEW)[0] == 201
    status, problem, _ = api("POST", "/v1/webhooks", NEW)
    assert (status, problem["code"]) == (429, "over_quota")


def test_deliveries_come_in_pages_newest_first(api, webhook, world):
    made = [a_delivery(webhook=webhook["id"]) for _ in range(3)]
    for one in made:
        world.deps.deliveries.again(one, at=world.clock())
    path = f"/v1/webhooks/{webhook['id']}/deliveries"

    _, first, _ = api("GET", path, query={"limit": "2"})
    _, rest, _ = api("GET", path, query={"limit": "2", "cursor": first["next_cursor"]})

    ids = [one["id"] for one in (*first["data"], *rest["data"])]
    assert ids == [one.id for one in reversed(made)]
    assert (first["has_more"], rest["has_more"]) == (True, False)


def test_a_program_follows_with_the_cursor_of_each_answer(api, world):
    submitted(world.deps.jobs)
    publish(world)
    _, first, _ = api("GET", "/v1/events")
    _, nothing, _ = api("GET", "/v1/events", query={"cursor": first["next_cursor"]})
    job = submitted(world.deps.jobs)
    publish(world)
    _, second, _ = api("GET", "/v1/events", query={"cursor": nothing["next_cursor"]})

    assert (len(first["data"]), nothing["data"]) == (1, [])
    assert [one["data"]["id"] for one in second["data"]] == [job.id]


def test_a_look_waits_for_an_event_and_no_longer(api, world, monkeypatch):
    waited = []

    def sleep(seconds):
        waited.append(seconds)
        if len(waited) == 3:
            submitted(world.deps.jobs)
            publish(world)

    monkeypatch.setattr(events.time, "sleep", sleep)
    _, found, _ = api("GET", "/v1/events", query={"wait": "20"})
    assert (len(found["data"]), sum(waited)) == (1, 3)

    _, none, _ = api("GET", "/v1/events", query={"wait": "5", "cursor": found["next_cursor"]})
    assert (none["data"], sum(waited)) == ([], 8)


def test_users_follow_their_own_and_nobody_anothers_tenant(api, world):
    moved_in(world.table.repositories, a_user(id=(other := an_id(Kind.USER))))
    submitted(world.deps.jobs)
    submitted(world.deps.jobs, owner=other)
    elsewhere = at_home(world.table.repositories, id=an_id(Kind.TENANT))
    stranger = a_person(world, Role.ADMIN, tenant=elsewhere.id)
    publish(world)

    _, own, _ = api("GET", "/v1/events", who=a_caller(owner=OWNER))
    _, every, _ = api("GET", "/v1/events")
    _, foreign, _ = api("GET", "/v1/events", who=stranger)
    assert [len(one["data"]) for one in (own, every, foreign)] == [1, 2, 0]
    borrowed = {"cursor": every["next_cursor"]}
    assert api("GET", "/v1/events", query=borrowed, who=stranger)[0] == 422


def test_a_type_that_does_not_exist_is_named(api):
    status, problem, _ = api("GET", "/v1/events", query={"types": "job.done"})
    assert (status, problem["errors"][0]["pointer"]) == (422, "?types")
