"""All repositories of one table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from reelsmith.table.assets import AssetTable
from reelsmith.table.batches import BatchTable
from reelsmith.table.credentials import CredentialTable
from reelsmith.table.database import Database
from reelsmith.table.deliveries import DeliveryTable
from reelsmith.table.erasure import ErasureTable
from reelsmith.table.events import EventTable
from reelsmith.table.exports import ExportTable
from reelsmith.table.items import bind
from reelsmith.table.jobs import JobTable
from reelsmith.table.journal import JournalTable
from reelsmith.table.leases import LeaseTable
from reelsmith.table.limits import LimitTable
from reelsmith.table.people import PeopleTable
from reelsmith.table.shares import ShareTable
from reelsmith.table.sweeps import SweepTable
from reelsmith.table.turns import TurnTable
from reelsmith.table.usage import UsageTable
from reelsmith.table.users import UserTable
from reelsmith.table.videos import VideoTable
from reelsmith.table.webhooks import WebhookTable


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Repositories:
    """What `ports.Deps` asks of the table."""

    jobs: JobTable
    batches: BatchTable
    leases: LeaseTable
    turns: TurnTable
    sweeps: SweepTable
    assets: AssetTable
    videos: VideoTable
    people: PeopleTable
    users: UserTable
    credentials: CredentialTable
    shares: ShareTable
    journal: JournalTable
    limits: LimitTable
    usage: UsageTable
    erasure: ErasureTable
    exports: ExportTable
    events: EventTable
    webhooks: WebhookTable
    deliveries: DeliveryTable

    @classmethod
    def on(
        cls,
        database: Database,
        *,
        pepper: Callable[[], bytes],
        now: Callable[[], datetime] = _utc_now,
    ) -> Self:
        """The repositories of a bound table. `now` decides what has expired."""
        users = UserTable(database, pepper=pepper)
        return cls(
            jobs=JobTable(database, now=now),
            batches=BatchTable(database, now=now),
            leases=LeaseTable(database),
            turns=TurnTable(database),
            sweeps=SweepTable(database),
            assets=AssetTable(database, now=now),
            videos=VideoTable(database),
            people=PeopleTable(database),
            users=users,
            credentials=CredentialTable(database),
            shares=ShareTable(database),
            journal=JournalTable(database),
            limits=LimitTable(database),
            usage=UsageTable(database),
            erasure=ErasureTable(database, users=users),
            exports=ExportTable(database),
            events=EventTable(database),
            webhooks=WebhookTable(database),
            deliveries=DeliveryTable(database),
        )


def open_table(
    name: str,
    *,
    pepper: Callable[[], bytes],
    region: str | None = None,
    endpoint: str | None = None,
    now: Callable[[], datetime] = _utc_now,
) -> Repositories:
    """The repositories of the table of this name, with one client.

    `pepper` keys the markers of unique names. Left out, region and endpoint come from the
    environment as botocore reads it.
    """
    database = Database(bind(name, region=region, endpoint=endpoint))
    return Repositories.on(database, pepper=pepper, now=now)
