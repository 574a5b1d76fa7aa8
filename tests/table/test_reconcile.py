"""Counters that went wrong are found and set right."""

import pytest
from pynamodb.expressions.operand import Path

from reelsmith.errors import Conflict, NotFound
from reelsmith.table import keys, user_counts
from reelsmith.table.items import assign
from reelsmith.table.reconcile import reconcile
from tests.builders import OWNER, TENANT
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
    assert user_counts.reconcile(table.database, TENANT) == {}
    wrong = [assign("jobs", 4), assign("files", 0)]
    table.database.update(keys.user_usage(TENANT, OWNER), wrong, expects=Path(keys.PK).exists())

    assert user_counts.reconcile(table.database, TENANT) == {
        OWNER: {"jobs": (4, 1), "files": (0, 1)}
    }
    assert user_counts.reconcile(table.database, TENANT) == {}
