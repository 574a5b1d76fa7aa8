"""Films and files as callers see them: listed, looked at, changed, fetched, taken away."""

from datetime import timedelta

import pytest

from reelsmith.domain.access import Access
from reelsmith.domain.ids import Kind
from reelsmith.domain.jobs import JobStatus
from reelsmith.domain.people import Role
from reelsmith.storage import keys
from reelsmith.usecases import drops, uploads, vanishing, videos
from tests.builders import OWNER, a_caller, a_job, a_spec, an_entry, an_id
from tests.calling import Api
from tests.shelves import a_neighbour, a_shelved_file, a_shelved_film
from tests.table.steps import ended, history, submitted
from tests.world import a_world

STRANGER = an_id(Kind.USER)


@pytest.fixture
def world():
    with a_world() as made:
        yield made


@pytest.fixture
def api(world):
    return Api(world.deps)


def ids_of(answer):
    status, page, _ = answer
    assert status == 200, page
    return [one["id"] for one in page["data"]]


@pytest.mark.parametrize(
    ("room", "make"), [("videos", a_shelved_film), ("assets", a_shelved_file)]
)
def test_a_user_lists_its_own_and_what_is_opened_to_it(world, api, room, make):
    bea = a_neighbour(world)
    mine = make(world).id
    hidden = make(world, owner=bea.owner).id
    opened = make(world, owner=bea.owner, access=Access.AUTHENTICATED).id
    read = make(world, owner=bea.owner, access=Access.RESTRICTED, readers=(OWNER,)).id
    unread = make(world, owner=bea.owner, access=Access.RESTRICTED, readers=(STRANGER,)).id

    path = f"/v1/{room}"
    assert ids_of(api("GET", path)) == [read, opened, mine]
    assert ids_of(api("GET", path, query={"owner": "me"})) == [mine]
    assert ids_of(api("GET", path, query={"owner": bea.owner})) == [read, opened]
    assert ids_of(api("GET", path, query={"opened": "true"})) == [read, opened]
    admin = a_neighbour(world, role=Role.ADMIN)
    assert ids_of(api("GET", path, who=admin)) == [unread, read, opened, hidden, mine]
    elsewhere = a_caller(tenant=an_id(Kind.TENANT), role=Role.ADMIN)
    assert ids_of(api("GET", path, who=elsewhere)) == []


def test_a_walk_by_cursor_shows_every_file_once_and_serves_only_its_list(world, api):
    made = {name: a_shelved_file(world, original_filename=name).id for name in ("c", "ab", "aa")}
    query = {"name": "A", "limit": "1"}

    status, first, _ = api("GET", "/v1/assets", query=query)
    second = api("GET", "/v1/assets", query=query | {"cursor": first["next_cursor"]})

    assert (status, first["has_more"]) == (200, True)
    assert [first["data"][0]["id"], *ids_of(second)] == [made["aa"], made["ab"]]
    bea = a_neighbour(world)
    for borrowed in (
        api("GET", "/v1/assets", query={"name": "B", "cursor": first["next_cursor"]}),
        api("GET", "/v1/assets", query=query | {"cursor": first["next_cursor"]}, who=bea),
        api("GET", "/v1/videos", query={"cursor": first["next_cursor"]}),
    ):
        assert (borrowed[0], borrowed[1]["errors"][0]["pointer"]) == (422, "?cursor")


def test_a_film_is_renamed_only_as_it_was_seen(world, api):
    film = a_shelved_film(world)
    path = f"/v1/videos/{film.id}"
    seen = api("GET", path)[2]["ETag"]

    status, changed, head = api("PATCH", path, {"title": "Herbst"}, headers={"If-Match": seen})
    assert (status, changed["title"], changed["version"]) == (200, "Herbst", 2)
    assert head["ETag"] == api("GET", path)[2]["ETag"] != seen
    late = api("PATCH", path, {"title": "Winter"}, headers={"If-Match": seen})
    assert (late[0], late[1]["code"]) == (412, "precondition_failed")
    assert api("PATCH", path, {"metadata": {"a": 1}})[1]["metadata"] == {"a": 1}


