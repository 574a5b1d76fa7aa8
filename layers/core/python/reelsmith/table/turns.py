"""What admission remembers: `ports.Turns`. A few small items in one partition."""

from datetime import datetime

from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from reelsmith.domain.admission import Service
from reelsmith.domain.paces import Pace, Paces
from reelsmith.errors import Stale
from reelsmith.ports import Lease
from reelsmith.table import keys
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, absent, assign, encode, stands, to_entity, version

_TRIES = 3


class TurnTable:
    """`ports.Turns` on the single table; what each method promises is said there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def paces(self) -> Paces:
        """What was measured, by name."""
        where = keys.pace()
        return {
            item[keys.SK].removeprefix(where.sk): to_entity(Pace, item)
            for item in self._database.query(where)
        }

    def note_pace(self, name: str, seconds: float) -> None:
        """Let the mean of a name follow what one more job took."""
        key = keys.pace(name)
        was = self._database.get(key)
        for _ in range(_TRIES):
            pace = to_entity(Pace, was).with_one_more(seconds) if was else Pace(seconds=seconds)
            expects = stands(jobs=was["jobs"]) if was else absent()
            try:
                self._database.update(key, _as_actions("pace", pace.model_dump()), expects=expects)
            except Refused as refused:
                was = refused.stored["item"]
            else:
                return

    def service(self) -> Service:
        """What tenants had lately, read consistently."""
        item = self._database.get(keys.service())
        if item is None:
            return Service.none()
        return Service(datetime.fromisoformat(item["as_of"]), item["seconds"])

    def save_service(self, service: Service, *, lease: Lease) -> None:
        """Remember what tenants had. Raises Stale."""
        held = {
            "as_of": service.as_of.isoformat(),
            "seconds": {tenant: round(had, 1) for tenant, had in service.seconds.items()},
            "token": lease.token,
        }
        newer = Path("token") <= encode(lease.token)
        try:
            self._database.update(
                keys.service(), _as_actions("service", held), expects=absent() | newer
            )
        except Refused as refused:
            raise Stale(f"the lease {lease.name} went to somebody else") from refused


def _as_actions(et: str, held: Item) -> list[Action]:
    return [assign(name, value) for name, value in (held | {"et": et, "sv": version(et)}).items()]
