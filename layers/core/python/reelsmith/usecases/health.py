"""Whether the service can do its work."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from reelsmith import aws
from reelsmith.domain import rights
from reelsmith.domain.people import Caller
from reelsmith.domain.rights import Act
from reelsmith.errors import NotFound, ReelsmithError
from reelsmith.ports import Deps
from reelsmith.storage import keys
from reelsmith.telemetry import log

_NOBODY = "health"
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Answered:
    """Whether a service answered, and after how long."""

    ok: bool
    ms: float


def check(deps: Deps) -> None:
    """Read the table once. Raises what the table raises when it does not answer."""
    with suppress(NotFound):
        deps.people.tenant("ten_health")


def check_deeply(deps: Deps, *, caller: Caller) -> Mapping[str, Answered]:
    """Ask each service once for something that is not there. Raises Forbidden."""
    rights.require(caller, Act.SERVICE_READ)
    return {
        "table": _asked(deps, lambda: check(deps)),
        "bucket": _asked(deps, lambda: deps.store.head(keys.film(_NOBODY, _NOBODY))),
        "state_machine": _asked(deps, lambda: deps.workflow.look(_NOBODY)),
    }


def _asked(deps: Deps, question: Callable[[], object]) -> Answered:
    begun = deps.now()
    try:
        question()
    except (ReelsmithError, *aws.FAILURES):
        log.exception("a service does not answer")
        ok = False
    else:
        ok = True
    return Answered(ok, round((deps.now() - begun) / _MILLISECOND, 1))
