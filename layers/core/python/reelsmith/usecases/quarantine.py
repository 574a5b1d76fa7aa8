"""Messages that nobody can read: each leaves a receipt for the operators and never comes back."""

import json

from reelsmith.ports import Deps
from reelsmith.storage import keys
from reelsmith.telemetry import MetricUnit, log, measure

_HEAD = 4_000  # characters of a message worth keeping


def lay_aside(deps: Deps, *, queue: str, message_id: str, body: str, reason: str) -> str:
    """Keep the head of a message and why it was no use; the key of the receipt. Twice is once."""
    now = deps.now()
    key = keys.quarantine(now, message_id)
    receipt = {
        "queue": queue,
        "message_id": message_id,
        "at": now.isoformat(),
        "reason": reason,
        "body": body[:_HEAD],
        "body_characters": len(body),
    }
    text = json.dumps(receipt, indent=2)
    deps.store.write(text.encode(), key, content_type="application/json")
    measure("PoisonMessages", 1, MetricUnit.Count)
    log.warning("a message was laid aside", extra={"queue": queue, "receipt": key})
    return key
