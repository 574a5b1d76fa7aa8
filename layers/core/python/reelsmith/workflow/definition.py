"""The state machine as Amazon States Language, written top to bottom in running order.

CDK deploys exactly this; the tests run exactly this. Payloads carry ids and keys only.
"""

from typing import Any

State = dict[str, Any]

PLAN = "plan"
NARRATE = "narrate"
RENDER_SCENE = "render_scene"
ASSEMBLE = "assemble"
CHECK = "check"
PUBLISH = "publish"
FINALIZE = "finalize"
STEPS = (PLAN, NARRATE, RENDER_SCENE, ASSEMBLE, CHECK, PUBLISH, FINALIZE)

TIMEOUT_S = {
    PLAN: 120,
    NARRATE: 300,
    RENDER_SCENE: 600,
    ASSEMBLE: 300,
    CHECK: 300,
    PUBLISH: 120,
    FINALIZE: 60,
}
MACHINE_TIMEOUT_S = 7_200  # a film is at most minutes long; a job older than this is stuck
MAX_RETRIES = 3

# Class names as our functions raise them, and the names that Lambda gives its own failures.
_TRANSIENT = [
    "Unavailable",
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
]
_CRASHED = ["Lambda.Unknown", "Sandbox.Timedout", "States.Timeout"]


def definition(*, scene_concurrency: int) -> State:
    """The machine that makes one film. `${name}` stands for the ARN of that step's function."""
    return {
        "Comment": "One attempt of one job, from request to finished film",
        "StartAt": "Plan",
        "TimeoutSeconds": MACHINE_TIMEOUT_S,
        "States": {
            "Plan": _task(PLAN, Next="Narrate"),
            "Narrate": _task(NARRATE, Next="RenderScenes"),
            "RenderScenes": _each_scene(scene_concurrency, Next="Assemble"),
            "Assemble": _task(ASSEMBLE, Next="Check"),
            "Check": _task(CHECK, Next="Publish"),
            "Publish": _task(PUBLISH, End=True),
            "Finalize": _finalize(Next="Failed"),
            "Failed": {
                "Type": "Fail",
                "ErrorPath": "$.error.Error",
                "CausePath": "$.error.Cause",
            },
        },
    }


def _task(step: str, **flow: Any) -> State:  # noqa: ANN401
    return {**_call(step), "Retry": _retries(), "Catch": _catch(), **flow}


def _each_scene(concurrency: int, **flow: Any) -> State:  # noqa: ANN401
    render = {**_call(RENDER_SCENE), "Retry": _retries(), "End": True}
    return {
        "Type": "Map",
        "ItemsPath": "$.tasks",
        "MaxConcurrency": concurrency,
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "INLINE"},
            "StartAt": "RenderScene",
            "States": {"RenderScene": render},
        },
        "ResultPath": None,
        "Catch": _catch(),
        **flow,
    }


def _finalize(**flow: Any) -> State:  # noqa: ANN401
    return {**_call(FINALIZE), "ResultPath": None, "Retry": _retries(), **flow}


def _call(step: str) -> State:
    return {
        "Type": "Task",
        "Resource": f"${{{step}}}",
        "TimeoutSeconds": TIMEOUT_S[step],
    }


def _retries() -> list[State]:
    return [
        {
            "ErrorEquals": _TRANSIENT,
            "IntervalSeconds": 2,
            "BackoffRate": 2.0,
            "MaxAttempts": MAX_RETRIES,
            "MaxDelaySeconds": 30,
            "JitterStrategy": "FULL",
        },
        {"ErrorEquals": _CRASHED, "IntervalSeconds": 1, "MaxAttempts": 1},
    ]


def _catch() -> list[State]:
    return [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Finalize"}]
