"""Orders from the fetch queue: go to a caller's URL and bring what is there."""

from typing import Any

from pydantic import ValidationError

from reelsmith import aws
from reelsmith.errors import Unavailable
from reelsmith.ports import Deps
from reelsmith.telemetry import MetricUnit, log, measure
from reelsmith.usecases import fetching
from reelsmith.usecases.fetching import Order

TRIES = 5
_FIRST_WAIT_S = 30  # doubled with each try


def handle(deps: Deps, event: dict[str, Any]) -> dict[str, Any]:
    """Carry out each order; those that could not be for now come again, each time later.

    Returns:
        The partial batch response of SQS event sources. What is no order is dropped with a metric.
    """
    failed = []
    for record in event.get("Records", []):
        tries = int(record["attributes"]["ApproximateReceiveCount"])
        try:
            _carry_out(deps, record["body"], last_try=tries >= TRIES)
        except (Unavailable, *aws.FAILURES) as error:
            log.warning("a fetch comes again", extra={"reason": type(error).__name__})
            deps.errands.put_off(record["receiptHandle"], seconds=_FIRST_WAIT_S << (tries - 1))
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _carry_out(deps: Deps, body: str, *, last_try: bool) -> None:
    try:
        order = Order.model_validate_json(body)
    except ValidationError:
        measure("PoisonMessages", 1, MetricUnit.Count)
        log.warning("a message in the fetch queue was no order")
        return
    fetched = fetching.bring(deps, order, last_try=last_try)
    measure("Fetches", 1, MetricUnit.Count, outcome="fetched" if fetched else "refused")
