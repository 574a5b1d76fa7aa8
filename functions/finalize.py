"""Ended runs: the Catch of the state machine, and the rule on execution status changes."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from reelsmith import wiring
from reelsmith.telemetry import log
from reelsmith.workflow import endings

deps = wiring.from_env()


@log.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Give the job of an ended run its ending."""
    return endings.handle(deps, event)
