"""Users, passwords and sessions in the table: lost answers, races, ends, and what they cost."""

from datetime import timedelta

import pytest

from reelsmith.domain.ids import Kind
from reelsmith.domain.people import Password, Role, Session
from reelsmith.errors import Conflict, NotFound, Unavailable
from tests.builders import EPOCH, OWNER, TENANT, a_key, a_user, an_entry, an_id
from tests.homes import moved_in
from tests.table.metering import Meter

SOON = EPOCH + timedelta(minutes=1)


@pytest.fixture
def users(table):
    return table.repositories.users


def a_session(**changes):
    given = {
        "id": "s123456789",
        "tenant": TENANT,
        "user": OWNER,
        "secret_hmac": "1" * 64,
        "created_at": EPOCH,
        "rotated_at": EPOCH,
        "expires_at": EPOCH + timedelta(days=30),
    }
    return Session(**given | changes)


def a_password(**changes):
    return Password(
        **{"user": OWNER, "tenant": TENANT, "hash": "h1", "changed_at": EPOCH} | changes
    )


@pytest.fixture
def lossy(table):
    """Let the answer of the next write be lost: it was made, and nobody hears of it."""

    def lose():
        def hook(operation, arguments, send):
            answer = send()
            if operation in ("TransactWriteItems", "UpdateItem"):
                table.database.hook = None
                raise Unavailable("the answer was lost")
            return answer

        table.database.hook = hook

    return lose


def told_twice(lose, wish):
    lose()
    with pytest.raises(Unavailable):
        wish()
    return wish()


def test_what_is_told_twice_is_done_once(table, users, credentials, lossy):
    user = a_user(id=an_id(Kind.USER), email="a@x.org")
    entry = an_entry(resource=user.id)
    told_twice(lossy, lambda: users.add(user, password=a_password(user=user.id), entry=entry))
    renamed = user.model_copy(update={"username": "eva", "email": None})
    entry = an_entry(resource=user.id)
    now = told_twice(lossy, lambda: users.change(user, renamed, entry=entry))
    assert (now, users.find("EVA")) == (users.get(TENANT, user.id), now)
    with pytest.raises(NotFound):
        users.find("a@x.org")

    key, entry = a_key(owner=user.id), an_entry()
    told_twice(lossy, lambda: credentials.add_key(key, entry=entry))
    over, entry = key.model_copy(update={"revoked_at": SOON}), an_entry()
    assert told_twice(lossy, lambda: credentials.change_key(key, over, entry=entry)) == over
    session, entry = a_session(user=user.id), an_entry()
    told_twice(lossy, lambda: credentials.add_session(session, entry=entry))
    entry = an_entry()
    told_twice(lossy, lambda: credentials.revoke_session(session, at=SOON, entry=entry))
    password, entry = a_password(user=user.id, hash="h2"), an_entry()
    told_twice(lossy, lambda: credentials.set_password(password, entry=entry))
    assert users.get(TENANT, user.id).session_epoch == 1


def test_a_name_that_only_changes_its_case_stays_taken(users, table):
    user = moved_in(table.repositories, a_user(id=an_id(Kind.USER), username="dora"))
    now = users.change(
        user, user.model_copy(update={"username": "Dora"}), entry=an_entry(resource=user.id)
    )
    assert users.find("dora") == now
    assert len([row for row in table.items() if row.get("user") == user.id]) == 1


def test_a_sign_in_disturbs_nobody_who_changes_the_user(users, table):
    user = users.get(TENANT, OWNER)
    users.signed_in(TENANT, OWNER, at=SOON)
    now = users.change(
        user, user.model_copy(update={"name": "A."}), entry=an_entry(resource=OWNER)
    )
    assert users.get(TENANT, OWNER).last_login_at == SOON
    assert now.version == 2
    users.signed_in(TENANT, an_id(Kind.USER), at=SOON)  # gone: no error
    assert len([row for row in table.items() if row.get("et") == "user"]) == 1


def test_a_password_and_a_role_are_not_changed_from_one_version(users, credentials):
    seen = users.get(TENANT, OWNER)
    credentials.set_password(a_password(), entry=an_entry(resource=OWNER))
    with pytest.raises(Conflict):
        users.change(
            seen,
            seen.model_copy(update={"role": Role.VIEWER, "session_epoch": 1}),
            entry=an_entry(resource=OWNER),
        )
    assert users.get(TENANT, OWNER).session_epoch == 1


