"""Users, their names, keys and counters hold in any order of deeds, also of several at once."""

from random import Random

import pytest

from reelsmith.errors import ReelsmithError
from reelsmith.table import audit, counters, credentials, items, users
from reelsmith.table.database import Refused
from reelsmith.table.users import UserTable
from tests.aws import a_table
from tests.table.town import AT_ONCE, Town


def lived(seed, rounds):
    """A town in which something happened, one deed at a time and several at once in turns."""
    with a_table() as table:
        town = Town(table, Random(seed))
        town.found()
        for n in range(rounds):
            town.round(1 if n % 3 else AT_ONCE)
            if n % 5 == 4:
                town.agrees()
        town.agrees()
        return town


@pytest.mark.parametrize("seed", range(6))
def test_a_town_is_what_a_plain_model_says(seed):
    town = lived(seed, rounds=25)
    assert len(town.users) > 4


def keeps_names_that_were_given_up(monkeypatch):
    delete = users.Transaction.delete
    monkeypatch.setattr(
        users.Transaction,
        "delete",
        lambda self, name, key, **more: self if "old" in name else delete(self, name, key, **more),
    )


def marks_no_new_names(monkeypatch):
    monkeypatch.setattr(UserTable, "_move_markers", lambda *_: None)


def takes_a_name_over(monkeypatch):
    new = users.Transaction.new

    def over(self, name, item, *, expects=None):
        if name in ("username", "email"):
            expects = items.absent() | items.stands()
        return new(self, name, item, expects=expects)

    monkeypatch.setattr(users.Transaction, "new", over)


def tells_names_apart_by_case(monkeypatch):
    monkeypatch.setattr(
        UserTable, "_marked", lambda self, kind, name: users.keys.unique_name(kind, name)
    )


def forgets_the_version(monkeypatch):
    monkeypatch.setattr(
        users,
        "stands",
        lambda **wanted: items.stands(**{k: v for k, v in wanted.items() if k != "version"}),
    )


def lets_the_last_administrator_go(monkeypatch):
    count = counters.count
    monkeypatch.setattr(
        counters,
        "count",
        lambda transaction, tenant, by, *, expects=None: count(
            transaction, tenant, by, expects=None if "admins" in by else expects
        ),
    )


def lets_users_who_are_switched_off_make_things(monkeypatch):
    usage_by = counters.usage_by
    assign = counters.assign
    monkeypatch.setattr(counters, "usage_by", lambda t, o, enabled=True: usage_by(t, o))
    monkeypatch.setattr(
        counters, "assign", lambda name, value: assign(name, value or name == "open")
    )


def gives_keys_to_users_who_are_switched_off(monkeypatch):
    monkeypatch.setattr(credentials.counters, "is_open", items.stands)


def counts_no_administrators(monkeypatch):
    monkeypatch.setattr(
        counters, "add", lambda by: items.add({k: v for k, v in by.items() if k != "admins"})
    )


def ignores_idempotency(monkeypatch):
    monkeypatch.setattr(users.once, "remember", lambda *a, **k: None)


def writes_no_audit_row(monkeypatch):
    monkeypatch.setattr(audit, "record", lambda transaction, entry: None)


PLANTED = [
    keeps_names_that_were_given_up,
    marks_no_new_names,
    takes_a_name_over,
    tells_names_apart_by_case,
    forgets_the_version,
    lets_the_last_administrator_go,
    lets_users_who_are_switched_off_make_things,
    gives_keys_to_users_who_are_switched_off,
    counts_no_administrators,
    ignores_idempotency,
    writes_no_audit_row,
]


@pytest.mark.parametrize("fault", PLANTED, ids=lambda fault: fault.__name__)
def test_a_table_that_breaks_a_promise_to_its_users_is_caught(fault, monkeypatch):
    fault(monkeypatch)

    with pytest.raises((AssertionError, ReelsmithError, Refused, KeyError)):
        for seed in range(8):
            lived(seed, rounds=25)
