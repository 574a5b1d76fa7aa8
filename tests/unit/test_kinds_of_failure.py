"""Every kind of error has its rule: what the machine does about it is no chance."""

import inspect

import pytest

from reelsmith import errors
from reelsmith.errors import ReelsmithError
from reelsmith.usecases.sweeping import NO_PROGRESS
from reelsmith.workflow import definition

AGAIN, NEVER = "tried again, waiting longer each time", "never tried again"
RULES = {
    "ReelsmithError": NEVER,
    "Invalid": NEVER,
    "Unauthorized": NEVER,
    "Forbidden": NEVER,
    "NotFound": NEVER,
    "Conflict": NEVER,
    "Stale": NEVER,
    "NameTaken": NEVER,
    "InUse": NEVER,
    "Outdated": NEVER,
    "TooMany": NEVER,
    "KeyReused": NEVER,
    "OverQuota": NEVER,
    "MediaError": NEVER,
    "BrokenPromise": NEVER,
    "Cancelled": NEVER,
    "Unavailable": AGAIN,
}
"""What a task's error means to the machine. The API's own refusals do not come from tasks."""

TO_THE_CALLER = {"TooMany", "OverQuota"}
"""Asking again helps, but it is the caller who asks."""


def kinds():
    found = vars(errors).values()
    return [one for one in found if inspect.isclass(one) and issubclass(one, ReelsmithError)]


def work():
    """Every state that does work, those within Maps too."""
    states = definition.definition(scene_concurrency=4)["States"]
    within = [
        inner
        for state in states.values()
        for inner in state.get("ItemProcessor", {}).get("States", {}).values()
    ]
    return [state for state in (*states.values(), *within) if state["Type"] == "Task"]


def rule_of(state, kind):
    matching = [retry for retry in state["Retry"] if kind in retry["ErrorEquals"]]
    return AGAIN if matching else NEVER


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_every_kind_has_its_rule_in_every_task(kind):
    wanted = RULES[kind.__name__]

    assert {rule_of(state, kind.__name__) for state in work()} == {wanted}
    assert kind.retryable is (wanted is AGAIN or kind.__name__ in TO_THE_CALLER)


def test_nothing_is_tried_again_by_a_rule_for_everything():
    named = {name for state in work() for retry in state["Retry"] for name in retry["ErrorEquals"]}
    assert not named & {"States.ALL", "States.TaskFailed", "Exception"}


def test_what_may_pass_is_waited_for_with_jitter_and_a_crash_is_tried_once_more():
    for state in work():
        patient, crash = state["Retry"]
        assert (patient["MaxAttempts"], patient["JitterStrategy"]) == (3, "FULL")
        assert patient["BackoffRate"] > 1
        assert patient["MaxDelaySeconds"] <= 60
        assert crash["MaxAttempts"] == 1
        assert {"Lambda.Unknown", "States.Timeout"} <= set(crash["ErrorEquals"])


def test_every_task_and_the_machine_itself_come_to_an_end():
    machine = definition.definition(scene_concurrency=4)
    assert all(0 < state["TimeoutSeconds"] <= 900 for state in work())
    assert machine["TimeoutSeconds"] == definition.MACHINE_TIMEOUT_S


def test_the_sweep_waits_longer_than_any_task_may_be_silent():
    assert NO_PROGRESS.total_seconds() > max(definition.TIMEOUT_S.values())
