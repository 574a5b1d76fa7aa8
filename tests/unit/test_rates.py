"""How often callers may ask, and what it costs to find out."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reelsmith.domain.people import Role
from reelsmith.errors import TooMany, Unavailable
from reelsmith.usecases import limits, people
from reelsmith.usecases.limits import LEASE_MOST, Book
from tests.builders import EPOCH, OWNER, TENANT, a_caller, a_key, an_entry
from tests.calling import NOBODY, Api
from tests.table.metering import Meter
from tests.world import a_world

RATE, BURST = 600, 100
HERE = a_caller()


@pytest.fixture
def world():
    with a_world() as made:
        set_rate(made, RATE)
        yield made


@pytest.fixture
def api(world):
    return Api(world.deps)


def set_rate(world, per_minute):
    limits_ = {"max_requests_per_minute": per_minute}
    people.set_limits(world.deps, tenant_id=TENANT, limits=limits_)


def passes(world, book, caller=HERE):
    return limits.ask(world.deps, book, caller=caller).wait_s == 0


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 2), st.integers(1, 60)), max_size=15)
)
def test_no_span_of_time_lets_pass_more_than_it_may(bursts):
    """Three processes, requests in bursts: in every span burst + rate * t, and their leases."""
    with a_world() as world:
        set_rate(world, RATE)
        books, passed = [Book() for _ in range(3)], []
        for pause_ms, process, requests in bursts:
            world.later(milliseconds=pause_ms)
            passed += [world.clock.at for _ in range(requests) if passes(world, books[process])]
        leased = len(books) * (BURST // 10 - 1)
        for n, begin in enumerate(passed):
            for m in range(n, len(passed)):
                seconds = (passed[m] - begin).total_seconds()
                assert m - n + 1 <= BURST + RATE / 60 * seconds + leased


def test_after_a_silence_a_caller_has_its_whole_burst(world):
    book = Book()
    for _ in range(3):
        assert sum(passes(world, book) for _ in range(BURST + 50)) == BURST
        world.later(hours=1)


def test_two_keys_of_a_tenant_share_what_the_tenant_has(world):
    book, other = Book(), a_caller(key_id="another")
    mine = sum(passes(world, book) for _ in range(BURST - 10))
    theirs = sum(passes(world, book, other) for _ in range(BURST))
    assert (mine, mine + theirs) == (BURST - 10, BURST)


def test_who_asks_too_often_is_told_when_to_come_again(world, api):
    answers = [api("GET", "/v1/jobs") for _ in range(BURST + 1)]
    status, problem, head = answers[-1]
    assert {answer[0] for answer in answers[:-1]} == {200}
    assert (status, problem["code"], problem["retryable"]) == (429, "rate_limited", True)
    assert head["Retry-After"] == "1"
    assert head["RateLimit"] == '"key";r=0;t=10'
    world.later(seconds=1)
    assert api("GET", "/v1/jobs")[0] == 200


def test_every_answer_says_how_the_caller_stands(api):
    for path, status in (("/v1/jobs", 200), ("/v1/jobs/job_none", 404), ("/v1/audit", None)):
        seen, _, head = api("GET", path)
        assert seen == status or status is None
        if status:
            assert head["RateLimit-Policy"] == '"key";q=600;w=60, "tenant";q=600;w=60'
            assert head["RateLimit"].startswith('"key";r=')
    assert "RateLimit" not in api("GET", "/v1/nowhere")[2]


def test_a_flood_costs_the_table_nothing(world):
    book = Book()
    while passes(world, book):
        pass
    world.table.database.hook = meter = Meter(world.table.database)
    assert not any(passes(world, book) for _ in range(200))
    assert (meter.writes, meter.reads) == (0, 0)


def test_a_busy_caller_s_request_costs_a_seventh_of_a_unit(world):
    set_rate(world, 6000)
    book = Book()
    passes(world, book)
    world.table.database.hook = meter = Meter(world.table.database)
    for _ in range(20 * LEASE_MOST):
        assert passes(world, book)
    assert meter.writes / (20 * LEASE_MOST) == pytest.approx(0.15)
    assert meter.reads == 0


def test_calls_are_counted_by_day_and_user_to_within_a_lease(world, api):
    for _ in range(25):
        api("GET", "/v1/jobs")
    (day,) = world.deps.usage.days(TENANT, first="2030-01-01", last="2030-01-01", owner=OWNER)
    assert 25 <= day.figures.api_calls < 25 + LEASE_MOST


def test_a_table_that_does_not_answer_stops_nobody(world, capsys):
    book = Book()
    assert passes(world, book)

    def away(operation, arguments, send):
        raise Unavailable("the table is busy")

    world.table.database.hook = away
    assert all(passes(world, book) for _ in range(3 * BURST))
    assert '"LimiterAway"' in capsys.readouterr().out
    assert passes(world, Book())  # nor where the tenant's limits are not known yet


def test_without_a_credential_addresses_have_buckets_of_their_own():
    with a_world(open_requests_per_minute=60, sign_ins_per_minute=12) as world:
        api = Api(world.deps)
        seen = [api("GET", "/v1/health", who=NOBODY)[0] for _ in range(12)]
        assert seen == [200] * 10 + [429] * 2
        wrong = {"username": "nobody", "password": "wrong password"}
        tried = [api("POST", "/v1/sessions", wrong, who=NOBODY)[0] for _ in range(4)]
        assert tried == [401, 401, 429, 429]
        assert api("GET", "/v1/jobs")[0] == 200
        verdict = limits.ask_openly(
            world.deps, Book(), address="198.51.100.9", door="open", per_minute=60
        )
        assert verdict.wait_s == 0


def test_changed_limits_hold_in_every_process_within_a_minute(world):
    book = Book()
    assert passes(world, book)
    set_rate(world, 6)
    world.later(seconds=59)
    assert sum(passes(world, book) for _ in range(30)) == 30
    world.later(seconds=1)
    while passes(world, book):
        pass
    with pytest.raises(TooMany, match="6 requests a minute"):
        limits.ask(world.deps, book, caller=HERE).enforce()
    assert sum(passes(world, Book()) for _ in range(30)) <= 1


def test_what_is_read_for_the_limits_is_read_once_a_minute(world):
    book = Book()
    world.table.database.hook = meter = Meter(world.table.database)
    for _ in range(5):
        passes(world, book)
    assert meter.reads == 1
    world.later(seconds=61)
    passes(world, book)
    assert meter.reads == 2


def test_a_process_remembers_only_so_many_callers(world):
    book = Book()
    for n in range(1100):
        limits.ask_openly(
            world.deps, book, address=f"10.0.{n // 250}.{n % 250}", door="x", per_minute=60
        )
    assert len(book.leases) == 1000


def test_a_revoked_key_changes_nothing_from_that_moment_on(world, api):
    """Reads may be believed as long as the authorizer's cache; writes look again."""
    key = a_key(role=Role.USER)
    world.deps.credentials.add_key(key, entry=an_entry())
    who = a_caller(key_id=key.id)
    assert api("POST", "/v1/jobs", {"title": "a", "text_prompt": "b"}, who=who)[0] == 202
    gone = key.model_copy(update={"revoked_at": EPOCH + timedelta(seconds=1)})
    world.deps.credentials.change_key(key, gone, entry=an_entry())
    world.later(seconds=1)

    assert api("POST", "/v1/jobs", {"title": "a", "text_prompt": "b"}, who=who)[0] == 401
    assert api("GET", "/v1/jobs", who=who)[0] == 200  # the authorizer's answer, not yet forgotten
