"""The state machine that CDK deploys, run by moto's interpreter with our steps behind it."""

import io
import json
import time
import zipfile
from dataclasses import replace

import pytest
from moto import mock_aws
from moto.awslambda_simple.models import LambdaSimpleBackend

from reelsmith import aws
from reelsmith.domain.jobs import JobStatus
from reelsmith.engines.executions import StepFunctions
from reelsmith.errors import MediaError, Unavailable
from reelsmith.usecases import dispatching, fanout, jobs
from reelsmith.usecases.jobs import Wanted
from reelsmith.workflow import definition, endings, steps
from reelsmith.workflow.payloads import RunOf, SceneTask
from tests.builders import TENANT, a_caller, a_spec
from tests.world import a_world

PATIENCE_S = 60
RUNS_MACHINES = {
    "lambda": {"use_docker": False},
    "stepfunctions": {"execute_state_machine": True},
}


@pytest.fixture
def world(monkeypatch):
    with mock_aws(config=RUNS_MACHINES), a_world() as made:
        monkeypatch.setattr(LambdaSimpleBackend, "invoke", invoke_with(made))
        role = aws.client("iam").create_role(RoleName="machine", AssumeRolePolicyDocument="{}")
        arn = role["Role"]["Arn"]
        machine = aws.client("stepfunctions").create_state_machine(
            name="films", definition=asl(arn), roleArn=arn
        )
        made.machine.real = StepFunctions(machine["stateMachineArn"])
        yield made


def asl(role):
    """The definition with functions in place of its marks, and retries that do not keep us."""
    text = json.dumps(definition.definition(scene_concurrency=2))
    for step in definition.FUNCTIONS:
        aws.client("lambda").create_function(
            FunctionName=step,
            Runtime="python3.13",
            Handler="index.handler",
            Role=role,
            Code={"ZipFile": an_empty_zip()},
        )
        arn = f"arn:aws:lambda:eu-west-1:123456789012:function:{step}"
        text = text.replace(f"${{{step}}}", arn)
    return text.replace('"IntervalSeconds": 2', '"IntervalSeconds": 1')


def an_empty_zip():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", "")
    return packed.getvalue()


def invoke_with(world):
    """What Lambda does with an invocation, down to the shape in which an error is told."""

    def work(name, event):
        if name == definition.FINALIZE:
            return endings.handle(world.deps, event)
        renders = name in (definition.RENDER_SCENE, definition.RENDER_SCENE_LARGE)
        step, given = (definition.RENDER_SCENE, SceneTask) if renders else (name, RunOf)
        world.machine.before(name)
        done = getattr(steps, step)(world.deps, given.model_validate(event))
        return done.model_dump(mode="json")

    def invoke(_, function_name, qualifier, body, headers, response_headers):
        name = function_name.rsplit(":", 1)[-1]
        try:
            return json.dumps(work(name, json.loads(body))).encode()
        except Exception as error:  # noqa: BLE001 - as Lambda's runtime does
            response_headers["x-amz-function-error"] = "Unhandled"
            told = {"errorMessage": str(error), "errorType": type(error).__name__}
            return json.dumps(told).encode()

    return invoke


@pytest.fixture
def many_tasks(monkeypatch):
    """Let a film of three short scenes be too much for one task, and for one history."""
    monkeypatch.setattr(fanout, "ALONE_CPU_S", 0.1)
    monkeypatch.setattr(fanout, "TASK_CPU_S", 0.1)
    monkeypatch.setattr(fanout, "TASK_FRAMES", 1)

    def most_inline(tasks):
        monkeypatch.setattr(fanout, "MOST_INLINE", tasks)

    return most_inline


def run_one(world, **spec):
    """Queue a job, start it on the real machine, and wait for its end."""
    small = {"resolution": {"width": 270, "height": 480}, "duration_per_image": 1}
    spec = a_spec(**small | spec)
    wanted = Wanted(title="Ad", spec=spec)
    job = jobs.submit(world.deps, caller=a_caller(), wanted=wanted).thing
    world.machine.start = world.machine.real.start
    dispatching.start_due(world.deps)
    until = time.monotonic() + PATIENCE_S
    while (run := world.machine.real.look(job.run)).open and time.monotonic() < until:
        time.sleep(0.05)
    return run, world.deps.jobs.get(TENANT, job.id)


def test_a_film_is_made_by_the_machine_that_is_deployed(world):
    run, job = run_one(world)
    assert run.succeeded, (run.error, run.cause)
    assert job.status is JobStatus.COMPLETED
    assert {task.task_type for task in world.deps.jobs.tasks(TENANT, job.id)} == {
        step for step in definition.STEPS if step != definition.FINALIZE
    }


def test_a_task_that_was_busy_is_tried_again(world):
    troubles = ["render_scene", "assemble"]

    def trouble(step):
        if step in troubles:
            troubles.remove(step)
            raise Unavailable("busy")

    world.machine.before = trouble
    run, job = run_one(world)
    assert run.succeeded, (run.error, run.cause)
    assert job.status is JobStatus.COMPLETED
    assert troubles == []


def test_what_no_retry_can_help_is_tried_once_and_ends_the_job_with_its_reason(world):
    tried = []

    def refuse(step):
        if step == "render_scene":
            tried.append(step)
            raise MediaError("playa.jpg is damaged")

    world.machine.before = refuse
    run, job = run_one(world)
    assert not run.succeeded
    assert (job.status, job.error.detail) == (JobStatus.FAILED, "playa.jpg is damaged")
    assert len(tried) == 1


def called(world):
    """Names of functions in the order in which they were called."""
    calls = []
    world.machine.before = calls.append
    return calls


def rendering(world, job):
    rows = world.deps.jobs.tasks(TENANT, job.id)
    return [task for task in rows if task.task_type == definition.RENDER_SCENE]


@pytest.mark.parametrize("most_inline", [300, 1])
def test_a_film_of_many_tasks_is_made_by_a_map_within_the_run_or_by_one_of_its_own(
    world, many_tasks, most_inline
):
    many_tasks(most_inline)
    run, job = run_one(world, text_prompt="Buy one now. Get two. Be quick.")
    assert run.succeeded, (run.error, run.cause)
    assert job.status is JobStatus.COMPLETED
    assert len(rendering(world, job)) == 3


def test_a_film_that_was_rendered_before_goes_past_the_renderer(world):
    run_one(world)
    calls = called(world)
    run, job = run_one(world)
    assert run.succeeded, (run.error, run.cause)
    assert calls == ["plan", "narrate", "assemble", "check", "publish"]
    assert job.result.cache.misses == 0


def test_frames_that_are_too_large_for_the_ordinary_renderer_go_to_the_large_one(world):
    tight = world.deps.settings.model_copy(update={"render_memory_mb": 128})
    world.deps = replace(world.deps, settings=tight)
    calls = called(world)
    run, _ = run_one(world)
    assert run.succeeded, (run.error, run.cause)
    assert calls.count("render_scene_large") == 1
    assert "render_scene" not in calls
