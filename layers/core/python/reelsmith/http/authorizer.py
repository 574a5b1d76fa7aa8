"""The authorizer of the HTTP API, in its simple response format."""

from typing import Any

from reelsmith.errors import Unauthorized
from reelsmith.http.caller import context_of
from reelsmith.ports import Deps
from reelsmith.telemetry import MetricUnit, measure
from reelsmith.usecases import identity


def answer(deps: Deps, event: dict[str, Any]) -> dict[str, Any]:
    """Whether the request's credential opens anything, and for whom."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    credential = headers.get("authorization") or headers.get("x-api-key") or ""
    try:
        caller = identity.identify(deps, credential=credential)
    except Unauthorized:
        measure("Refused", 1, MetricUnit.Count)
        return {"isAuthorized": False}
    return {"isAuthorized": True, "context": context_of(caller)}
