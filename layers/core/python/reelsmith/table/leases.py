"""Leases in the table: `ports.Leases`.

A lease is one item. Its token only grows; the item is never deleted. Who finds it taken leaves a
mark on it, and who gives it back sees the mark: so no call for work is lost between a last look
and the giving back.
"""

from datetime import datetime, timedelta

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path

from reelsmith.errors import Stale, Unavailable
from reelsmith.ports import Lease
from reelsmith.table import keys
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import absent, add, assign, encode, stands, version

_LOOKS = 5  # the holder may give it back, and others take it, while we look


class LeaseTable:
    """`ports.Leases` on the single table; what each method promises is said there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, name: str, *, holder: str, seconds: int, at: datetime) -> Lease | None:
        """Take a lease that is free, over, or this holder's; None when it is somebody else's."""
        until = at + timedelta(seconds=seconds)
        for _ in range(_LOOKS):
            try:
                return self._taken(name, holder, until, at)
            except Refused:
                pass
            try:
                self._database.update(
                    keys.lease(name), [assign("asked", True)], expects=~_open(holder, at)
                )
            except Refused:
                continue  # given back, or over, in this very moment
            return None
        raise Unavailable("a lease is moving too fast")

    def renew(self, lease: Lease, *, seconds: int, at: datetime) -> Lease:
        """The same lease for longer. Raises Stale."""
        until = at + timedelta(seconds=seconds)
        try:
            self._database.update(
                keys.lease(lease.name),
                [assign("until", _ms(until))],
                expects=stands(token=lease.token),
            )
        except Refused as refused:
            raise Stale(f"the lease {lease.name} went to somebody else") from refused
        return Lease(lease.name, lease.holder, lease.token, until)

    def release(self, lease: Lease) -> bool:
        """Give a lease back; False when somebody asked for it meanwhile, and it is still held."""
        key, mine = keys.lease(lease.name), stands(token=lease.token)
        try:
            self._database.update(
                key, [assign("until", 0)], expects=mine & Path("asked").does_not_exist()
            )
        except Refused as refused:
            item = refused.stored["item"]
            if item is None or item["token"] != lease.token:
                return True
        else:
            return True
        try:
            self._database.update(key, [assign("asked", None)], expects=mine)
        except Refused:
            return True
        return False

    def _taken(self, name: str, holder: str, until: datetime, at: datetime) -> Lease:
        item = self._database.update(
            keys.lease(name),
            [
                *add({"token": 1}),
                assign("holder", holder),
                assign("until", _ms(until)),
                assign("asked", None),
                assign("et", "lease"),
                assign("sv", version("lease")),
            ],
            expects=_open(holder, at),
        )
        return Lease(name, holder, item["token"], until)


def is_mine(lease: Lease) -> Condition:
    """No other lease of this name was given out since."""
    return stands(token=lease.token)


def _open(holder: str, at: datetime) -> Condition:
    """Nobody has it, or its time is over, or it is this holder's own."""
    over: Condition = Path("until") <= encode(_ms(at))
    free: Condition = absent() | over | (Path("holder") == encode(holder))
    return free


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
