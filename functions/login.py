"""Signing in over HTTPS, apart from the rest: a flood of passwords keeps only this busy."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from reelsmith import wiring
from reelsmith.http.app import SIGN_IN, build_app
from reelsmith.telemetry import log

app = build_app(wiring.from_env(), rooms=SIGN_IN)


@log.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Route one request."""
    return app.resolve(event, context)
