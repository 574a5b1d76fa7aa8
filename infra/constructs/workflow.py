"""The state machine, deployed from the package's own definition, and the rule on how runs end."""

import json
from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.constructs.access import Access
from infra.constructs.logs import log_group
from infra.stages import StageSpec
from reelsmith.workflow.definition import definition

_BAD_ENDS = ["FAILED", "TIMED_OUT", "ABORTED"]


class FilmMachine(Construct):
    """One attempt of one job. `tasks` are the functions by the names in the definition."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        spec: StageSpec,
        name: str,
        tasks: Mapping[str, lambda_.IFunction],
        access: Access,
    ) -> None:
        super().__init__(scope, construct_id)
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
        self.role.add_to_policy(
            iam.PolicyStatement(
                actions=["lambda:InvokeFunction"],
                resources=[function.function_arn for function in tasks.values()],
            )
        )
        for statement in access.to_spread():
            self.role.add_to_policy(statement)
        asl = definition(scene_concurrency=spec.scene_concurrency)
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            state_machine_name=name,
            definition_body=sfn.DefinitionBody.from_string(json.dumps(asl)),
            definition_substitutions={step: f.function_arn for step, f in tasks.items()},
            role=self.role,
            logs=self._errors_only(spec, name),
        )

    def _errors_only(self, spec: StageSpec, name: str) -> sfn.LogOptions:
        # the prefix keeps the resource policy of the log service from growing past its limit
        group = log_group(self, "Logs", spec=spec, name=f"/aws/vendedlogs/states/{name}")
        return sfn.LogOptions(
            destination=group, level=sfn.LogLevel.ERROR, include_execution_data=False
        )


class BadEnds(events.Rule):
    """Runs that ended in any way but well, whatever ended them, go to the finalizer."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        machine_arn: str,
        function: lambda_.IFunction,
        failures: sqs.IQueue,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            event_pattern=events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={"stateMachineArn": [machine_arn], "status": _BAD_ENDS},
            ),
            targets=[
                targets.LambdaFunction(
                    function,
                    dead_letter_queue=failures,
                    retry_attempts=10,
                    max_event_age=Duration.hours(6),
                )
            ],
        )
