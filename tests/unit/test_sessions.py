"""Signing in and staying signed in; what is tried at the door, and what it learns."""

from concurrent.futures import ThreadPoolExecutor

import bcrypt
import pytest

from reelsmith.domain.people import Password, Role
from reelsmith.engines.passwords import Argon2Passwords
from reelsmith.errors import Conflict, TooMany, Unauthorized
from reelsmith.http import authorizer
from reelsmith.http.app import SIGN_IN, build_app
from reelsmith.usecases import identity, sessions
from reelsmith.usecases.signin import Origin
from tests.builders import EPOCH, OWNER, TENANT, a_caller, a_user, an_entry, an_id
from tests.calling import Api, request
from tests.homes import moved_in
from tests.world import a_world

WORD = "correct horse battery"
HOME = Origin(ip="10.0.0.1", user_agent="a browser", request_id="req-1")


@pytest.fixture
def world():
    with a_world() as made:
        yield made


@pytest.fixture
def bea(world):
    return a_person(world, "bea", email="bea@example.org")


def a_person(world, username, hashed=None, **changes):
    user = a_user(id=an_id("usr"), username=username, **changes)
    moved_in(world.table.repositories, user)
    keep(world, user, hashed or Argon2Passwords().hash(WORD))
    return world.deps.users.get(TENANT, user.id)


def keep(world, user, hashed):
    password = Password(user=user.id, tenant=TENANT, hash=hashed, changed_at=EPOCH)
    world.deps.credentials.set_password(password, entry=an_entry(resource=user.id))


def sign_in(world, name="bea", password=WORD, origin=HOME):
    return sessions.sign_in(world.deps, name=name, password=password, origin=origin)


def is_refused(world, name="bea", password=WORD, origin=HOME):
    with pytest.raises(Unauthorized) as refused:
        sign_in(world, name, password, origin)
    return refused.value.detail


def refresh(world, token):
    return sessions.refresh(world.deps, refresh_token=token, origin=HOME)


def opens(world, credential):
    told = authorizer.answer(world.deps, {"headers": {"authorization": f"Bearer {credential}"}})
    return told["isAuthorized"]


@pytest.mark.parametrize("name", ["bea", "BEA", "bea@example.org", "Bea@Example.ORG"])
def test_a_username_or_an_address_and_the_password_open_a_session(world, bea, name):
    signed_in = sign_in(world, name)
    caller = identity.identify(world.deps, credential=f"Bearer {signed_in.access_token}")
    assert (caller.tenant, caller.owner, caller.role) == (TENANT, bea.id, Role.USER)
    assert (caller.session_id, caller.key_id) == (signed_in.session.id, "")
    assert world.deps.users.get(TENANT, bea.id).last_login_at == world.clock()


def test_a_session_token_is_good_for_a_quarter_of_an_hour(world, bea):
    token = sign_in(world).access_token
    world.later(minutes=14, seconds=59)
    assert opens(world, token)
    world.later(seconds=1)
    assert not opens(world, token)


def test_nothing_that_opens_anything_is_stored(world, bea):
    signed_in = sign_in(world)
    stored = str(world.table.items())
    for secret in (signed_in.access_token, signed_in.refresh_token.split("_")[4], WORD):
        assert secret not in stored


def test_what_was_wrong_cannot_be_told_from_the_answer(world, bea):
    a_person(world, "off", is_active=False)
    a_person(world, "gone", deleted_at=EPOCH)
    nopass = a_user(id=an_id("usr"), username="keysonly")
    moved_in(world.table.repositories, nopass)
    answers = {
        is_refused(world, *tried)
        for tried in [
            ("bea", "wrong"),
            ("nobody",),
            ("nobody@example.org",),
            ("off",),
            ("gone",),
            ("keysonly",),
            ("x" * 254,),
            ("\0",),
        ]
    }
    assert len(answers) == 1


def test_an_unknown_name_takes_as_much_work_as_a_wrong_password(world, bea, monkeypatch):
    done = []
    look = Argon2Passwords._by_argon2

    def counted(self, password, hashed, *work):
        done.append(work)
        return look(self, password, hashed, *work)

    monkeypatch.setattr(Argon2Passwords, "_by_argon2", counted)
    a_person(world, "off", is_active=False)
    for tried in [("bea", "wrong"), ("nobody",), ("off",)]:
        done.clear()
        is_refused(world, *tried)
        assert done == [(19456, 2, 1)]


