"""S3 events from the intake queue: uploads that arrived, and files in drop folders."""

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reelsmith import aws
from reelsmith.errors import NotFound, OverQuota, Unavailable
from reelsmith.ports import Deps
from reelsmith.storage import keys
from reelsmith.telemetry import MetricUnit, log, measure
from reelsmith.usecases import drops, fetching, uploads


class _Object(BaseModel):
    model_config = ConfigDict(extra="ignore")

    key: str
    version: str | None = Field(default=None, alias="version-id")
    sequencer: str = ""
    etag: str = ""


class _Detail(BaseModel):
    model_config = ConfigDict(extra="ignore")

    object: _Object


class _Event(BaseModel):
    model_config = ConfigDict(extra="ignore")

    detail: _Detail


def handle(deps: Deps, event: dict[str, Any]) -> dict[str, Any]:
    """Take in each message; those that could not be for now are named, and come again.

    Returns:
        The partial batch response of SQS event sources. What can never be read is dropped with a
        metric: it would come back for ever.
    """
    failed = []
    for record in event.get("Records", []):
        try:
            _take(deps, record["body"])
        except (OverQuota, Unavailable, *aws.FAILURES) as error:
            log.warning("an arrival comes again", extra={"reason": type(error).__name__})
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _take(deps: Deps, body: str) -> None:
    try:
        found = _Event.model_validate(json.loads(body)).detail.object
    except (ValueError, ValidationError):
        measure("PoisonMessages", 1, MetricUnit.Count)
        log.warning("a message in the intake queue was no event of S3")
        return
    if found.key.startswith(keys.UPLOADS):
        _upload(deps, found.key)
    elif arrival := drops.parse(
        found.key, version=found.version, stamp=found.version or found.sequencer or found.etag
    ):
        created = drops.accept(deps, arrival)
        if created and not created.replayed:
            measure("JobsCreated", 1, MetricUnit.Count, source="drop")


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
