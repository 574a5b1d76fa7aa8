"""The state machine as it is deployed: whole, reachable, and small in what it carries."""

import json
import re

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from infra.stages import STAGES
from reelsmith.domain.ids import Kind
from reelsmith.workflow.definition import STEPS
from reelsmith.workflow.payloads import RunOf, SceneTask, SceneTasks
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
    named += [rule["Next"] for rule in state.get("Catch", [])]
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
    assert placed == set(STEPS)
    assert stands_for == {step: f"{step}.handler" for step in STEPS}


def test_no_state_can_run_for_ever(asl):
    assert asl["TimeoutSeconds"] > 0
    for level in levels(asl):
        for state in level["States"].values():
            assert state["Type"] != "Task" or state["TimeoutSeconds"] > 0


def test_no_more_scenes_side_by_side_than_the_stage_says(stages):
    for name, stage in stages.items():
        asl = json.loads(stage.one("AWS::StepFunctions::StateMachine")["DefinitionString"])
        (each,) = (state for state in asl["States"].values() if state["Type"] == "Map")
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


def test_a_film_of_a_thousand_scenes_fits_between_two_states():
    run = RunOf(tenant=TENANT, job_id=an_id(Kind.JOB), attempt=1)
    tasks = tuple(
        SceneTask(**run.model_dump(), index=index, scenes=(index,)) for index in range(1_000)
    )
    between = SceneTasks(**run.model_dump(), tasks=tasks).model_dump_json()

    assert len(between) < 200_000 < LARGEST_PAYLOAD
    assert len(run.model_dump_json()) < 200


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
