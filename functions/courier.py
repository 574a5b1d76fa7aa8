"""Queue and clock: give events their places, sign letters, and note what became of them."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from reelsmith import wiring
from reelsmith.telemetry import log
from reelsmith.workflow import courier

deps = wiring.from_env()


@log.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Settle the outcomes that came, and hand out what is due."""
    return courier.handle(deps, event)
