"""Queue of letters: take each to the URL that a caller named, and tell what came of it."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from reelsmith import wiring
from reelsmith.telemetry import log
from reelsmith.workflow import letters

deps = wiring.from_env()


@log.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Send what was ordered; what could not be told of comes again."""
    return letters.handle(deps, event)
