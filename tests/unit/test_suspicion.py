"""What looks suspicious raises one alarm an hour, in the journal and as a metric."""

import json

import pytest

from reelsmith.domain.suspicions import (
    ADDRESSES,
    DELETIONS,
    OF_AN_ACCOUNT,
    OF_AN_ADDRESS,
    REFUSALS,
    SLEEP,
    Rule,
)
from reelsmith.errors import Unavailable
from reelsmith.usecases import suspicion
from tests.builders import KEY, OWNER, TENANT, a_caller
from tests.world import a_world

HERE = "203.0.113.7"


@pytest.fixture
def world():
    with a_world() as fresh:
        yield fresh


def raised(world):
    """The alarms in the journal, as (rule, what it is about)."""
    entries = world.deps.journal.page(TENANT, action="security.", limit=50).entries
    return [(entry.action.removeprefix("security."), entry.resource) for entry in entries]


def missed(world, times, *, user=OWNER, ip=HERE):
    for _ in range(times):
        suspicion.failed_sign_in(world.deps, tenant=TENANT, user=user, ip=ip)


def test_many_failed_sign_ins_of_one_account_raise_one_alarm_an_hour(world):
    missed(world, OF_AN_ACCOUNT.count - 1)
    assert raised(world) == []

    missed(world, 20)
    assert raised(world) == [(Rule.FAILED_SIGN_INS, OWNER)]

    world.later(hours=1, seconds=1)
    missed(world, OF_AN_ACCOUNT.count)
    assert len(raised(world)) == 2


def test_an_address_that_tries_many_accounts_is_told_of(world):
    for number in range(OF_AN_ADDRESS.count):
        missed(world, 1, user=f"usr_{number}")

    assert raised(world) == [(Rule.FAILED_SIGN_INS, f"usr_{OF_AN_ADDRESS.count - 1}")]


def test_guesses_at_accounts_that_do_not_exist_are_measured(world, capsys):
    for _ in range(OF_AN_ADDRESS.count + 5):
        suspicion.failed_sign_in(world.deps, tenant=None, user=None, ip=HERE)

    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one.get("rule") for one in told if "SuspiciousActivity" in one] == [
        None,
        Rule.FAILED_SIGN_INS,
    ]
    assert raised(world) == []


def test_a_key_used_from_many_addresses_is_told_of(world):
    for number in range(ADDRESSES.count - 1):
        for _ in range(3):
            suspicion.key_used(world.deps, caller=a_caller(ip=f"203.0.113.{number}"))
    assert raised(world) == []

    suspicion.key_used(world.deps, caller=a_caller(ip="198.51.100.1", user_agent="curl"))

    assert raised(world) == [(Rule.KEY_ADDRESSES, KEY)]
    (entry,) = world.deps.journal.page(TENANT, resource=KEY, limit=1).entries
    assert (entry.actor, entry.ip, entry.user_agent) == ("system", "198.51.100.1", "curl")
    assert entry.changes == {"user": OWNER}


def test_addresses_are_kept_by_nothing_that_tells_them(world):
    suspicion.key_used(world.deps, caller=a_caller(ip=HERE))
    missed(world, 1)

    assert HERE not in str(world.table.items())


def test_a_session_is_no_key(world):
    for number in range(9):
        who = a_caller(key_id="", session_id="s" * 10, ip=f"203.0.113.{number}")
        suspicion.key_used(world.deps, caller=who)
    assert raised(world) == []


def test_mass_deletion_by_one_user_is_told_of(world):
    for _ in range(DELETIONS.count - 1):
        suspicion.deleted(world.deps, caller=a_caller())
    world.later(seconds=DELETIONS.seconds)
    suspicion.deleted(world.deps, caller=a_caller())
    assert raised(world) == []

    for _ in range(DELETIONS.count):
        suspicion.deleted(world.deps, caller=a_caller())
    assert raised(world) == [(Rule.MASS_DELETION, OWNER)]


def test_a_sign_in_after_a_long_sleep_is_told_of(world):
    now = world.deps.now()
    suspicion.signed_in(world.deps, caller=a_caller(), last_login_at=None)
    suspicion.signed_in(world.deps, caller=a_caller(), last_login_at=now - SLEEP / 2)
    assert raised(world) == []

    suspicion.signed_in(world.deps, caller=a_caller(), last_login_at=now - SLEEP)

    assert raised(world) == [(Rule.LONG_SLEEP, OWNER)]


def test_who_asks_again_and_again_for_what_it_may_not_is_told_of(world):
    for _ in range(REFUSALS.count):
        suspicion.refused(world.deps, caller=a_caller())
    assert raised(world) == [(Rule.REFUSALS, KEY)]


def test_a_busy_table_hinders_nobody(world):
    def busy(*_):
        raise Unavailable("the table is busy")

    world.table.database.hook = busy
    suspicion.deleted(world.deps, caller=a_caller())
    suspicion.key_used(world.deps, caller=a_caller(ip=HERE))
    missed(world, 1)
