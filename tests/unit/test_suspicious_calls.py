"""Suspicion hears of what happens where it happens: at the door, at sign-in, at deletions."""

from datetime import timedelta

import pytest

from reelsmith.domain.people import Role
from reelsmith.domain.suspicions import ADDRESSES, OF_AN_ACCOUNT, REFUSALS, SLEEP, Much, Rule
from reelsmith.errors import Unauthorized
from reelsmith.http import authorizer
from reelsmith.usecases import keys, sessions, suspicion, users
from reelsmith.usecases.keys import Wanted
from reelsmith.usecases.signin import Origin
from tests.builders import OWNER, TENANT, a_caller
from tests.calling import Api
from tests.world import a_world

ADMIN = a_caller(role=Role.ADMIN, key_id="")
PASSWORD = "correct horse battery staple"
HOME = Origin(ip="203.0.113.7")


@pytest.fixture
def world():
    with a_world() as made:
        yield made


def raised(world):
    entries = world.deps.journal.page(TENANT, action="security.", limit=50).entries
    return [entry.action.removeprefix("security.") for entry in entries]


def username(world):
    return world.deps.users.get(TENANT, OWNER).username


def test_wrong_passwords_are_heard_of(world):
    for _ in range(OF_AN_ACCOUNT.count):
        with pytest.raises(Unauthorized):
            sessions.sign_in(world.deps, name=username(world), password="no", origin=HOME)
    assert raised(world) == [Rule.FAILED_SIGN_INS]


def test_a_sign_in_after_a_long_time_is_heard_of(world):
    users.set_password(world.deps, caller=ADMIN, user_id=OWNER, password=PASSWORD)
    for span in (timedelta(0), SLEEP / 2, SLEEP):
        world.later(days=span.days)
        sessions.sign_in(world.deps, name=username(world), password=PASSWORD, origin=HOME)
    assert raised(world) == [Rule.LONG_SLEEP]


def test_the_door_hears_of_each_address_once_in_a_while(world):
    wanted = Wanted(name="", owner=OWNER)
    token = keys.issue(world.deps, caller=ADMIN, wanted=wanted).thing.token

    def knock(address):
        event = {
            "headers": {"authorization": f"Bearer {token}"},
            "requestContext": {"http": {"sourceIp": address, "userAgent": "curl"}},
        }
        assert authorizer.answer(world.deps, event)["isAuthorized"]

    counted = []
    world.table.database.hook = lambda operation, arguments, send: (
        (counted.append(operation) if "RL#" in str(arguments) else None) or send()
    )
    for _ in range(3):
        knock("203.0.113.1")
    first = len(counted)
    world.later(minutes=5)
    knock("203.0.113.1")
    assert (first, len(counted)) == (2, 3)  # the window was not there, and was begun

    for number in range(2, ADDRESSES.count + 1):
        knock(f"203.0.113.{number}")
    assert raised(world) == [Rule.KEY_ADDRESSES]


def test_refusals_are_heard_of(world):
    api = Api(world.deps)
    for _ in range(REFUSALS.count):
        assert api("GET", "/v1/audit")[0] == 403
    assert raised(world) == [Rule.REFUSALS]


def test_deletions_are_heard_of(world, monkeypatch):
    monkeypatch.setattr(suspicion, "DELETIONS", Much(1, 600))
    ben = users.Newcomer(username="ben", name="Ben")
    other = users.create(world.deps, caller=ADMIN, newcomer=ben)
    users.put_away(world.deps, caller=ADMIN, user_id=other.thing.id)
    assert raised(world) == [Rule.MASS_DELETION]
