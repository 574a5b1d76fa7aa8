"""Asking twice and getting it once: what a caller's idempotency key becomes."""

from dataclasses import dataclass
from datetime import timedelta
from typing import overload

from reelsmith.domain.people import Caller
from reelsmith.ports import Deps, Idempotency

IDEMPOTENCY_HOURS = 24


@dataclass(frozen=True, slots=True)
class Once:
    """A caller's idempotency key and the fingerprint of what it was sent with."""

    key: str
    fingerprint: str


@overload
def record(deps: Deps, caller: Caller, once: Once) -> Idempotency: ...
@overload
def record(deps: Deps, caller: Caller, once: None) -> None: ...
@overload
def record(deps: Deps, caller: Caller, once: Once | None) -> Idempotency | None: ...
def record(deps: Deps, caller: Caller, once: Once | None) -> Idempotency | None:
    """What a create stores of the key: it is the caller's alone, and lasts a day."""
    if once is None:
        return None
    return Idempotency(
        key=f"{caller.owner}:{once.key}",
        fingerprint=once.fingerprint,
        expires_at=deps.now() + timedelta(hours=IDEMPOTENCY_HOURS),
    )
