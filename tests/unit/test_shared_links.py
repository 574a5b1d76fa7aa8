"""Links: whoever holds one sees one thing, and what opens nothing says nothing."""

import json
from datetime import timedelta

import pytest

from reelsmith.domain import tokens
from reelsmith.domain.access import Access
from reelsmith.domain.ids import Kind
from reelsmith.domain.people import Role
from reelsmith.domain.tokens import Purpose
from tests.builders import TENANT, an_entry, an_id
from tests.calling import NOBODY, Api
from tests.shelves import a_neighbour, a_shelved_file, a_shelved_film
from tests.world import a_world


@pytest.fixture
def world():
    with a_world() as made:
        yield made


@pytest.fixture
def api(world):
    return Api(world.deps)


def linked(api, room, thing, **body):
    status, made, _ = api("POST", f"/v1/{room}/{thing.id}/shares", body)
    assert status == 201, made
    return made


def test_a_link_shows_a_film_to_whoever_has_it(world, api):
    film = a_shelved_film(world)
    link = linked(api, "videos", film)

    status, seen, head = api("GET", link["url"], who=NOBODY)
    assert (status, head["Cache-Control"]) == (200, "no-store")
    assert (seen["title"], seen["duration_seconds"], seen["size_bytes"]) == (
        film.title,
        film.duration_seconds,
        film.size_bytes,
    )
    assert film.key in seen["download_url"]
    assert seen.keys().isdisjoint({"owner", "tenant", "metadata", "readers", "job_id"})
    status, _, head = api("GET", f"{link['url']}/content", who=NOBODY)
    assert (status, film.key in head["Location"]) == (302, True)


def test_a_link_shows_a_file_under_its_name(world, api):
    file = a_shelved_file(world, original_filename="Strand & mehr.jpg")
    seen = api("GET", linked(api, "assets", file)["url"], who=NOBODY)[1]
    assert (seen["title"], seen["duration_seconds"]) == ("Strand & mehr.jpg", None)
    assert file.key in seen["download_url"]


def test_the_secret_of_a_link_is_shown_once_and_kept_nowhere(world, api):
    film = a_shelved_film(world)
    link = linked(api, "videos", film)
    (listed,) = api("GET", f"/v1/videos/{film.id}/shares")[1]["data"]

    token = tokens.parse(link["url"].rpartition("/")[2])
    assert token.purpose is Purpose.LINK
    assert (listed["id"], listed["url"]) == (token.id, None)
    assert token.secret not in json.dumps(world.table.items(), default=str)


def test_the_same_key_gives_the_same_link_again(world, api):
    film = a_shelved_film(world)
    path, key = f"/v1/videos/{film.id}/shares", {"Idempotency-Key": "monday"}
    _, first, said = api("POST", path, {}, headers=key)
    _, again, replayed = api("POST", path, {}, headers=key)

    assert first == again
    assert (said["Idempotency-Replayed"], replayed["Idempotency-Replayed"]) == ("false", "true")
    assert api("POST", path, {"expires_in_s": 60}, headers=key)[1]["code"] == (
        "idempotency_key_reused"
    )


@pytest.mark.parametrize("seconds", [0, 59, 30 * 86_400 + 1])
def test_a_link_lives_between_a_minute_and_thirty_days(world, api, seconds):
    film = a_shelved_film(world)
    status, problem, _ = api("POST", f"/v1/videos/{film.id}/shares", {"expires_in_s": seconds})
    assert (status, problem["errors"][0]["pointer"]) == (422, "/expires_in_s")


def test_a_thing_has_a_bounded_number_of_links(world, api, monkeypatch):
    monkeypatch.setattr("reelsmith.usecases.shares.MOST_LINKS", 2)
    film = a_shelved_film(world)
    for _ in range(2):
        linked(api, "videos", film)
    status, problem, _ = api("POST", f"/v1/videos/{film.id}/shares", {})
    assert (status, problem["code"]) == (409, "conflict")


def test_a_link_without_an_end_lasts_until_it_is_revoked(world, api):
    film = a_shelved_film(world)
    link = linked(api, "videos", film, expires_in_s=None)
    world.later(days=3_000)
    assert api("GET", link["url"], who=NOBODY)[0] == 200
    for _ in range(2):
        assert api("DELETE", f"/v1/shares/{link['id']}")[0] == 204
    assert api("GET", link["url"], who=NOBODY)[0] == 404


class Reads:
    """Counts the rows that are looked up."""

    def __init__(self):
        self.count = 0

    def __call__(self, operation, arguments, send):
        self.count += operation == "GetItem"
        return send()


def test_what_opens_nothing_is_answered_alike_and_with_equal_work(world, api):
    film = a_shelved_film(world)
    good = linked(api, "videos", film)["url"]
    token = tokens.parse(good.rpartition("/")[2])
    expired = linked(api, "videos", film, expires_in_s=60)["url"]
    revoked = linked(api, "videos", film)
    api("DELETE", f"/v1/shares/{revoked['id']}")
    gone = a_shelved_film(world)
    erased = linked(api, "videos", gone)["url"]
    api("DELETE", f"/v1/videos/{gone.id}")
    world.later(seconds=61)

    def of(**changes):
        parts = {
            "purpose": token.purpose,
            "stage": token.stage,
            "tenant": token.tenant,
            "id": token.id,
            "secret": token.secret,
        }
        return f"/v1/shared/{tokens.Token(**parts | changes).text}"

    wrong = {
        "no token": "/v1/shared/abc",
        "a typing error": good[:-1] + ("A" if good[-1] != "A" else "B"),
        "another secret": of(secret="x" * 32),
        "another row": of(id="y" * 10),
        "another tenant": of(tenant=an_id(Kind.TENANT)),
        "another stage": of(stage="prod"),
        "a key": of(purpose=Purpose.KEY),
        "expired": expired,
        "revoked": revoked["url"],
        "erased": erased,
    }
    answers, work = set(), set()
    for path in wrong.values():
        for end in ("", "/content", "/playlist.m3u8"):
            world.table.database.hook = reads = Reads()
            status, problem, _ = api("GET", path + end, who=NOBODY)
            world.table.database.hook = None
            problem.pop("instance", None)
            answers.add((status, json.dumps(problem, sort_keys=True)))
            work.add(reads.count)
    assert len(answers) == 1, answers
    assert next(iter(answers))[0] == 404
    world.table.database.hook = reads = Reads()
    assert api("GET", good, who=NOBODY)[0] == 200
    assert work == {reads.count}


