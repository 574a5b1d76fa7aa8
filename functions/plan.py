"""Step Functions task: check the material of a job and lay down its plan."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from reelsmith import wiring
from reelsmith.telemetry import log
from reelsmith.workflow import steps
from reelsmith.workflow.payloads import RunOf

deps = wiring.from_env()


@log.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Check the material of a job and lay down its plan."""
    return steps.plan(deps, RunOf.model_validate(event)).model_dump(mode="json")
