"""The latest forecast of this process: many callers ask for their place at about one time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from reelsmith.domain.forecasts import Turn

_GOOD_FOR = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What was foreseen at a moment: the turns of waiting jobs by their ids.

    `measured` says whether the time that jobs take was known for all of them, `whole` whether
    all that wait were looked at.
    """

    at: datetime
    turns: Mapping[str, Turn] = field(default_factory=dict)
    slot_free: bool = False
    measured: bool = True
    whole: bool = True


class Board:
    """Where it stands."""

    def __init__(self) -> None:
        self._latest: Outlook | None = None

    def latest(self, at: datetime) -> Outlook | None:
        """What was foreseen a moment ago; None when that is too long ago."""
        seen = self._latest
        return seen if seen and timedelta(0) <= at - seen.at < _GOOD_FOR else None

    def put_up(self, outlook: Outlook) -> Outlook:
        """Replace what stands there."""
        self._latest = outlook
        return outlook