def test_the_journal_tells_of_a_change_without_the_words_of_it(world, api):
    film = a_shelved_film(world)
    api("PATCH", f"/v1/videos/{film.id}", {"title": "Secreto", "access": "authenticated"})

    (entry,) = [i for i in world.table.items() if i.get("action") == "video.changed"]
    assert '"access":["private","authenticated"]' in entry["changes"]
    assert '"fields":["title"]' in entry["changes"]
    assert "Secreto" not in str(entry)


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"readers": [STRANGER]}, "/readers"),
        ({"access": "restricted", "readers": ["bea"]}, "/readers/0"),
        ({"access": "secret"}, "/access"),
        ({"title": ""}, "/title"),
        ({"owner": STRANGER}, "/owner"),
    ],
)
def test_a_change_that_makes_no_sense_says_which_field(world, api, wrong, pointer):
    film = a_shelved_film(world)
    status, problem, _ = api("PATCH", f"/v1/videos/{film.id}", wrong)
    assert (status, problem["errors"][0]["pointer"]) == (422, pointer)


def test_a_change_of_nothing_changes_nothing(world, api):
    film = a_shelved_film(world)
    status, same, _ = api("PATCH", f"/v1/videos/{film.id}", {})
    assert (status, same["version"], same["updated_at"]) == (200, 1, None)


def test_closing_a_film_forgets_its_readers(world, api):
    film = a_shelved_film(world, access=Access.RESTRICTED, readers=(STRANGER,))
    _, changed, _ = api("PATCH", f"/v1/videos/{film.id}", {"access": "private"})
    assert changed["readers"] == []


def test_others_see_what_is_opened_to_them_and_change_nothing(world, api):
    film, file = a_shelved_film(world), a_shelved_file(world)
    bea = a_neighbour(world)
    for path in (f"/v1/videos/{film.id}", f"/v1/assets/{file.id}"):
        for method, body in (("GET", None), ("PATCH", {"access": "public"}), ("DELETE", None)):
            assert api(method, path, body, who=bea)[0] == 404
        assert api("GET", f"{path}/content", who=bea)[0] == 404
        api("PATCH", path, {"access": "authenticated"})
        assert api("GET", path, who=bea)[0] == 200
        assert api("GET", f"{path}/content", who=bea)[0] == 302
        assert api("PATCH", path, {"access": "public"}, who=bea)[0] == 403
        assert api("DELETE", path, who=bea)[0] == 403
        api("PATCH", path, {"access": "private"})
        assert api("GET", path, who=bea)[0] == 404


def test_content_is_a_redirect_that_nobody_keeps(world, api):
    film = a_shelved_film(world)
    status, _, head = api("GET", f"/v1/videos/{film.id}/content")
    assert (status, head["Cache-Control"]) == (302, "no-store")
    assert film.key in head["Location"]
    assert "X-Amz-Expires=900" in head["Location"]


def test_a_deleted_film_is_gone_at_once_and_its_files_with_the_next_round(world, api):
    film = a_shelved_film(world)
    report = keys.beside(film.key, "report.json")
    world.deps.store.write(b"{}", report, content_type="application/json")

    assert api("DELETE", f"/v1/videos/{film.id}")[0] == 204

    assert api("GET", f"/v1/videos/{film.id}")[0] == 404
    assert api("DELETE", f"/v1/videos/{film.id}")[0] == 404
    assert ids_of(api("GET", "/v1/videos")) == []
    job = api("GET", f"/v1/jobs/{film.job_id}")
    assert (job[0], job[1]["video_url"]) == (200, None)
    assert vanishing.advance(world.deps, seconds=20).rows == 1
    assert list(world.deps.store.list(keys.VIDEOS)) == []
    assert vanishing.advance(world.deps, seconds=20).rows == 0


