"""The function that sends letters to callers' URLs, and the one that writes and signs them."""

import pytest

from infra.entries import ENTRIES
from infra.stages import STAGES
from reelsmith.domain.webhooks import LEASE
from reelsmith.workflow import letters
from tests.infra.test_fetch import allowed


def telling(stage, queue):
    """The functions that put messages into a queue."""
    return {
        entry
        for entry in ENTRIES
        for action, one in allowed(stage, entry)
        if action == "sqs:SendMessage" and queue in one
    }


def test_the_sender_reads_letters_tells_the_courier_writes_its_log_and_nothing_else(prod):
    """It knows no secret and reaches no row: what goes out is signed before."""
    may = list(allowed(prod, "deliver"))

    assert {action.partition(":")[0] for action, _ in may} == {"sqs", "logs"}
    for action, queue in may:
        if action == "sqs:SendMessage":
            assert "CourierQueue" in queue
        elif action.startswith("sqs:"):
            assert "LetterQueue" in queue


def test_only_the_courier_has_letters_sent(prod):
    assert telling(prod, "LetterQueue") == {"courier"}


def test_the_courier_is_told_by_whoever_moves_jobs_and_by_the_sender(prod):
    wanted = {"api", "deliver", "dispatch", "housekeeping", "courier"}
    assert telling(prod, "CourierQueue") == wanted


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_an_attempt_ends_before_the_function_does_and_that_before_its_lease(stages, stage):
    timeout_s = stages[stage].function("deliver")["Timeout"]
    assert letters.TIMEOUT_S < timeout_s < LEASE.total_seconds()
