"""Statistics in the table: `ports.Usage`, and the rows of single days.

A user's day is an item of its own, changed in the transactions that count jobs and films, and
kept as long as the journal. The rows of a tenant stand by day, so that a span of days is one
query; a single user's are named outright.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from pynamodb.expressions.update import Action

from reelsmith.domain.audit import RETENTION
from reelsmith.domain.quotas import Used, day_of
from reelsmith.domain.usage import DayOfUse, Figures, LifeOfUse
from reelsmith.errors import NotFound
from reelsmith.table import keys, quotas
from reelsmith.table.database import Database
from reelsmith.table.items import Item, absent, add, assign, version
from reelsmith.table.transactions import Transaction

_OF_DAYS = ("jobs", "n_completed", "n_failed", "n_cancelled", "out_ms", "out_bytes", "calls")


class UsageTable:
    """`ports.Usage` on the single table; what each method promises is said there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def used(self, tenant: str, *, at: datetime) -> Used:
        """What counts against the quotas of a tenant at a moment. Raises NotFound."""
        return quotas.used(self._stored(keys.usage(tenant), f"no tenant {tenant}"), at)

    def life(self, tenant: str, owner: str | None = None) -> LifeOfUse:
        """What a tenant, or one user of it, has made so far. Raises NotFound."""
        key = keys.user_usage(tenant, owner) if owner else keys.usage(tenant)
        usage = self._stored(key, f"no user {owner}" if owner else f"no tenant {tenant}")
        return LifeOfUse(
            figures=_figures(usage),
            active=usage["active"],
            files=usage["files"],
            stored_bytes=usage.get("bytes"),
        )

    def days(
        self, tenant: str, *, first: str, last: str, owner: str | None = None
    ) -> Sequence[DayOfUse]:
        """Day by day, of all users or of one; days without use are left out."""
        if owner:
            wanted = [keys.usage_on(tenant, day, owner) for day in _from_to(first, last)]
            found = self._database.get_many(wanted)
            return tuple(_day(found[key]) for key in wanted if key in found)
        where, until = keys.usage_days(tenant, first, last)
        return tuple(map(_day, self._database.query(where, until=until)))

    def called(self, tenant: str, owner: str, *, calls: int, at: datetime) -> None:
        """Note calls of the API."""
        key = keys.usage_on(tenant, day_of(at), owner)
        whatever = absent() | ~absent()
        self._database.update(key, _on_day(owner, {"calls": calls}, at), expects=whatever)

    def _stored(self, key: keys.Key, nothing: str) -> Item:
        usage = self._database.get(key)
        if usage is None:
            raise NotFound(nothing)
        return usage


def count_day(
    transaction: Transaction, tenant: str, owner: str, by: Mapping[str, int], *, at: datetime
) -> None:
    """Count what a user made in the row of the day. What is taken back stays counted there."""
    told = {name: amount for name, amount in by.items() if name in _OF_DAYS and amount > 0}
    if told:
        key = keys.usage_on(tenant, day_of(at), owner)
        transaction.update("day", key, *_on_day(owner, told, at), expects=None)


def _on_day(owner: str, by: Mapping[str, int], at: datetime) -> list[Action]:
    """What changes the row of a day, or makes it: it need not be there."""
    ends = int((at + RETENTION).timestamp()) // 86_400 * 86_400
    fixed = {"et": "day", "sv": version("day"), "owner": owner, "day": day_of(at), keys.TTL: ends}
    return [*add(by), *(assign(name, value) for name, value in fixed.items())]


def _day(item: Item) -> DayOfUse:
    return DayOfUse(day=item["day"], owner=item["owner"], figures=_figures(item))


def _figures(item: Item) -> Figures:
    return Figures(
        jobs=item.get("jobs", 0),
        completed=item.get("n_completed", 0),
        failed=item.get("n_failed", 0),
        cancelled=item.get("n_cancelled", 0),
        output_seconds=item.get("out_ms", 0) / 1000,
        output_bytes=item.get("out_bytes", 0),
        api_calls=item.get("calls", 0),
    )


def _from_to(first: str, last: str) -> list[str]:
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    return [(begin + timedelta(days=n)).isoformat() for n in range((end - begin).days + 1)]