def test_an_own_change_of_password_loses_to_an_administrator_s(credentials):
    credentials.set_password(a_password(), entry=an_entry())
    proved = credentials.password(TENANT, OWNER)
    credentials.set_password(a_password(hash="by an administrator"), entry=an_entry())
    with pytest.raises(Conflict):
        credentials.set_password(a_password(hash="h3"), entry=an_entry(), was=proved)
    assert credentials.password(TENANT, OWNER).hash == "by an administrator"


def test_misses_are_counted_for_the_password_that_was_missed(credentials):
    credentials.set_password(a_password(), entry=an_entry())
    kept = credentials.password(TENANT, OWNER)
    assert [credentials.missed(kept, locked_until=None) for _ in range(3)] == [1, 2, 3]
    credentials.missed(kept, locked_until=SOON)
    assert credentials.password(TENANT, OWNER).locked_until == SOON
    credentials.rehash(kept, kept.model_copy(update={"hash": "stronger"}))
    assert credentials.missed(kept, locked_until=SOON) == 0
    credentials.forgive(credentials.password(TENANT, OWNER))
    fresh = credentials.password(TENANT, OWNER)
    assert (fresh.hash, fresh.failures, fresh.locked_until) == ("stronger", 0, None)


def test_a_session_is_refreshed_from_its_newest_token_alone(credentials):
    was = credentials.add_session(a_session(), entry=an_entry())
    now = was.model_copy(update={"secret_hmac": "2" * 64, "previous_hmac": "1" * 64})
    assert credentials.rotate(was, now) == credentials.session(TENANT, was.id)
    with pytest.raises(Conflict):
        credentials.rotate(was, now)
    credentials.revoke_session(now, at=SOON, entry=an_entry())
    with pytest.raises(Conflict):
        credentials.rotate(now, now.model_copy(update={"secret_hmac": "3" * 64}))


def test_rows_of_sessions_go_a_day_after_their_end(table, credentials):
    session = credentials.add_session(a_session(), entry=an_entry())

    def ttl():
        (row,) = (row for row in table.items() if row.get("et") == "session")
        return row["ttl"]

    assert ttl() == (session.expires_at + timedelta(days=1)).timestamp()
    credentials.revoke_session(session, at=SOON, entry=an_entry())
    assert ttl() == (SOON + timedelta(days=1)).timestamp()
    assert credentials.sessions(TENANT, OWNER)[0].revoked_at == SOON


def test_a_user_who_is_switched_off_gets_neither_key_nor_session(users, credentials):
    user = users.get(TENANT, OWNER)
    users.change(
        user, user.model_copy(update={"is_active": False}), entry=an_entry(resource=OWNER)
    )
    with pytest.raises(NotFound):
        credentials.add_key(a_key(), entry=an_entry())
    with pytest.raises(NotFound):
        credentials.add_session(a_session(), entry=an_entry())


def test_users_keys_and_sessions_cost_what_the_map_says(table, users, credentials):
    def cost(wish, *given, **more):
        table.database.hook = meter = Meter(table.database)
        try:
            wish(*given, **more)
        finally:
            table.database.hook = None
        return meter.writes, meter.reads

    user = a_user(id=an_id(Kind.USER), username="eva", email="a@x.org")
    costs = {
        "sign-up": cost(
            users.add, user, password=a_password(user=user.id), entry=an_entry(resource=user.id)
        ),
        "find": cost(users.find, "eva"),
        "rename": cost(
            users.change,
            user,
            user.model_copy(update={"username": "ida"}),
            entry=an_entry(resource=user.id),
        ),
        "key": cost(credentials.add_key, a_key(owner=user.id), entry=an_entry()),
        "session": cost(credentials.add_session, a_session(user=user.id), entry=an_entry()),
        "signed in": cost(users.signed_in, TENANT, user.id, at=SOON),
        "refresh": cost(
            credentials.rotate,
            a_session(user=user.id),
            a_session(user=user.id, secret_hmac="2" * 64),
        ),
    }
    assert costs == {
        "sign-up": (18, 0),
        "find": (0, 2),
        "rename": (10, 0),
        "key": (8, 0),
        "session": (9, 0),
        "signed in": (1, 0),
        "refresh": (2, 0),
    }
