"""Schedule: each quarter of an hour, seal the entries of the journal that came to rest."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from reelsmith import wiring
from reelsmith.telemetry import log
from reelsmith.workflow import rounds

deps = wiring.from_env()


@log.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Seal what is due."""
    return rounds.seal(deps)