def test_files_of_a_deleted_film_go_even_if_a_round_was_cut_short(world, api, monkeypatch):
    film = a_shelved_film(world)
    api("DELETE", f"/v1/videos/{film.id}")
    with monkeypatch.context() as cut:
        cut.setattr(type(world.deps.store), "delete_all", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            vanishing.advance(world.deps, seconds=20)

    assert vanishing.advance(world.deps, seconds=20).rows == 1
    assert list(world.deps.store.list(keys.VIDEOS)) == []


def test_a_dropped_job_whose_film_was_taken_away_at_once_is_settled_all_the_same(world):
    film = a_shelved_film(world, drop="summer")
    videos.remove(world.deps, caller=a_caller(), video_id=film.id)
    (job,) = world.deps.jobs.unsettled(limit=9)

    drops.settle(world.deps, job)

    assert world.deps.jobs.unsettled(limit=9) == ()
    assert world.deps.store.head(keys.drop(job.tenant, "out", "summer", "job.json"))


@pytest.mark.parametrize("place", ["images", "music", "voice_over", "captions_file"])
def test_a_file_that_an_unfinished_job_names_stays_and_the_answer_names_the_jobs(
    world, api, place
):
    file = a_shelved_file(world)
    named = [file.id] if place == "images" else file.id
    others = {"voice_over": an_id(Kind.ASSET)} if place == "captions_file" else {}
    job = a_job()
    world.deps.jobs.create(
        job, a_spec(**{place: named} | others), entry=an_entry(), idempotency=None
    )
    submitted(world.deps.jobs)

    status, problem, _ = api("DELETE", f"/v1/assets/{file.id}")
    assert (status, problem["code"], problem["jobs"]) == (409, "in_use", [job.id])
    assert api("GET", f"/v1/assets/{file.id}")[0] == 200

    ended(world.deps.jobs, job, JobStatus.CANCELLED)
    assert api("DELETE", f"/v1/assets/{file.id}")[0] == 204
    assert api("GET", f"/v1/assets/{file.id}")[0] == 404
    assert "asset.deleted" in history(world.table, file.id)


def test_bytes_stay_as_long_as_another_file_has_the_same(world, api):
    first, second = (a_shelved_file(world, sha256="5" * 64) for _ in range(2))

    api("DELETE", f"/v1/assets/{first.id}")
    uploads.expire(world.deps)
    assert world.deps.store.head(second.key)

    api("DELETE", f"/v1/assets/{second.id}")
    uploads.expire(world.deps)
    assert world.deps.store.head(second.key) is None


def test_a_file_is_renamed_and_found_by_its_new_name(world, api):
    file = a_shelved_file(world, original_filename="old.jpg")
    status, changed, _ = api("PATCH", f"/v1/assets/{file.id}", {"filename": "Neu.jpg"})
    assert (status, changed["filename"]) == (200, "Neu.jpg")
    assert ids_of(api("GET", "/v1/assets", query={"name": "neu"})) == [file.id]
    assert ids_of(api("GET", "/v1/assets", query={"name": "old"})) == []


def test_a_viewer_looks_and_changes_nothing(world, api):
    film = a_shelved_film(world, access=Access.AUTHENTICATED)
    viewer = a_neighbour(world, role=Role.VIEWER)
    assert api("GET", f"/v1/videos/{film.id}", who=viewer)[0] == 200
    for method, path, body in (
        ("PATCH", f"/v1/videos/{film.id}", {"title": "x"}),
        ("DELETE", f"/v1/videos/{film.id}", None),
        ("POST", f"/v1/videos/{film.id}/shares", {}),
    ):
        assert api(method, path, body, who=viewer)[0] == 403


def test_a_url_is_given_again_for_half_its_life(world, api):
    film = a_shelved_film(world)
    path = f"/v1/videos/{film.id}"
    first = api("GET", path)[1]
    world.later(minutes=7)
    again = api("GET", path)[1]
    world.later(minutes=1)
    fresh = api("GET", path)[1]

    assert (again["download_url"], again["expires_at"]) == (
        first["download_url"],
        first["expires_at"],
    )
    assert fresh["expires_at"] > first["expires_at"]


def test_a_changed_film_gets_urls_of_its_own_and_a_deleted_one_none(world, api):
    film = a_shelved_film(world)
    path = f"/v1/videos/{film.id}"
    before = api("GET", path)[1]
    world.later(minutes=1)
    after = api("PATCH", path, {"title": "Herbst"})[1]
    assert after["expires_at"] > before["expires_at"]
    assert "Herbst.mp4" in after["download_url"]

    api("DELETE", path)
    assert api("GET", f"{path}/content")[0] == 404
    assert not world.deps.addresses._known


def test_urls_are_remembered_for_the_tenant_whose_they_are(world):
    film = a_shelved_film(world)
    own = videos.content(world.deps, film)
    twin = film.model_copy(update={"tenant": an_id(Kind.TENANT)})
    world.later(minutes=1)
    assert videos.content(world.deps, film) == own
    assert videos.content(world.deps, twin).expires_at - own.expires_at == timedelta(minutes=1)
