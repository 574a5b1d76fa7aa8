"""The state machine as Amazon States Language, written top to bottom in running order.

CDK deploys exactly this; the tests run exactly this. Payloads carry ids and keys only.
"""

from typing import Any

from reelsmith.domain.shares import Lane

State = dict[str, Any]

PLAN = "plan"
NARRATE = "narrate"
RENDER_SCENE = "render_scene"
ASSEMBLE = "assemble"
CHECK = "check"
PUBLISH = "publish"
FINALIZE = "finalize"
STEPS = (PLAN, NARRATE, RENDER_SCENE, ASSEMBLE, CHECK, PUBLISH, FINALIZE)
RENDER_SCENE_LARGE = "render_scene_large"  # the same step, on a function with more room
FUNCTIONS = (*STEPS, RENDER_SCENE_LARGE)

TIMEOUT_S = {
    PLAN: 120,
    NARRATE: 300,
    RENDER_SCENE: 600,
    RENDER_SCENE_LARGE: 840,
    ASSEMBLE: 300,
    CHECK: 300,
    PUBLISH: 120,
    FINALIZE: 60,
}
MACHINE_TIMEOUT_S = 7_200  # a film is at most minutes long; a job older than this is stuck
MAX_RETRIES = 3

_LANES = {
    Lane.ALONE: "RenderAll",
    Lane.INLINE: "RenderScenes",
    Lane.SPREAD: "RenderMany",
}

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
    """The machine that makes one film. `${name}` stands for the ARN of that function."""
    return {
        "Comment": "One attempt of one job, from request to finished film",
        "StartAt": "Plan",
        "TimeoutSeconds": MACHINE_TIMEOUT_S,
        "States": {
            "Plan": _task(PLAN, Next="Narrate"),
            "Narrate": _task(NARRATE, Next="Render"),
            "Render": _by_lane(),
            **_lanes(RENDER_SCENE, "", scene_concurrency, Next="Assemble"),
            **_lanes(RENDER_SCENE_LARGE, "Large", scene_concurrency, Next="Assemble"),
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


def _by_lane() -> State:
    """How the tasks are run: a choice for the film, where one for each task would cost more."""
    states = {
        f"{lane}{size}": f"{name}{size.removeprefix('-').title()}"
        for lane, name in _LANES.items()
        for size in ("", "-large")
    }
    return {
        "Type": "Choice",
        "Choices": [
            {"Variable": "$.lane", "StringEquals": lane, "Next": name}
            for lane, name in states.items()
        ],
        "Default": "Assemble",
    }


def _lanes(function: str, size: str, concurrency: int, **flow: Any) -> State:  # noqa: ANN401
    """The three ways of running render tasks on one of the two functions."""
    alone, inline, spread = (f"{name}{size}" for name in _LANES.values())
    return {
        alone: {**_task(function, **flow), "ResultPath": None},
        inline: _each_scene(function, {"Mode": "INLINE"}, concurrency, **flow),
        spread: _each_scene(
            function, {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, concurrency, **flow
        ),
    }


def _task(step: str, **flow: Any) -> State:  # noqa: ANN401
    return {**_call(step), "Retry": _retries(), "Catch": _catch(), **flow}


def _each_scene(function: str, processor: State, concurrency: int, **flow: Any) -> State:  # noqa: ANN401
    render = {**_call(function), "ResultPath": None, "OutputPath": None}
    return {
        "Type": "Map",
        "ItemsPath": "$.tasks",
        "ItemSelector": _place(),
        "MaxConcurrency": concurrency,
        "ItemProcessor": {
            "ProcessorConfig": processor,
            "StartAt": "RenderScene",
            "States": {"RenderScene": {**render, "Retry": _retries(), "End": True}},
        },
        "ResultPath": None,
        "Catch": _catch(),
        **flow,
    }


def _place() -> State:
    """What each task of a Map is given: its run, and its place in the film."""
    run = {f"{name}.$": f"$.{name}" for name in ("tenant", "job_id", "attempt")}
    place = {f"{name}.$": f"$$.Map.Item.Value.{name}" for name in ("index", "first", "end")}
    return run | place


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
