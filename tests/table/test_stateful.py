"""The table keeps its promises in any order of events, and the test that says so can fail."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from reelsmith.errors import Conflict
from reelsmith.table import (
    audit,
    blobs,
    counters,
    items,
    job_items,
    job_moves,
    keys,
    once,
    quotas,
)
from reelsmith.table.database import Refused
from reelsmith.table.jobs import JobTable
from tests.table.machine import TableMachine

HONEST = settings(
    max_examples=12,
    stateful_step_count=25,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


UNTIL_CAUGHT = settings(HONEST, max_examples=200)  # the run ends with the first failure


def test_the_table_does_what_a_plain_model_says():
    run_state_machine_as_test(TableMachine, settings=HONEST)


def forgets_the_status(monkeypatch):
    monkeypatch.setattr(job_moves, "_still", lambda was, now: items.stands(attempt=was.attempt))


def forgets_the_attempt(monkeypatch):
    monkeypatch.setattr(job_moves, "_still", lambda was, now: items.stands(status=was.status))


def hears_old_workers(monkeypatch):
    def deaf_to_attempts(**wanted):
        return items.stands(**{k: v for k, v in wanted.items() if k != "attempt"})

    monkeypatch.setattr(
        job_moves,
        "stands",
        lambda **wanted: (
            deaf_to_attempts(**wanted) if "status" not in wanted else items.stands(**wanted)
        ),
    )


def never_counts_an_end(monkeypatch):
    monkeypatch.setattr(counters, "of_move", lambda was, now: {})


def counts_for_the_tenant_only(monkeypatch):
    monkeypatch.setattr(counters, "count_mine", lambda *_counted, **_expects: None)


def completes_what_was_called_off(monkeypatch):
    monkeypatch.setattr(
        job_moves,
        "_still",
        lambda was, now: items.stands(status=was.status, attempt=was.attempt),
    )


def writes_no_audit_row(monkeypatch):
    monkeypatch.setattr(audit, "record", lambda transaction, entry: None)


def ignores_idempotency(monkeypatch):
    create = JobTable.create
    monkeypatch.setattr(
        JobTable,
        "create",
        lambda self, job, spec, *, entry, idempotency: create(
            self, job, spec, entry=entry, idempotency=None
        ),
    )


def takes_any_body_for_the_same_request(monkeypatch):
    monkeypatch.setattr(once, "_same_request", lambda record, _: record["resource"])


def leaves_finished_jobs_in_the_running_lane(monkeypatch):
    place = job_items.work_place
    monkeypatch.setattr(
        job_items,
        "work_place",
        lambda job: keys.running(job.id, job.updated_at) if job.status.final else place(job),
    )


def forgets_the_drop_folders(monkeypatch):
    place = job_items.work_place
    monkeypatch.setattr(
        job_items, "work_place", lambda job: None if job.status.final else place(job)
    )


def keeps_references_of_removed_files(monkeypatch):
    monkeypatch.setattr(blobs, "release", lambda transaction, asset, at: None)


def collects_bytes_in_use(monkeypatch):
    monkeypatch.setattr(
        blobs,
        "stands",
        lambda **wanted: items.stands(**{k: v for k, v in wanted.items() if k != "refs"}),
    )


def has_no_quota(monkeypatch):
    monkeypatch.setattr(quotas, "room_for_job", quotas._day_is_new)


def does_not_know_its_own_moves_again(monkeypatch):
    def commit(transaction, was, entry):
        try:
            transaction.commit()
        except Refused as refused:
            if counters.USAGE in refused.stored:  # another month; it asks again
                raise
            raise Conflict(f"job {was.id} has moved on") from refused
        return True

    monkeypatch.setattr(job_moves, "_committed", commit)


def starts_with_the_progress_of_the_last_attempt(monkeypatch):
    fresh = job_items.fresh_progress
    monkeypatch.setattr(job_items, "fresh_progress", lambda job: fresh(job)[:1])


PLANTED = [
    forgets_the_status,
    forgets_the_attempt,
    hears_old_workers,
    never_counts_an_end,
    counts_for_the_tenant_only,
    completes_what_was_called_off,
    writes_no_audit_row,
    ignores_idempotency,
    takes_any_body_for_the_same_request,
    leaves_finished_jobs_in_the_running_lane,
    forgets_the_drop_folders,
    keeps_references_of_removed_files,
    collects_bytes_in_use,
    has_no_quota,
    does_not_know_its_own_moves_again,
    starts_with_the_progress_of_the_last_attempt,
]


@pytest.mark.parametrize("fault", PLANTED, ids=lambda fault: fault.__name__)
def test_a_table_that_breaks_a_promise_is_caught(fault, monkeypatch):
    fault(monkeypatch)

    with pytest.raises((AssertionError, Conflict, Refused)):  # not a TypeError of the fault itself
        run_state_machine_as_test(TableMachine, settings=UNTIL_CAUGHT)
