"""What callers see of the audit journal."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from reelsmith.domain.audit import AuditEntry


class EntryView(BaseModel):
    """Who did what to which thing, when and from where."""

    id: str
    at: datetime
    actor: str = Field(description="id of a user; `system` for what the platform did by itself")
    action: str = Field(description="as `job.created`", examples=["job.created"])
    resource: str = Field(description="id of the thing")
    changes: dict[str, Any] = Field(
        description="facts of the deed; a field that changed as `[before, after]`",
        examples=[{"access": ["private", "public"]}],
    )
    ip: str
    user_agent: str
    request_id: str

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        """As callers see it."""
        return cls.model_validate(entry.model_dump(exclude={"tenant"}))


class EntryPage(BaseModel):
    """Entries, newest first. A page may be short, or empty, and not be the last one."""

    data: tuple[EntryView, ...]
    next_cursor: str | None
    has_more: bool
