"""An export: all that is stored of a user, written to files page by page."""

from enum import StrEnum

from pydantic import Field

from reelsmith.domain.model import Entity, Moment, Sha256


class ExportStatus(StrEnum):
    """Where an export stands."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"


class Section(StrEnum):
    """What an export tells, in its order."""

    PROFILE = "profile"
    JOBS = "jobs"
    BATCHES = "batches"
    VIDEOS = "videos"
    ASSETS = "assets"
    KEYS = "keys"
    SESSIONS = "sessions"
    SHARES = "shares"
    USAGE = "usage"
    DEEDS = "deeds"  # audit entries by the user
    HISTORY = "history"  # audit entries about the user


class Part(Entity):
    """One file of an export: one JSON object a line."""

    name: str
    lines: int
    size_bytes: int
    sha256: Sha256


class Export(Entity):
    """What was asked for, and how far it is written. `owner` is the user whose data it holds."""

    id: str
    tenant: str
    owner: str
    asked_by: str
    status: ExportStatus = ExportStatus.QUEUED
    section: Section | None = Field(default=None, description="to be written next")
    after: str | None = Field(default=None, description="place in the section to go on after")
    parts: tuple[Part, ...] = ()
    counts: dict[str, int] = Field(default_factory=dict, description="lines of each section")
    manifest: Part | None = None
    version: int = 1
    created_at: Moment
    updated_at: Moment
    expires_at: Moment


def following(section: Section) -> Section | None:
    """The section after this one; None after the last."""
    order = list(Section)
    place = order.index(section) + 1
    return order[place] if place < len(order) else None