def test_a_refusal_is_as_many_writes_whatever_was_wrong(world, bea):
    moved_in(world.table.repositories, a_user(id=an_id("usr"), username="keysonly"))
    written = []
    world.table.database.hook = lambda operation, arguments, send: (
        (written.append(operation) if operation in ("UpdateItem", "TransactWriteItems") else None)
        or send()
    )
    counts = []
    for n, tried in enumerate([("bea", "wrong"), ("nobody",), ("keysonly",)]):
        for _ in range(2):  # the first one also begins the windows that the second one finds
            written.clear()
            is_refused(world, *tried, origin=Origin(ip=f"10.7.7.{n}"))
        counts.append(len(written))
    world.table.database.hook = None
    assert counts[0] == counts[1] == counts[2]


def test_five_misses_lock_the_account_and_each_further_one_doubles_the_time(world, bea):
    waits = []
    for _ in range(12):
        is_refused(world, password="wrong", origin=Origin(ip=f"10.1.0.{len(waits)}"))
        locked = world.deps.credentials.password(TENANT, bea.id).locked_until
        waits.append((locked - world.clock()).total_seconds() / 60 if locked else 0)
        if locked:
            is_refused(world, origin=Origin(ip="10.2.0.1"))  # even by the right password
            world.clock.at = locked
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]
    sign_in(world, origin=Origin(ip="10.3.0.1"))
    assert world.deps.credentials.password(TENANT, bea.id).failures == 0


def test_a_miss_while_locked_neither_counts_nor_tells(world, bea):
    for _ in range(5):
        is_refused(world, password="wrong")
    locked = world.deps.credentials.password(TENANT, bea.id)
    is_refused(world, password="wrong")
    assert world.deps.credentials.password(TENANT, bea.id) == locked


def test_an_address_that_misses_too_often_has_to_wait_whatever_it_tries(world, bea):
    for n in range(30):
        is_refused(world, f"nobody{n}")
    with pytest.raises(TooMany) as refused:
        sign_in(world)
    assert refused.value.retry_after_s == 600
    sign_in(world, origin=Origin(ip="10.9.9.9"))
    world.later(minutes=21)
    sign_in(world)


def test_misses_of_a_user_stand_in_the_journal_with_where_they_came_from(world, bea):
    is_refused(world, password="wrong")
    rows = [row for row in world.table.items() if row.get("action") == "session.refused"]
    assert [(row["resource"], row["ip"], row["actor"]) for row in rows] == [
        (bea.id, "10.0.0.1", "system")
    ]
    assert "wrong" not in str(rows)


def test_a_password_of_an_older_system_is_hashed_anew_when_it_is_used(world):
    old = bcrypt.hashpw(WORD.encode(), bcrypt.gensalt(4)).decode()
    user = a_person(world, "cleo", hashed=old)
    is_refused(world, "cleo", "wrong")
    assert world.deps.credentials.password(TENANT, user.id).hash == old
    sign_in(world, "cleo")
    assert world.deps.credentials.password(TENANT, user.id).hash.startswith("$argon2id$")
    sign_in(world, "cleo")


def test_a_refresh_token_is_good_once_and_the_session_goes_on(world, bea):
    first = sign_in(world)
    world.later(minutes=20)
    second = refresh(world, first.refresh_token)
    assert second.refresh_token != first.refresh_token
    assert opens(world, second.access_token)
    world.later(minutes=20)
    assert refresh(world, second.refresh_token).session.id == first.session.id


def test_a_lost_reply_is_given_again_for_ten_seconds(world, bea):
    first = sign_in(world)
    second = refresh(world, first.refresh_token)
    world.later(seconds=10)
    assert refresh(world, first.refresh_token).refresh_token == second.refresh_token
    refresh(world, second.refresh_token)


def test_many_tabs_that_refresh_at_once_all_go_on_with_one_token(world, bea):
    first = sign_in(world).refresh_token
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: refresh(world, first).refresh_token, range(8)))
    assert len(set(answers)) == 1
    refresh(world, answers[0])


@pytest.mark.parametrize("generations", [1, 2, 3])
def test_a_refresh_token_that_was_used_before_ends_its_session(world, bea, generations):
    stolen = newest = sign_in(world)
    for _ in range(generations):
        world.later(seconds=11)
        newest = refresh(world, newest.refresh_token)
    world.later(seconds=11)
    with pytest.raises(Unauthorized):
        refresh(world, stolen.refresh_token)
    with pytest.raises(Unauthorized):
        refresh(world, newest.refresh_token)
    assert not opens(world, newest.access_token)
    assert "session.reused" in {row.get("action") for row in world.table.items()}


