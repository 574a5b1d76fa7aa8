"""Queue of S3 events: an upload arrived, or a file in a drop folder."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from reelsmith import wiring
from reelsmith.telemetry import log
from reelsmith.workflow import arrivals

deps = wiring.from_env()


@log.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Take in what arrived; a message that fails alone comes back alone."""
    return arrivals.handle(deps, event)
