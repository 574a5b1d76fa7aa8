"""The authorizer of the HTTP API, in its simple response format."""

from datetime import UTC, datetime, timedelta
from typing import Any

from reelsmith.domain.people import Caller
from reelsmith.errors import Unauthorized
from reelsmith.http.caller import context_of
from reelsmith.ports import Deps
from reelsmith.telemetry import MetricUnit, measure
from reelsmith.usecases import identity, suspicion

_AGAIN = timedelta(minutes=5)
_SEEN_MOST = 1000
_NEVER = datetime.min.replace(tzinfo=UTC)
_seen: dict[tuple[str, str], datetime] = {}  # (key, address) that this process has counted


def answer(deps: Deps, event: dict[str, Any]) -> dict[str, Any]:
    """Whether the request's credential opens anything, and for whom."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    credential = headers.get("authorization") or headers.get("x-api-key") or ""
    try:
        caller = identity.identify(deps, credential=credential)
    except Unauthorized:
        measure("Refused", 1, MetricUnit.Count)
        return {"isAuthorized": False}
    _watch(deps, caller, event)
    return {"isAuthorized": True, "context": context_of(caller)}


def _watch(deps: Deps, caller: Caller, event: dict[str, Any]) -> None:
    """Let it be counted from where keys are used: of each address once in a while."""
    context = event.get("requestContext", {})
    http = context.get("http", {})
    seen, now = (caller.key_id, http.get("sourceIp", "")), deps.now()
    if not all(seen) or now - _seen.get(seen, _NEVER) < _AGAIN:
        return
    if len(_seen) >= _SEEN_MOST:
        _seen.clear()
    _seen[seen] = now
    origin = {
        "ip": seen[1],
        "user_agent": http.get("userAgent", ""),
        "request_id": context.get("requestId", ""),
    }
    suspicion.key_used(deps, caller=caller.model_copy(update=origin))
