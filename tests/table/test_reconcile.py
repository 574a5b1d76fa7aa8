"""Counters that went wrong are found and set right."""

import pytest
from pynamodb.expressions.operand import Path

from reelsmith.domain.ids import Kind
from reelsmith.domain.people import Role
from reelsmith.errors import Conflict, NotFound
from reelsmith.table import keys
from reelsmith.table.items import assign
from reelsmith.table.reconcile import reconcile
from tests.builders import OWNER, TENANT, a_user, an_id
from tests.homes import moved_in
from tests.table.steps import ended, kept, started, submitted, usage


def spoil(table, **counters):
    table.database.update(
        keys.usage(TENANT),
        [assign(name, value) for name, value in counters.items()],
        expects=Path(keys.PK).exists(),
    )


def test_right_counters_are_left_alone(table, jobs, assets):
    submitted(jobs)
    ended(jobs, started(jobs))
    kept(assets)

    assert reconcile(table.database, TENANT) == {}


def test_wrong_counters_are_named_and_set_right(table, jobs, assets):
    submitted(jobs)
    ended(jobs, started(jobs))
    kept(assets)
    right = usage(table, TENANT)
    spoil(table, active=7, bytes=5, n_failed=0)

    wrong = reconcile(table.database, TENANT)

    assert wrong == {"active": (7, 1), "bytes": (5, 1000), "n_failed": (0, 1)}
    assert usage(table, TENANT) == right


def test_a_tenant_at_work_is_left_alone(table, jobs):
    spoil(table, active=7)
    once = iter([True])

    def job_comes_in(operation, arguments, send):
        if operation == "Query" and next(once, False):
            submitted(jobs)
        return send()

    table.database.hook = job_comes_in
    with pytest.raises(Conflict):
        reconcile(table.database, TENANT)


def test_nobody_has_no_counters(table):
    with pytest.raises(NotFound):
        reconcile(table.database, "ten_nobody")


def test_a_user_s_wrong_counters_are_named_and_set_right(table, jobs, assets):
    submitted(jobs)
    kept(assets)
    assert reconcile(table.database, TENANT) == {}
    wrong = [assign("jobs", 4), assign("files", 0)]
    table.database.update(keys.user_usage(TENANT, OWNER), wrong, expects=Path(keys.PK).exists())

    told = {f"{OWNER} jobs": (4, 1), f"{OWNER} files": (0, 1)}
    assert reconcile(table.database, TENANT) == told
    assert reconcile(table.database, TENANT) == {}


def test_people_and_administrators_are_counted_again(table):
    for role in (Role.ADMIN, Role.VIEWER):
        moved_in(table.repositories, a_user(id=an_id(Kind.USER), role=role))
    assert reconcile(table.database, TENANT) == {}
    spoil(table, users=1, admins=9)

    told = {"users": (1, 3), "admins": (9, 1)}  # two, and the one who is at home
    assert reconcile(table.database, TENANT) == told
    assert reconcile(table.database, TENANT) == {}
