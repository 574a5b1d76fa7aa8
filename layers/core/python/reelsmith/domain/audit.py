"""An audit entry: who did what to which thing, and what changed."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from pydantic import Field

from reelsmith.domain.model import Entity, Moment
from reelsmith.domain.people import Caller

RETENTION = timedelta(days=400)
"""How long entries are kept, and the chain that seals them."""

_PRIVATE = frozenset(
    {
        "email",
        "hash",
        "metadata",
        "name",
        "original_filename",
        "previous_hmac",
        "secret_hmac",
        "text_prompt",
        "title",
        "username",
    }
)


class AuditEntry(Entity):
    """Append-only. Carries ids, never names, prompts or addresses of people's mail."""

    id: str
    tenant: str
    actor: str
    action: str = Field(description="what happened, as `job.created`")
    resource: str = Field(description="id of the thing")
    changes: dict[str, Any] = Field(default_factory=dict)
    ip: str = ""
    user_agent: str = ""
    request_id: str = ""
    at: Moment


class JournalFilter(Entity):
    """Which entries a look at the journal shows. What is None does not matter."""

    actor: str | None = None
    resource: str | None = None
    action: str | None = Field(default=None, description="what actions begin with")
    since: Moment | None = None
    until: Moment | None = None


SYSTEM = "system"


def by_caller(
    caller: Caller, *, entry_id: str, action: str, resource: str, at: Moment, **changes: object
) -> AuditEntry:
    """The entry for something a caller did."""
    return AuditEntry(
        id=entry_id,
        tenant=caller.tenant,
        actor=caller.owner,
        action=action,
        resource=resource,
        changes=changes,
        ip=caller.ip,
        user_agent=caller.user_agent[:200],
        request_id=caller.request_id,
        at=at,
    )


def by_system(
    tenant: str, *, entry_id: str, action: str, resource: str, at: Moment, **changes: object
) -> AuditEntry:
    """The entry for something the platform did by itself."""
    return AuditEntry(
        id=entry_id,
        tenant=tenant,
        actor=SYSTEM,
        action=action,
        resource=resource,
        changes=changes,
        at=at,
    )


def changed(was: Entity, now: Entity, fields: Iterable[str]) -> dict[str, Any]:
    """What an entry says of a change: `field: [before, after]` for those of `fields` that differ.

    Of names, addresses and secrets it says only that they changed: `field: "changed"`.
    """
    before, after = was.model_dump(mode="json"), now.model_dump(mode="json")
    return {
        name: "changed" if name in _PRIVATE else [before[name], after[name]]
        for name in fields
        if before[name] != after[name]
    }
