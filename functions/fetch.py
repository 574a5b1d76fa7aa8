"""Queue of orders: fetch a file from a caller's URL and put it among the uploads."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from reelsmith import wiring
from reelsmith.telemetry import log
from reelsmith.workflow import fetches

deps = wiring.from_env()


@log.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Bring what was ordered; what cannot be had just now comes again."""
    return fetches.handle(deps, event)
