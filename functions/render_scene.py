"""Step Functions task: render a run of scenes into segments."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from reelsmith import wiring
from reelsmith.telemetry import log
from reelsmith.workflow import steps
from reelsmith.workflow.payloads import SceneTask

deps = wiring.from_env()


@log.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Render a run of scenes into segments."""
    return steps.render_scene(deps, SceneTask.model_validate(event)).model_dump(mode="json")
