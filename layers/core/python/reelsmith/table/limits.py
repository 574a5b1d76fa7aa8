"""Token buckets and windows in the table: `ports.Limits`.

A bucket is one number (GCRA, ITU-T I.371): the moment at which it will be full again. Taking a
token moves that moment on by what a token takes to come back. It is moved by one of two updates,
each of which says what it expects: from where it stands, or from now when it has passed. So no
update overwrites another's, and nothing is read first.
"""

import hashlib
from datetime import datetime, timedelta

from pynamodb.expressions.condition import Condition, size
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from reelsmith.errors import Invalid, Unavailable
from reelsmith.ports import Draw
from reelsmith.table import keys
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import (
    AttributeValue,
    Item,
    absent,
    add,
    assign,
    encode,
    stands,
    version,
)
from reelsmith.table.keys import Key

_MICRO = 1_000_000
_MINUTE = 60 * _MICRO
_LOOKS = 8  # others may move a bucket between a refusal and the next try
_HINTS = 1000
_MEMBERS = 100  # a window of distinct members stays well below 4 kB
_LINGERS = timedelta(minutes=5)  # after its time, in case clocks differ


class LimitTable:
    """`ports.Limits` on the single table; what each method promises is said there."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[Key, int] = {}
        """When buckets will be full, as last seen: only a hint which update to try first."""

    def take(
        self,
        bucket: str,
        *,
        per_minute: int,
        burst: int,
        at: datetime,
        tokens: int = 1,
        tenant: str | None = None,
    ) -> float:
        """Take tokens; 0.0, or the seconds until they would be there. Raises Invalid."""
        if tokens > burst:
            raise Invalid(f"a bucket of {burst} never holds {tokens}")
        shape = _Bucket(keys.limit(bucket, tenant), per_minute, burst, _micro(at))
        return self._draw(shape, least=tokens, most=tokens).wait_s

    def draw(
        self,
        bucket: str,
        *,
        per_minute: int,
        burst: int,
        at: datetime,
        most: int,
        tenant: str | None = None,
    ) -> Draw:
        """Take as many tokens as there are, up to `most`."""
        shape = _Bucket(keys.limit(bucket, tenant), per_minute, burst, _micro(at))
        return self._draw(shape, least=1, most=min(most, burst))

    def count(
        self,
        window: str,
        *,
        at: datetime,
        seconds: int,
        member: str | None = None,
        tenant: str | None = None,
    ) -> int:
        """Count one more; how many in the window's running `seconds`."""
        key, now = keys.limit(window, tenant), _micro(at)
        over = Path("since") <= encode(now - seconds * _MICRO)
        for _ in range(_LOOKS):
            try:
                return _held(
                    self._database.update(key, [_one_more(member)], expects=_room(over, member))
                )
            except Refused as refused:
                if _runs(refused.stored["item"], now, seconds):
                    return _MEMBERS
            try:
                begun = [assign("since", now), *_first(member)]
                begun += _envelope("window", now + seconds * _MICRO)
                return _held(self._database.update(key, begun, expects=absent() | over))
            except Refused:
                continue  # somebody else began it just now
        raise Unavailable("a window is moving too fast")

    def counted(
        self, window: str, *, at: datetime, seconds: int, tenant: str | None = None
    ) -> int:
        """How many a window holds, without counting."""
        item = self._database.get(keys.limit(window, tenant))
        return _held(item) if item and _runs(item, _micro(at), seconds) else 0

    def _draw(self, bucket: "_Bucket", *, least: int, most: int) -> Draw:
        full_at = self._seen.get(bucket.key, 0)
        for _ in range(_LOOKS):
            tokens = min(most, bucket.holds(full_at))
            if tokens < least:
                return Draw(0, tokens, bucket.wait_s(full_at, least))
            try:
                item = self._database.update(
                    bucket.key,
                    bucket.without(tokens, full_at),
                    expects=bucket.allows(tokens, full_at),
                )
            except Refused as refused:
                stored = refused.stored["item"]
                full_at = stored["full_at"] if stored else 0
            else:
                self._note(bucket.key, item["full_at"])
                return Draw(tokens, bucket.holds(item["full_at"]), 0.0)
        raise Unavailable("a bucket is moving too fast")

    def _note(self, key: Key, full_at: int) -> None:
        if len(self._seen) >= _HINTS:
            self._seen.clear()
        self._seen[key] = full_at


class _Bucket:
    """A bucket's key, its shape and the moment; all times are microseconds since 1970."""

    def __init__(self, key: Key, per_minute: int, burst: int, now: int) -> None:
        self.key = key
        self._per_minute, self._burst, self._now = per_minute, burst, now
        self._patience = self._cost(burst)  # an empty bucket is full after this

    def holds(self, full_at: int) -> int:
        """Whole tokens that are in it, when it will be full at that moment."""
        missing = max(0, full_at - self._now)
        held = (self._patience - missing) * self._per_minute // _MINUTE
        return min(self._burst, max(0, held))

    def wait_s(self, full_at: int, tokens: int) -> float:
        """Seconds until so many tokens are in it."""
        return (full_at + self._cost(tokens) - self._patience - self._now) / _MICRO

    def without(self, tokens: int, full_at: int) -> list[Action]:
        """What takes tokens out of it."""
        cost = self._cost(tokens)
        ends = _envelope("bucket", max(full_at, self._now) + self._patience)
        if full_at > self._now:
            return [*add({"full_at": cost}), *ends]
        return [assign("full_at", self._now + cost), *ends]

    def allows(self, tokens: int, full_at: int) -> Condition:
        """When that may be done: from what kind of moment on, and while there are so many."""
        if full_at <= self._now:
            full: Condition = absent() | (Path("full_at") <= encode(self._now))
            return full
        latest = self._now + self._patience - self._cost(tokens)
        enough: Condition = Path("full_at") > encode(self._now)
        enough &= Path("full_at") <= encode(latest)
        return enough

    def _cost(self, tokens: int) -> int:
        return -(-tokens * _MINUTE // self._per_minute)


def _envelope(et: str, ends: int) -> list[Action]:
    ttl = ends // _MICRO + int(_LINGERS.total_seconds())
    return [assign("et", et), assign("sv", version(et)), assign(keys.TTL, ttl)]


def _room(over: Condition, member: str | None) -> Condition:
    """The window runs, and has room for one more if its members are counted."""
    runs: Condition = stands() & ~over
    return runs if member is None else runs & (size("members") < encode(_MEMBERS))


def _one_more(member: str | None) -> Action:
    return Path("n").add(encode(1)) if member is None else Path("members").add(_set_of(member))


def _first(member: str | None) -> list[Action]:
    if member is None:
        return [assign("n", 1), assign("members", None)]
    return [Path("members").set(_set_of(member)), assign("n", None)]


def _set_of(member: str) -> AttributeValue:
    """A member as a set; hashed, since members are addresses."""
    return {"SS": [hashlib.sha256(member.encode()).hexdigest()[:16]]}


def _held(item: Item) -> int:
    return len(item["members"]) if "members" in item else int(item.get("n", 0))


def _runs(item: Item | None, now: int, seconds: int) -> bool:
    return item is not None and item["since"] > now - seconds * _MICRO


def _micro(at: datetime) -> int:
    return round(at.timestamp() * _MICRO)
