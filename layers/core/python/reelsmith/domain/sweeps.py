"""What the sweep looks for, and what it remembers from one round to the next."""

from enum import StrEnum

from pydantic import Field

from reelsmith.domain.model import Entity, Moment


class Repair(StrEnum):
    """What was found half-done or broken, and mended. The journal says `sweep.<repair>`."""

    UNSTARTED = "unstarted"
    RUN_OVER = "run_over"
    SILENT = "silent"
    FILM_MISSING = "film_missing"
    FILM_FOUND = "film_found"
    FILM_UNOWNED = "film_unowned"


class Watched(Entity):
    """How far a job was, and since when it is seen to be there: by the sweep's own clock."""

    mark: str
    since: Moment


class Memory(Entity):
    """What is remembered. Losing it costs time only.

    A pass over the films begins once a day. While one goes on, `tenant` says how far it is: that
    one and those before it are done, or of that one all videos up to `video`.
    """

    watched: dict[str, Watched] = Field(default_factory=dict)
    pass_begun_at: Moment | None = None
    tenant: str | None = None
    video: str = ""
    version: int = 0
