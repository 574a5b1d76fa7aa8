"""HTTPS API: API Gateway (payload 2.0) in, JSON out."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from reelsmith import wiring
from reelsmith.http.app import build_app
from reelsmith.telemetry import log

app = build_app(wiring.from_env())


@log.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Route one request."""
    return app.resolve(event, context)
