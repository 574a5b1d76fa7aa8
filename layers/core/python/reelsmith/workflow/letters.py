"""Letters from the courier: taken to callers' URLs as they are, with an outcome of each."""

from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from pydantic import ValidationError

from reelsmith import aws
from reelsmith.domain.model import Entity, Moment
from reelsmith.domain.webhooks import Outcome
from reelsmith.errors import Invalid, Unavailable
from reelsmith.ports import Deps
from reelsmith.telemetry import MetricUnit, log, measure

TIMEOUT_S = 15.0  # Standard Webhooks 1.0.0, "Timeouts": 15 to 30 s


class Letter(Entity):
    """A signed request that is to be sent, no later than `until`."""

    tenant: str
    webhook: str
    delivery: str
    attempt: int
    url: str
    body: str
    headers: dict[str, str]
    until: Moment


def handle(deps: Deps, event: dict[str, Any]) -> dict[str, Any]:
    """Send each letter and tell the courier what came of it.

    Returns:
        The partial batch response of SQS event sources. What is no letter is dropped with a
        metric.
    """
    failed = []
    for record in event.get("Records", []):
        try:
            _deliver(deps, record["body"])
        except (Unavailable, *aws.FAILURES) as error:
            log.warning("an outcome was not told", extra={"reason": type(error).__name__})
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _deliver(deps: Deps, body: str) -> None:
    try:
        letter = Letter.model_validate_json(body)
    except ValidationError:
        measure("PoisonMessages", 1, MetricUnit.Count)
        log.warning("a message in the queue of letters was no letter")
        return
    if deps.now() >= letter.until:  # the courier counts it as failed already
        measure("LettersLate", 1, MetricUnit.Count)
        return
    deps.post.report(_sent(deps, letter).model_dump(mode="json", exclude_none=True))


def _sent(deps: Deps, letter: Letter) -> Outcome:
    of = letter.model_dump(include={"tenant", "webhook", "delivery", "attempt"})
    try:
        answer = deps.fetcher.send(
            letter.url, letter.body.encode(), headers=letter.headers, timeout_s=TIMEOUT_S
        )
    except (Invalid, Unavailable) as failure:
        faults = getattr(failure, "faults", ())
        why = faults[0].detail if faults else failure.detail
        return Outcome(**of, error=why[:300])
    wait_s = _seconds(answer.retry_after, deps.now())
    return Outcome(**of, status=answer.status, retry_after_s=wait_s)


def _seconds(said: str, now: datetime) -> float | None:
    """What a Retry-After asks for (RFC 9110, 10.2.3): seconds, or a date. None for neither."""
    said = said.strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        return max(0.0, (parsedate_to_datetime(said) - now).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return None
