"""The state machine as it is deployed: whole, reachable, and small in what it carries."""

import json
import re

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from infra.stages import STAGES
from reelsmith.domain.ids import Kind
from reelsmith.domain.shares import Dealt, Lane, Share
from reelsmith.usecases.fanout import MOST_INLINE, MOST_TASKS
from reelsmith.workflow.definition import (
    FUNCTIONS,
    MAX_RETRIES,
    RENDER_SCENE,
    RENDER_SCENE_LARGE,
    STEPS,
)
from reelsmith.workflow.payloads import RunOf, SceneTasks
from tests.builders import TENANT, an_id

ROLE = "arn:aws:iam::123456789012:role/machine"
LARGEST_PAYLOAD = 256 * 1024  # Step Functions' quota on input and output


@pytest.fixture(params=sorted(STAGES))
def machine(request, stages):
    return stages[request.param].one("AWS::StepFunctions::StateMachine")


@pytest.fixture
def asl(machine):
    return json.loads(machine["DefinitionString"])


def levels(level):
    """A level of states and all that are nested in its Maps."""
    yield level
    for state in level["States"].values():
        if state["Type"] == "Map":
            yield from levels(state["ItemProcessor"])


def targets(state):
    """The states that may come after one."""
    named = [state.get("Next"), state.get("Default")]
    rules = [*state.get("Catch", []), *state.get("Choices", [])]
    named += [rule["Next"] for rule in rules]
    return {name for name in named if name}


def unreachable(level):
    """States that no run gets to, and targets that do not exist."""
    seen, ahead = set(), {level["StartAt"]}
    while ahead:
        name = ahead.pop()
        seen.add(name)
        ahead |= targets(level["States"].get(name, {})) - seen
    return seen ^ set(level["States"])


def test_every_state_can_be_reached_and_every_target_exists(asl):
    for level in levels(asl):
        assert unreachable(level) == set()


def test_a_dangling_target_or_an_orphan_would_be_seen():
    """Neither cfn-lint nor AWS's emulators see them, so this test is the only one that does."""
    end = {"Type": "Succeed"}
    assert unreachable({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}) == {"B"}
    assert unreachable({"StartAt": "A", "States": {"A": end, "Orphan": end}}) == {"Orphan"}


def test_every_step_stands_for_the_function_of_its_name(stages, machine):
    handlers = {
        name: found["Properties"]["Handler"]
        for stage in stages.values()
        for name, found in stage.app["Resources"].items()
        if found["Type"] == "AWS::Lambda::Function"
    }
    placed = set(re.findall(r"\$\{(\w+)\}", machine["DefinitionString"]))
    stands_for = {
        step: handlers[arn["Fn::GetAtt"][0]]
        for step, arn in machine["DefinitionSubstitutions"].items()
    }
    assert placed == set(FUNCTIONS)
    large = {RENDER_SCENE_LARGE: f"{RENDER_SCENE}.handler"}
    assert stands_for == {step: f"{step}.handler" for step in STEPS} | large


def test_each_way_of_rendering_has_its_state_and_its_size_of_function(asl):
    (choice,) = (state for state in asl["States"].values() if state["Type"] == "Choice")
    chosen = {rule["StringEquals"]: rule["Next"] for rule in choice["Choices"]}
    sizes = ("", "-large")
    assert set(chosen) == {f"{lane}{size}" for lane in ways(asl) for size in sizes}
    for lane, state in chosen.items():
        called = set(re.findall(r"\$\{(\w+)\}", json.dumps(asl["States"][state])))
        assert called == {RENDER_SCENE_LARGE if lane.endswith("-large") else RENDER_SCENE}
        assert asl["States"][state]["Next"] == "Assemble"
    assert choice["Default"] == "Assemble"


def ways(asl):
    """The lanes that have tasks, checked to be what their names say."""
    modes = {
        name: state.get("ItemProcessor", {}).get("ProcessorConfig", {}).get("Mode")
        for name, state in asl["States"].items()
        if name.startswith("Render") and name != "Render"
    }
    assert set(modes.values()) == {None, "INLINE", "DISTRIBUTED"}
    return [lane for lane in Lane if lane is not Lane.NONE]


def test_no_state_can_run_for_ever(asl):
    assert asl["TimeoutSeconds"] > 0
    for level in levels(asl):
        for state in level["States"].values():
            assert state["Type"] != "Task" or state["TimeoutSeconds"] > 0


def test_no_more_scenes_side_by_side_than_the_stage_says(stages):
    for name, stage in stages.items():
        asl = json.loads(stage.one("AWS::StepFunctions::StateMachine")["DefinitionString"])
        maps = [state for state in asl["States"].values() if state["Type"] == "Map"]
        assert len(maps) == 4
        for each in maps:
            assert each["MaxConcurrency"] == STAGES[name].scene_concurrency <= 40


def test_step_functions_accepts_the_definition(prod):
    machine = prod.one("AWS::StepFunctions::StateMachine")
    whole = re.sub(
        r"\$\{(\w+)\}",
        r"arn:aws:lambda:eu-west-1:123456789012:function:\1",
        machine["DefinitionString"],
    )
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):  # reads it, too
        client = boto3.client("stepfunctions")
        made = client.create_state_machine(name="film", definition=whole, roleArn=ROLE)
        assert made["stateMachineArn"].endswith(":stateMachine:film")
        with pytest.raises(ClientError, match="ASLParserException"):
            client.create_state_machine(name="no", definition='{"States": {}}', roleArn=ROLE)


def test_the_tasks_of_the_longest_film_fit_between_two_states():
    run = RunOf(tenant=TENANT, job_id=an_id(Kind.JOB), attempt=1)
    last = 100_000
    shares = tuple(Share(index=n, first=last + n, end=last + n + 1) for n in range(MOST_TASKS))
    between = SceneTasks.dealt(run, Dealt(lane=Lane.SPREAD, large=True, shares=shares))

    assert len(between.model_dump_json()) < 60_000 < LARGEST_PAYLOAD
    assert len(run.model_dump_json()) < 200


def test_a_map_hands_on_no_more_than_it_got(asl):
    """The answers of a thousand tasks add up, and Step Functions counts them before dropping."""
    for level in levels(asl):
        for state in level["States"].values():
            if state["Type"] == "Map":
                (task,) = state["ItemProcessor"]["States"].values()
                assert (task["ResultPath"], task["OutputPath"]) == (None, None)
                assert state["ResultPath"] is None


def test_what_runs_inline_leaves_room_in_the_history():
    """Per task: Map entered and left, state entered and left, and three events of each try."""
    most_events = MOST_INLINE * (4 + 3 * (1 + 2 * MAX_RETRIES))
    assert most_events < 25_000 / 2


def test_what_fails_is_logged_without_what_it_carried(machine):
    logging = machine["LoggingConfiguration"]
    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ERROR", False)


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_runs_that_end_badly_outside_the_machine_get_an_ending_too(stages, stage):
    rules = stages[stage].of_type("AWS::Events::Rule")
    (ends,) = (r for r in rules if r.get("EventPattern", {}).get("source") == ["aws.states"])
    (target,) = ends["Targets"]

    assert set(ends["EventPattern"]["detail"]["status"]) == {"FAILED", "TIMED_OUT", "ABORTED"}
    assert f":stateMachine:reelsmith-{stage}" in str(ends["EventPattern"]["detail"])
    function = stages[stage].app["Resources"][target["Arn"]["Fn::GetAtt"][0]]["Properties"]
    assert function["Handler"] == "finalize.handler"
    assert "DeadLetterConfig" in target
    assert "DeadLetterConfig" in function
