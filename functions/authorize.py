"""API Gateway authorizer: who is behind this credential?"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from reelsmith import wiring
from reelsmith.http import authorizer
from reelsmith.telemetry import log

deps = wiring.from_env()


@log.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer in the simple format: allowed or not, and who it is."""
    return authorizer.answer(deps, event)
