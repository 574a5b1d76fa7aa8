"""Runs that ended badly: what the state machine caught, and what EventBridge reports."""

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from reelsmith import errors
from reelsmith.domain.jobs import Failure
from reelsmith.errors import NotFound, ReelsmithError
from reelsmith.ports import Deps
from reelsmith.telemetry import MetricUnit, log, measure
from reelsmith.usecases import running
from reelsmith.workflow.payloads import Caught, FailedRun, RunOf

_UNFORESEEN = Failure(code="internal", detail="something broke here; we were told of it")
_LOST = {"States.ServiceRestart"}
_IN_A_TASK = {"States.ExceedToleratedFailureThreshold"}  # a Distributed Map tells no more


class _Detail(BaseModel):
    """The part of an execution status change that matters."""

    model_config = ConfigDict(extra="ignore")

    name: str
    status: str
    input: str | None = None
    error: str | None = None
    cause: str | None = None


def handle(deps: Deps, event: dict[str, Any]) -> dict[str, Any]:
    """Give the job of an ended run its ending; any event may come twice or late."""
    given = _from_event(event) if "detail" in event else FailedRun.model_validate(event)
    if given is None:
        return {"status": "ignored"}
    run = {"tenant": given.tenant, "job_id": given.job_id}
    failure = failure_of(given.error)
    if given.error.Error in _IN_A_TASK:
        failure = running.failure_of_a_task(deps, **run, attempt=given.attempt) or failure
    try:
        job = running.end(deps, **run, attempt=given.attempt, failure=failure)
    except NotFound:  # called off and deleted before its run was over
        return {"status": "gone"}
    if job.status.final:
        measure("Jobs", 1, MetricUnit.Count, outcome=job.status)
        measure("Errors", 1, MetricUnit.Count, code=failure.code)
    log.info("run ended", extra={"job_id": job.id, "status": job.status, "code": failure.code})
    return {"status": job.status}


def failure_of(caught: Caught) -> Failure:
    """What to tell the job's owner of an error, by the name of its class.

    Our own errors carry words for callers in them; of any other only the fact is told.
    """
    if caught.Error in _LOST or caught.Error == "ABORTED":
        return running.interrupted("the run was cut off")
    if caught.Error in {"States.Timeout", "TIMED_OUT", "Sandbox.Timedout"}:
        return Failure(code="timeout", detail="a step took longer than it may")
    kind = getattr(errors, caught.Error, None)
    if isinstance(kind, type) and issubclass(kind, ReelsmithError):
        return Failure(code=kind.code, detail=_message(caught.Cause), retryable=kind.retryable)
    return _UNFORESEEN


def _from_event(event: dict[str, Any]) -> FailedRun | None:
    """The run of an execution status change; None when it is no run of ours."""
    try:
        detail = _Detail.model_validate(event["detail"])
        run = RunOf.model_validate_json(detail.input or "")
    except ValidationError:
        log.warning("an event named no run")
        return None
    caught = Caught(Error=detail.error or detail.status, Cause=detail.cause or "")
    return FailedRun(**run.model_dump(), error=caught)


def _message(cause: str) -> str:
    """The words of the exception in the JSON that Lambda makes of it."""
    try:
        said = json.loads(cause)
    except ValueError:
        return cause[:500]
    return str(said.get("errorMessage", ""))[:500] if isinstance(said, dict) else cause[:500]