def test_a_link_ends_with_its_owner_and_with_its_tenant(world, api):
    film = a_shelved_film(world)
    link = linked(api, "videos", film)
    tenant = world.deps.people.tenant(TENANT)
    closed = tenant.model_copy(update={"active": False})
    closed = world.deps.people.change_tenant(tenant, closed, entry=an_entry())
    assert api("GET", link["url"], who=NOBODY)[0] == 404

    opened = closed.model_copy(update={"active": True})
    world.deps.people.change_tenant(closed, opened, entry=an_entry())
    assert api("GET", link["url"], who=NOBODY)[0] == 200

    owner = world.deps.users.get(TENANT, film.owner)
    away = owner.model_copy(update={"is_active": False})
    world.deps.users.change(owner, away, entry=an_entry())
    assert api("GET", link["url"], who=NOBODY)[0] == 404


@pytest.mark.parametrize(
    ("room", "make"), [("videos", a_shelved_film), ("assets", a_shelved_file)]
)
def test_a_public_thing_has_a_standing_link_until_its_access_changes(world, api, room, make):
    thing = make(world)
    path = f"/v1/{room}/{thing.id}"
    assert api("GET", path)[1]["public_url"] is None

    public = api("PATCH", path, {"access": "public"})[1]["public_url"]
    assert api("GET", path)[1]["public_url"] == public
    assert api("GET", public, who=NOBODY)[0] == 200
    (listed,) = api("GET", f"{path}/shares")[1]["data"]
    assert (listed["standing"], listed["url"]) == (True, public)
    assert api("DELETE", f"/v1/shares/{listed['id']}")[0] == 409
    secret = tokens.parse(public.rpartition("/")[2]).secret
    assert secret not in json.dumps(world.table.items(), default=str)

    api("PATCH", path, {"access": "authenticated"})
    assert api("GET", path)[1]["public_url"] is None
    assert api("GET", public, who=NOBODY)[0] == 404
    again = api("PATCH", path, {"access": "public"})[1]["public_url"]
    assert again != public
    assert api("GET", again, who=NOBODY)[0] == 200
    assert api("GET", public, who=NOBODY)[0] == 404


def test_a_standing_link_ends_even_if_its_row_is_never_marked(world, api, monkeypatch):
    film = a_shelved_film(world)
    path = f"/v1/videos/{film.id}"
    public = api("PATCH", path, {"access": "public"})[1]["public_url"]
    with monkeypatch.context() as cut:
        cut.setattr("reelsmith.usecases.links.ended", lambda *_: 1 / 0)
        assert api("PATCH", path, {"access": "private"})[0] == 500

    assert api("GET", path)[1]["access"] == Access.PRIVATE
    assert api("GET", public, who=NOBODY)[0] == 404


def test_a_change_that_dies_before_it_is_written_opens_nothing(world, api, monkeypatch):
    film = a_shelved_film(world)
    path = f"/v1/videos/{film.id}"
    with monkeypatch.context() as cut:
        cut.setattr(type(world.deps.videos), "change", lambda *_, **__: 1 / 0)
        assert api("PATCH", path, {"access": "public"})[0] == 500
    assert api("GET", f"{path}/shares")[1]["data"] == []

    public = api("PATCH", path, {"access": "public"})[1]["public_url"]
    assert api("GET", public, who=NOBODY)[0] == 200


def test_links_are_the_owners_business_and_the_admins(world, api):
    film = a_shelved_film(world, access=Access.AUTHENTICATED)
    link = linked(api, "videos", film)
    bea, admin = a_neighbour(world), a_neighbour(world, role=Role.ADMIN)
    foreign = a_neighbour(world).model_copy(update={"tenant": an_id(Kind.TENANT)})
    shares = f"/v1/videos/{film.id}/shares"

    for who in (bea, foreign):
        assert api("GET", shares, who=who)[0] in (401, 404)
        assert api("POST", shares, {}, who=who)[0] in (401, 404)
        assert api("DELETE", f"/v1/shares/{link['id']}", who=who)[0] in (401, 404)
    assert api("GET", link["url"], who=NOBODY)[0] == 200
    assert api("DELETE", f"/v1/shares/{link['id']}", who=admin)[0] == 204
    assert api("GET", link["url"], who=NOBODY)[0] == 404


def test_a_film_is_not_shared_as_a_file(world, api):
    film = a_shelved_film(world)
    assert api("POST", f"/v1/assets/{film.id}/shares", {})[0] == 404


def test_a_link_dies_with_its_thing_and_is_revoked_in_the_journal(world, api):
    film = a_shelved_film(world)
    link = linked(api, "videos", film)
    api("DELETE", f"/v1/videos/{film.id}")

    row = world.deps.shares.get(TENANT, link["id"])
    assert row.revoked_at == world.clock.at
    assert row.expires_at - row.created_at == timedelta(days=7)
