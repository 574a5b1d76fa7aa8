"""Runs of jobs as Step Functions executions, named by job and attempt."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from reelsmith import aws
from reelsmith.ports import Run

if TYPE_CHECKING:
    from types_boto3_stepfunctions.client import SFNClient


class StepFunctions:
    """Starts, stops and looks at executions of one state machine."""

    def __init__(self, state_machine_arn: str) -> None:
        self._machine = state_machine_arn

    @property
    def _states(self) -> "SFNClient":
        states: SFNClient = aws.client("stepfunctions")
        return states

    def start(self, name: str, payload: Mapping[str, Any]) -> None:
        """Start an execution; one of the same name already there is the same one."""
        try:
            self._states.start_execution(
                stateMachineArn=self._machine, name=name, input=json.dumps(payload)
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
                raise

    def stop(self, name: str, *, cause: str) -> None:
        """Stop an execution. None there, or one that ended, is no error."""
        try:
            self._states.stop_execution(executionArn=self._arn(name), cause=cause)
        except ClientError as error:
            if error.response["Error"]["Code"] not in {
                "ExecutionDoesNotExist",
                "ValidationException",
            }:
                raise

    def look(self, name: str) -> Run | None:
        """The execution of this name, or None."""
        try:
            seen = self._states.describe_execution(executionArn=self._arn(name))
        except ClientError as error:
            if error.response["Error"]["Code"] == "ExecutionDoesNotExist":
                return None
            raise
        return Run(
            open=seen["status"] in {"RUNNING", "PENDING_REDRIVE"},
            succeeded=seen["status"] == "SUCCEEDED",
            error=seen.get("error") or seen["status"],
            cause=seen.get("cause", ""),
        )

    def _arn(self, name: str) -> str:
        return self._machine.replace(":stateMachine:", ":execution:") + f":{name}"
