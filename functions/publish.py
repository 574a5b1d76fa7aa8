"""Step Functions task: make the checked film the result of its job."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from reelsmith import wiring
from reelsmith.telemetry import log
from reelsmith.workflow import steps
from reelsmith.workflow.payloads import RunOf

deps = wiring.from_env()


@log.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Make the checked film the result of its job."""
    return steps.publish(deps, RunOf.model_validate(event)).model_dump(mode="json")
