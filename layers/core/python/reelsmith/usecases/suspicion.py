"""What looks suspicious becomes an entry in the journal and a metric, which an alarm watches.

Each function here is told of one thing that happened, counts it, and raises the alarm when it is
too much. None of them stops anything, nor fails because the table is busy: what they are told of
has its own rules for that. Addresses are counted by their HMAC.
"""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from reelsmith.domain import audit
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.ids import Kind
from reelsmith.domain.people import Caller, Role
from reelsmith.domain.suspicions import (
    ADDRESSES,
    ALARM_EVERY_S,
    DELETIONS,
    OF_AN_ACCOUNT,
    OF_AN_ADDRESS,
    REFUSALS,
    SLEEP,
    Much,
    Rule,
)
from reelsmith.errors import Unavailable
from reelsmith.ports import Deps
from reelsmith.telemetry import MetricUnit, log, measure


def failed_sign_in(
    deps: Deps,
    *,
    tenant: str | None,
    user: str | None,
    ip: str,
    user_agent: str = "",
    request_id: str = "",
) -> None:
    """A sign-in failed. Tenant and user are None when there is no such account.

    An address that tries many accounts is told of in the journal of the one it came to last.
    """
    with _in_passing():
        address = _hidden(deps, ip)
        many = _is_much(deps, f"failed at {address}", OF_AN_ADDRESS, tenant=None)
        # one more is counted for nobody's account too: the work must not tell whether there is one
        often = _is_much(deps, f"failed for {user or address}", OF_AN_ACCOUNT, tenant=tenant)
        many = many or (user is not None and often)
        if many:
            whom = Caller(
                tenant=tenant or "",
                owner=user or address,
                role=Role.VIEWER,
                ip=ip,
                user_agent=user_agent,
                request_id=request_id,
            )
            _raise(deps, Rule.FAILED_SIGN_INS, whom, whom.owner)


def signed_in(deps: Deps, *, caller: Caller, last_login_at: datetime | None) -> None:
    """A user signed in; `last_login_at` is the time before this one."""
    with _in_passing():
        if last_login_at and deps.now() - last_login_at >= SLEEP:
            days = (deps.now() - last_login_at).days
            _raise(deps, Rule.LONG_SLEEP, caller, caller.owner, days=days)


def key_used(deps: Deps, *, caller: Caller) -> None:
    """A key was used from an address, `caller.ip`."""
    if not caller.key_id or not caller.ip:
        return
    with _in_passing():
        found = deps.limits.count(
            f"addresses of {caller.key_id}",
            at=deps.now(),
            seconds=ADDRESSES.seconds,
            member=_hidden(deps, caller.ip),
            tenant=caller.tenant,
        )
        if found >= ADDRESSES.count:
            _raise(deps, Rule.KEY_ADDRESSES, caller, caller.key_id)


def deleted(deps: Deps, *, caller: Caller) -> None:
    """A caller deleted a thing."""
    with _in_passing():
        if _is_much(deps, f"deletions by {caller.owner}", DELETIONS, tenant=caller.tenant):
            _raise(deps, Rule.MASS_DELETION, caller, caller.owner)


def refused(deps: Deps, *, caller: Caller) -> None:
    """A caller asked for what it may not."""
    with _in_passing():
        if _is_much(deps, f"refusals of {caller.owner}", REFUSALS, tenant=caller.tenant):
            _raise(deps, Rule.REFUSALS, caller, caller.key_id or caller.owner)


def _is_much(deps: Deps, window: str, much: Much, *, tenant: str | None) -> bool:
    """Count one more; whether that is too much."""
    counted = deps.limits.count(window, at=deps.now(), seconds=much.seconds, tenant=tenant)
    return counted >= much.count


def _raise(deps: Deps, rule: Rule, caller: Caller, subject: str, **facts: object) -> None:
    """Raise the alarm, unless the same one was raised within the hour."""
    window = f"alarm {rule} {subject}"
    tenant = caller.tenant or None
    if deps.limits.count(window, at=deps.now(), seconds=ALARM_EVERY_S, tenant=tenant) > 1:
        return
    measure("SuspiciousActivity", 1, MetricUnit.Count)
    measure("SuspiciousActivity", 1, MetricUnit.Count, rule=rule)
    if tenant:
        deps.journal.note(_entry(deps, rule, caller, subject, facts))


def _entry(
    deps: Deps, rule: Rule, caller: Caller, subject: str, facts: dict[str, object]
) -> AuditEntry:
    """The platform says it, with where the last request of it came from."""
    entry = audit.by_caller(
        caller,
        entry_id=deps.new_id(Kind.EVENT),
        action=f"security.{rule}",
        resource=subject,
        at=deps.now(),
        user=caller.owner,
        **facts,
    )
    return entry.model_copy(update={"actor": audit.SYSTEM})


def _hidden(deps: Deps, ip: str) -> str:
    """What stands for an address: the same for the same one, and nothing else."""
    return hmac.new(deps.pepper(), f"address\0{ip}".encode(), hashlib.sha256).hexdigest()[:32]


@contextmanager
def _in_passing() -> Iterator[None]:
    """Counting may fail; what is counted goes on."""
    try:
        yield
    except Unavailable:
        log.warning("something was not counted: the table is busy")
