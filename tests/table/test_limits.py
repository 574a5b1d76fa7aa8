"""Token buckets and windows: never more than they allow, whoever takes, whenever."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reelsmith.errors import Invalid
from tests.aws import a_table
from tests.builders import EPOCH, TENANT
from tests.table.metering import Meter

MODEST = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def limits(table):
    return table.repositories.limits


class PlainBucket:
    """A bucket as everybody draws it: so many tokens, some more with each second."""

    def __init__(self, per_minute, burst):
        self.rate, self.burst = Fraction(per_minute, 60), burst
        self.tokens, self.seen = Fraction(burst), EPOCH

    def at(self, moment):
        gone = Fraction(round((moment - self.seen).total_seconds() * 1_000_000), 1_000_000)
        self.tokens = min(Fraction(self.burst), self.tokens + gone * self.rate)
        self.seen = moment
        return self.tokens


@MODEST
@given(
    per_minute=st.integers(1, 100_000),
    burst=st.integers(1, 300),
    events=st.lists(
        st.tuples(st.integers(0, 30_000_000), st.integers(1, 40)), min_size=1, max_size=25
    ),
)
def test_a_bucket_gives_what_a_plain_one_would(per_minute, burst, events):
    with a_table() as table:
        plain, now = PlainBucket(per_minute, burst), EPOCH
        drift = Fraction(1, 1000)  # each token costs up to a microsecond more than it must
        for pause, most in events:
            now += timedelta(microseconds=pause)
            there = plain.at(now)
            drawn = table.repositories.limits.draw(
                "b", per_minute=per_minute, burst=burst, at=now, most=most
            )
            assert drawn.tokens <= min(most, there)
            assert drawn.tokens >= min(most, int(there - drift * burst * per_minute / 60_000))
            assert (drawn.wait_s == 0) == (drawn.tokens > 0)
            plain.tokens -= drawn.tokens


def test_after_a_silence_a_bucket_is_full_and_no_fuller(limits):
    shape = {"per_minute": 60, "burst": 10}
    assert limits.draw("b", **shape, at=EPOCH, most=99).tokens == 10
    assert limits.take("b", **shape, at=EPOCH) == 1.0

    later = EPOCH + timedelta(days=3)

    assert limits.draw("b", **shape, at=later, most=99).tokens == 10
    assert limits.draw("b", **shape, at=later, most=99).tokens == 0


def test_who_waits_as_long_as_told_is_served(limits):
    shape, now, dice = {"per_minute": 7, "burst": 3}, EPOCH, Random(4)
    for _ in range(30):
        tokens = dice.randint(1, 3)
        wait = limits.take("b", **shape, at=now, tokens=tokens)
        if wait:
            now += timedelta(seconds=wait) + timedelta(microseconds=1)
            assert limits.take("b", **shape, at=now, tokens=tokens) == 0


def test_a_hundred_takers_at_once_get_what_is_there_and_no_more(limits):
    shape = {"per_minute": 60, "burst": 25, "at": EPOCH}
    with ThreadPoolExecutor(16) as pool:
        waits = list(pool.map(lambda _: limits.take("b", **shape), range(100)))
    assert waits.count(0.0) == 25


def test_more_than_a_bucket_holds_is_refused_by_name(limits):
    with pytest.raises(Invalid, match="never holds 4"):
        limits.take("b", per_minute=60, burst=3, at=EPOCH, tokens=4)


def test_buckets_of_two_tenants_and_of_nobody_are_three(limits, table):
    for tenant in (TENANT, "ten_other", None):
        drawn = limits.draw("b", per_minute=60, burst=5, at=EPOCH, most=5, tenant=tenant)
        assert drawn.tokens == 5
    assert sum(row.get("et") == "bucket" for row in table.items()) == 3


def test_a_warm_bucket_costs_one_unit_and_a_first_one_as_well(limits, table):
    table.database.hook = meter = Meter(table.database)
    limits.take("b", per_minute=60, burst=10, at=EPOCH)
    assert meter.writes == 1
    limits.take("b", per_minute=60, burst=10, at=EPOCH + timedelta(seconds=50))
    assert (meter.writes, meter.reads) == (2, 0)


def test_a_window_counts_what_falls_into_it(limits):
    def count(seconds):
        return limits.count("w", at=EPOCH + timedelta(seconds=seconds), seconds=60)

    assert [count(0), count(1), count(59)] == [1, 2, 3]
    assert limits.counted("w", at=EPOCH + timedelta(seconds=59), seconds=60) == 3
    assert limits.counted("w", at=EPOCH + timedelta(seconds=60), seconds=60) == 0
    assert [count(60), count(61)] == [1, 2]


@MODEST
@given(st.lists(st.tuples(st.integers(0, 50), st.sampled_from("abcdef")), min_size=1, max_size=20))
def test_a_window_of_members_counts_each_once(events):
    with a_table() as table:
        limits, now = table.repositories.limits, 0
        since, seen = None, set()
        for pause, member in events:
            now += pause
            if since is None or now - since >= 60:
                since, seen = now, set()
            seen.add(member)
            at = EPOCH + timedelta(seconds=now)
            assert limits.count("w", at=at, seconds=60, member=member) == len(seen)
            assert limits.counted("w", at=at, seconds=60) == len(seen)


def test_a_window_of_members_stays_small(limits, table):
    counted = [limits.count("w", at=EPOCH, seconds=60, member=f"10.0.0.{n}") for n in range(130)]
    assert (counted[99], counted[-1]) == (100, 100)
    (row,) = [row for row in table.items() if row.get("et") == "window"]
    assert len(row["members"]) == 100


def test_counters_of_a_window_lose_nobody(limits):
    with ThreadPoolExecutor(16) as pool:
        counted = list(
            pool.map(lambda _: limits.count("w", at=EPOCH, seconds=60, tenant=TENANT), range(60))
        )
    assert sorted(counted) == list(range(1, 61))


def test_what_a_limit_is_named_for_is_not_in_the_table(limits, table):
    limits.take("sign-in 203.0.113.7", per_minute=60, burst=10, at=EPOCH)
    limits.count("used key_1", at=EPOCH, seconds=60, member="203.0.113.7", tenant=TENANT)
    assert "203.0.113.7" not in str(table.items())


def test_buckets_and_windows_go_by_themselves(limits, table):
    limits.take("b", per_minute=60, burst=10, at=EPOCH)
    limits.count("w", at=EPOCH, seconds=600)
    ends = {
        row["et"]: row["ttl"] for row in table.items() if row.get("et") in {"bucket", "window"}
    }
    now = int(EPOCH.timestamp())
    assert now < ends["bucket"] <= now + 400
    assert now + 600 < ends["window"] <= now + 1000
