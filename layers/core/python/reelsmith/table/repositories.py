"""All repositories of one table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from reelsmith.table.assets import AssetTable
from reelsmith.table.database import Database
from reelsmith.table.items import bind
from reelsmith.table.jobs import JobTable
from reelsmith.table.people import PeopleTable
from reelsmith.table.videos import VideoTable


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Repositories:
    """What `ports.Deps` asks of the table."""

    jobs: JobTable
    assets: AssetTable
    videos: VideoTable
    people: PeopleTable

    @classmethod
    def on(cls, database: Database, *, now: Callable[[], datetime] = _utc_now) -> Self:
        """The repositories of a bound table. `now` decides what has expired."""
        return cls(
            jobs=JobTable(database, now=now),
            assets=AssetTable(database, now=now),
            videos=VideoTable(database),
            people=PeopleTable(database),
        )


def open_table(
    name: str,
    *,
    region: str | None = None,
    endpoint: str | None = None,
    now: Callable[[], datetime] = _utc_now,
) -> Repositories:
    """The repositories of the table of this name, with one client.

    Left out, region and endpoint come from the environment as botocore reads it.
    """
    return Repositories.on(Database(bind(name, region=region, endpoint=endpoint)), now=now)