def test_a_session_ends_after_thirty_days_however_often_it_is_refreshed(world, bea):
    newest = sign_in(world)
    world.later(days=29, hours=23, minutes=59)
    newest = refresh(world, newest.refresh_token)
    assert newest.access_expires_at == newest.session.expires_at
    world.later(minutes=1)
    assert not opens(world, newest.access_token)
    with pytest.raises(Unauthorized):
        refresh(world, newest.refresh_token)


def test_what_is_no_refresh_token_refreshes_nothing(world, bea):
    signed_in = sign_in(world)
    good = signed_in.refresh_token
    for wrong in ("", "x", signed_in.access_token, good.replace("rsr_", "rsk_"), good[:-1]):
        with pytest.raises(Unauthorized):
            refresh(world, wrong)
    assert not opens(world, good)
    refresh(world, good)


def test_signing_out_ends_this_session_and_no_other(world, bea):
    here, there = sign_in(world), sign_in(world)
    me = identity.identify(world.deps, credential=here.access_token)
    for _ in range(2):
        sessions.sign_out(world.deps, caller=me)
    assert (opens(world, here.access_token), opens(world, there.access_token)) == (False, True)
    with pytest.raises(Unauthorized):
        refresh(world, here.refresh_token)
    with pytest.raises(Unauthorized):
        identity.look_again(world.deps, me)


def test_signing_out_everywhere_leaves_none_of_my_sessions(world, bea):
    other = a_person(world, "cleo")
    mine = [sign_in(world) for _ in range(3)]
    theirs = sign_in(world, "cleo")
    me = identity.identify(world.deps, credential=mine[0].access_token)
    assert len(sessions.mine(world.deps, caller=me)) == 3
    sessions.sign_out_everywhere(world.deps, caller=me)
    assert not any(opens(world, one.access_token) for one in mine)
    assert opens(world, theirs.access_token)
    assert sessions.mine(world.deps, caller=me) == ()
    assert other.id != bea.id


def test_what_i_may_is_what_i_may_today(world, bea):
    token = sign_in(world).access_token
    me = identity.identify(world.deps, credential=token)
    now = bea.model_copy(update={"role": Role.VIEWER})
    world.deps.users.change(bea, now, entry=an_entry(resource=bea.id))
    assert identity.identify(world.deps, credential=token).role is Role.VIEWER
    with pytest.raises(Unauthorized):
        identity.look_again(world.deps, me)
    with pytest.raises(Conflict):
        world.deps.users.change(bea, now, entry=an_entry(resource=bea.id))


def test_nobody_of_a_tenant_that_is_switched_off_signs_in_or_goes_on(world, bea):
    begun = sign_in(world)
    tenant = world.deps.people.tenant(TENANT)
    off = tenant.model_copy(update={"active": False})
    world.deps.people.change_tenant(tenant, off, entry=an_entry(resource=TENANT))
    is_refused(world)
    assert not opens(world, begun.access_token)
    with pytest.raises(Unauthorized):
        refresh(world, begun.refresh_token)


def test_sessions_are_begun_refreshed_listed_and_ended_over_https(world, bea):
    api = Api(world.deps)
    body = {"username": "bea", "password": WORD}
    status, begun, head = api("POST", "/v1/sessions", body, who="nobody")
    assert (status, head["Cache-Control"]) == (201, "no-store")
    assert (begun["token_type"], begun["user"]["id"]) == ("Bearer", bea.id)
    again = {"refresh_token": begun["refresh_token"]}
    assert api("POST", "/v1/sessions/refresh", again, who="nobody")[0] == 200
    me = identity.identify(world.deps, credential=begun["access_token"])
    listed = api("GET", "/v1/sessions", who=me)[1]["data"]
    assert [(one["id"], one["current"]) for one in listed] == [(begun["session_id"], True)]
    assert api("DELETE", "/v1/sessions/current", who=me)[0] == 204
    assert api("DELETE", "/v1/sessions/current", who=me)[0] == 401
    assert api("DELETE", "/v1/sessions/current")[0] == 404  # it came with a key
    assert api("DELETE", "/v1/sessions")[0] == 204
    status, problem, _ = api("POST", "/v1/sessions", body | {"password": "no"}, who="nobody")
    assert (status, problem["code"]) == (401, "unauthorized")


def test_the_function_for_signing_in_does_nothing_else(world, bea):
    app = build_app(world.deps, rooms=SIGN_IN)
    body = {"username": "bea", "password": WORD}

    def status(method, path, body=None, who=None):
        return app.resolve(request(method, path, body, who), None)["statusCode"]

    assert status("POST", "/v1/sessions", body, "nobody") == 201
    for path in ("/v1/jobs", "/v1/users", "/v1/me"):
        assert status("GET", path, None, a_caller(owner=OWNER)) == 404
