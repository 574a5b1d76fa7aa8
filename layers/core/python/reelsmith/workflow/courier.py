"""What wakes the courier: calls, outcomes of letters, and the clock."""

from typing import Any

from pydantic import ValidationError

from reelsmith import aws
from reelsmith.domain.webhooks import Outcome
from reelsmith.errors import Unavailable
from reelsmith.ports import Deps
from reelsmith.telemetry import MetricUnit, log, measure
from reelsmith.usecases import delivering, events

_CALL = "{}"


def handle(deps: Deps, event: dict[str, Any]) -> dict[str, Any]:
    """Settle the outcomes that came, then give out what there is to publish and to deliver.

    Returns:
        The partial batch response of SQS event sources. What can never be read is dropped with a
        metric.
    """
    failed = []
    for record in event.get("Records", []):
        try:
            _take(deps, record["body"])
        except (Unavailable, *aws.FAILURES) as error:
            log.warning("an outcome comes again", extra={"reason": type(error).__name__})
            failed.append({"itemIdentifier": record["messageId"]})
    published = events.publish_due(deps)
    measure("EventsPublished", published, MetricUnit.Count)
    if published:
        deps.post.wake()  # the index may not show their deliveries yet
    delivering.hand_out(deps)
    return {"batchItemFailures": failed}


def _take(deps: Deps, body: str) -> None:
    if body == _CALL:
        return
    try:
        outcome = Outcome.model_validate_json(body)
    except ValidationError:
        measure("PoisonMessages", 1, MetricUnit.Count)
        log.warning("a message in the courier's queue was no outcome")
        return
    delivering.settle(deps, outcome)
