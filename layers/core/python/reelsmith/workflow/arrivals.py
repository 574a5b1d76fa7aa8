"""S3 events from the intake queue: uploads that arrived, and files in drop folders."""

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reelsmith import aws
from reelsmith.domain.jobs import Job
from reelsmith.errors import NotFound, ReelsmithError
from reelsmith.ports import Deps
from reelsmith.storage import keys
from reelsmith.telemetry import MetricUnit, log, measure, outline
from reelsmith.usecases import drops, fetching, quarantine, uploads

TRIES = 5  # as the queue has it, before a message goes to the one for failures


class _Object(BaseModel):
    model_config = ConfigDict(extra="ignore")

    key: str
    version: str | None = Field(default=None, alias="version-id")
    sequencer: str = ""
    etag: str = ""

    @property
    def stamp(self) -> str:
        """What tells this writing of the object from every other."""
        return self.version or self.sequencer or self.etag


class _Detail(BaseModel):
    model_config = ConfigDict(extra="ignore")

    object: _Object


class _Event(BaseModel):
    model_config = ConfigDict(extra="ignore")

    detail: _Detail


def fault(body: str) -> str | None:
    """Why a message is no event of S3; None when it is one."""
    try:
        _Event.model_validate(json.loads(body))
    except (ValueError, RecursionError) as broken:
        return "no event of S3" if isinstance(broken, ValidationError) else "no JSON"
    return None


def handle(deps: Deps, event: dict[str, Any]) -> dict[str, Any]:
    """Take in each message; those that could not be for now are named, and come again.

    Returns:
        The partial batch response of SQS event sources. What can never be read is laid aside
        with a receipt and a metric: it would come back for ever.
    """
    failed = []
    for record in event.get("Records", []):
        try:
            done = _take(deps, record)
        except (ReelsmithError, *aws.FAILURES) as error:
            log.warning("an arrival comes again", extra={"reason": type(error).__name__})
            done = False
        except Exception as error:  # noqa: BLE001 - a message must not take its neighbours along
            log.error("an arrival broke something", extra={"outline": outline(error)})
            done = False
        if not done:
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _take(deps: Deps, record: dict[str, Any]) -> bool:
    """Do what a message is there for; False when it has to come again."""
    body = record["body"]
    if unreadable := fault(body):
        quarantine.lay_aside(
            deps, queue="intake", message_id=record["messageId"], body=body, reason=unreadable
        )
        return True
    found = _Event.model_validate(json.loads(body)).detail.object
    if found.key.startswith(keys.UPLOADS):
        _upload(deps, found.key)
    elif arrival := drops.parse(found.key, version=found.version, stamp=found.stamp):
        return _drop(deps, arrival, record)
    return True


def _drop(deps: Deps, arrival: drops.Arrival, record: dict[str, Any]) -> bool:
    tries = int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))
    outcome = drops.accept(deps, arrival, last_try=tries >= TRIES)
    if outcome.made and not outcome.made.replayed:
        what = "JobsCreated" if isinstance(outcome.made.thing, Job) else "BatchesCreated"
        measure(what, 1, MetricUnit.Count, source="drop")
    if outcome.again_s is None:
        return True
    deps.errands.put_off(record["receiptHandle"], seconds=outcome.again_s)
    return False


def _upload(deps: Deps, key: str) -> None:
    tenant, _, asset_id = key.removeprefix(keys.UPLOADS).partition("/")
    try:
        if asset_id.endswith(keys.NOT_FETCHED):
            given_up = asset_id.removesuffix(keys.NOT_FETCHED)
            fetching.give_up(deps, tenant=tenant, asset_id=given_up)
            return
        uploads.arrive(deps, deps.assets.get(tenant, asset_id), thorough=True)
    except NotFound:
        log.warning("an upload arrived that nobody asked for", extra={"asset_id": asset_id[:60]})
