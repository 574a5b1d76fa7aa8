"""An audit entry: who did what to which thing, and what changed."""

from typing import Any

from pydantic import Field

from reelsmith.domain.model import Entity, Moment
from reelsmith.domain.people import Caller


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
