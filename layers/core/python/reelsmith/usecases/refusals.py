"""What was refused stands in the journal: who wanted what, and why it was not to be."""

from reelsmith import aws
from reelsmith.domain import audit
from reelsmith.domain.ids import Kind
from reelsmith.domain.people import Caller
from reelsmith.errors import Forbidden, ReelsmithError, Unauthorized
from reelsmith.ports import Deps
from reelsmith.telemetry import log
from reelsmith.usecases import suspicion

_ONE_EACH_S = 60  # of the same refusal to the same credential: a loop fills no journal


def note(deps: Deps, *, caller: Caller, error: Forbidden | Unauthorized, wanted: str) -> None:
    """Note a refusal, at most once a minute for a credential and a route.

    `wanted` is the method and the route. A note that fails is logged and hides no answer.
    """
    try:
        suspicion.refused(deps, caller=caller)
        if _is_first(deps, caller, wanted):
            deps.journal.note(
                audit.by_caller(
                    caller,
                    entry_id=deps.new_id(Kind.EVENT),
                    action=_action(error),
                    resource=caller.key_id or caller.session_id or caller.owner,
                    at=deps.now(),
                    wanted=wanted,
                    role=caller.role,
                )
            )
    except (ReelsmithError, *aws.FAILURES) as lost:
        log.exception("a refusal was not noted", exc_info=lost)


def _is_first(deps: Deps, caller: Caller, wanted: str) -> bool:
    return (
        deps.limits.count(
            f"refused:{caller.key_id or caller.session_id or caller.owner}:{wanted}",
            at=deps.now(),
            seconds=_ONE_EACH_S,
            tenant=caller.tenant,
        )
        == 1
    )


def _action(error: Forbidden | Unauthorized) -> str:
    return "access.refused" if isinstance(error, Forbidden) else "credential.refused"
