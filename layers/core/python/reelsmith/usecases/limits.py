"""How often callers may ask.

A caller's key (or session) and its tenant each have a bucket of tokens in the table; who asks
without a credential has one by address. A process takes up to `LEASE_MOST` tokens of a bucket at
a time and gives them out itself, so that a busy caller's request costs about 0.15 units of the
table rather than 3. The price is a bounded overshoot: in t seconds a bucket lets pass at most
burst + rate * t requests, and what its processes had leased before, `LEASE_MOST` each. An empty
bucket is not asked again before its time.

A table that does not answer lets everybody pass: a limiter must not take the service down.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import TypeVar

from reelsmith.domain.people import Caller
from reelsmith.errors import NotFound, TooMany, Unavailable
from reelsmith.ports import Deps
from reelsmith.telemetry import MetricUnit, measure

LEASE_MOST = 20
LIMITS_LAST = timedelta(seconds=60)
"""How old the limits of a tenant may be that a process goes by."""

_BURST_SHARE = 6  # a bucket holds what comes in ten seconds
_LEASE_SHARE = 10  # and one process takes no more than a tenth of it
_NotedT = TypeVar("_NotedT")
_REMEMBERED = 1000  # buckets and tenants that a process keeps in mind


@dataclass(frozen=True, slots=True)
class Standing:
    """How a bucket stands: requests that are left in it, seconds until it is full."""

    name: str
    per_minute: int
    left: int
    full_in_s: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request passes: now, or when it comes again after `wait_s`."""

    standings: tuple[Standing, ...] = ()
    wait_s: float = 0.0

    def enforce(self) -> None:
        """Raises TooMany unless the request passes."""
        if self.wait_s > 0:
            raise TooMany(
                f"more than {self.standings[-1].per_minute} requests a minute",
                retry_after_s=self.wait_s,
            )


@dataclass(slots=True)
class _Lease:
    """Tokens in hand, how many the bucket still had, and until when it is known to be empty."""

    tokens: int = 0
    left: int = 0
    empty_until: datetime | None = None


@dataclass(slots=True)
class Book:
    """What a process keeps in mind between requests: leases, and the limits of tenants."""

    leases: OrderedDict[str, _Lease] = field(default_factory=OrderedDict)
    rates: OrderedDict[str, tuple[datetime, int]] = field(default_factory=OrderedDict)


@dataclass(frozen=True, slots=True)
class _Bucket:
    name: str
    place: str
    per_minute: int
    tenant: str | None = None
    owner: str | None = None

    @property
    def burst(self) -> int:
        return max(1, self.per_minute // _BURST_SHARE)

    @property
    def lease(self) -> int:
        return max(1, min(LEASE_MOST, self.burst // _LEASE_SHARE))


def ask(deps: Deps, book: Book, *, caller: Caller, cost: int = 1) -> Verdict:
    """Whether a caller's request passes: by its key's limit, then by its tenant's."""
    try:
        rate = _rate(deps, book, caller.tenant)
    except (NotFound, Unavailable):
        return Verdict()
    held = caller.key_id or caller.session_id or caller.owner
    key = _Bucket("key", f"key {held}", rate, caller.tenant, caller.owner)
    return _first_refusal(deps, book, (key, _Bucket("tenant", "all", rate, caller.tenant)), cost)


def ask_openly(deps: Deps, book: Book, *, address: str, door: str, per_minute: int) -> Verdict:
    """Whether a request without a credential passes, by its address; each door counts alone."""
    bucket = _Bucket("address", f"{door} {address}", max(1, per_minute))
    return _first_refusal(deps, book, (bucket,), 1)


def _rate(deps: Deps, book: Book, tenant: str) -> int:
    """Requests a minute of a tenant, as they were at most `LIMITS_LAST` ago."""
    now = deps.now()
    known = book.rates.get(tenant)
    if known is None or now - known[0] >= LIMITS_LAST:
        known = now, max(1, deps.people.tenant(tenant).max_requests_per_minute)
        _remember(book.rates, tenant, known)
    return known[1]


def _first_refusal(deps: Deps, book: Book, buckets: tuple[_Bucket, ...], cost: int) -> Verdict:
    standings: tuple[Standing, ...] = ()
    for bucket in buckets:
        lease = book.leases.setdefault(f"{bucket.tenant} {bucket.place}", _Lease())
        _remember(book.leases, f"{bucket.tenant} {bucket.place}", lease)
        wait_s = _spend(deps, lease, bucket, cost)
        standings = (*standings, _standing(lease, bucket))
        if wait_s:
            return Verdict(standings, wait_s)
    return Verdict(standings)


def _spend(deps: Deps, lease: _Lease, bucket: _Bucket, cost: int) -> float:
    """Take tokens from a lease, renewed when they do not suffice; else the seconds to wait."""
    now = deps.now()
    if lease.empty_until and now < lease.empty_until:
        return (lease.empty_until - now).total_seconds()
    if lease.tokens < cost:
        wait_s = _renew(deps, lease, bucket, cost, now)
        if lease.tokens < cost:
            missing_s = (cost - lease.tokens) * 60 / bucket.per_minute
            wait_s = wait_s or missing_s
            lease.empty_until = now + timedelta(seconds=wait_s)
            return wait_s
    lease.tokens -= cost
    return 0.0


def _renew(deps: Deps, lease: _Lease, bucket: _Bucket, cost: int, now: datetime) -> float:
    """Lease more tokens; 0.0, or the seconds until there are any."""
    most = max(bucket.lease, cost)
    try:
        drawn = deps.limits.draw(
            bucket.place,
            per_minute=bucket.per_minute,
            burst=bucket.burst,
            at=now,
            most=most,
            tenant=bucket.tenant,
        )
        lease.tokens += drawn.tokens
        lease.left = drawn.left
        if bucket.owner and bucket.tenant and drawn.tokens:
            deps.usage.called(bucket.tenant, bucket.owner, calls=drawn.tokens, at=now)
    except Unavailable:
        measure("LimiterAway", 1, MetricUnit.Count)
        lease.tokens = max(lease.tokens, most)
        return 0.0
    return drawn.wait_s


def _standing(lease: _Lease, bucket: _Bucket) -> Standing:
    left = min(lease.tokens + lease.left, bucket.burst)
    full_in_s = ceil((bucket.burst - left) * 60 / bucket.per_minute)
    return Standing(bucket.name, bucket.per_minute, left, full_in_s)


def _remember(known: OrderedDict[str, _NotedT], name: str, noted: _NotedT) -> None:
    known[name] = noted
    known.move_to_end(name)
    while len(known) > _REMEMBERED:
        known.popitem(last=False)
