"""A run of the state machine, step by step, with the retries of its definition."""

from collections.abc import Callable
from typing import Any

from reelsmith.errors import Unavailable
from reelsmith.ports import Deps
from reelsmith.workflow import steps
from reelsmith.workflow.definition import MAX_RETRIES
from reelsmith.workflow.payloads import RunOf
from tests.faults.crashpoints import Killed

_CRASHES = 1  # that `definition` takes up again

Do = Callable[[str, Any], Any]


def walk(do: Do, given: RunOf) -> None:
    """Do all steps. Raises what a step raises."""
    do("plan", given)
    for task in do("narrate", given).each():
        do("render_scene", task)
    for name in ("assemble", "check", "publish"):
        do(name, given)


def here(deps: Deps) -> Do:
    """Steps done by this process."""
    return lambda name, given: getattr(steps, name)(deps, given)


def patient(do: Do) -> Do:
    """Steps done again where the machine would have them done again."""

    def again(name: str, given: Any) -> Any:
        crashes = refusals = 0
        while True:
            try:
                return do(name, given)
            except Killed:
                crashes += 1
                if crashes > _CRASHES:
                    raise
            except Unavailable:
                refusals += 1
                if refusals > MAX_RETRIES:
                    raise

    return again
