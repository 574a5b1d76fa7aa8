"""Who starts next, and when the others will: the rules without a table or a clock."""

import heapq
import random
from collections import Counter
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelsmith.domain.admission import (
    HALF_LIFE,
    LANE_UP_AFTER,
    Bid,
    Hall,
    Service,
    Slots,
    slots_of,
)
from reelsmith.domain.forecasts import foresee
from reelsmith.domain.jobs import Priority
from reelsmith.domain.paces import Pace, expected_s, name_of
from tests.builders import EPOCH, a_job

_serial = count(1)
MINUTE = timedelta(minutes=1)


def a_bid(tenant="ana", priority=Priority.NORMAL, *, ago_s=0.0, seconds=60.0):
    since = EPOCH - timedelta(seconds=ago_s)
    return Bid(f"job_{next(_serial):06d}", tenant, priority, since, seconds)


def called(waiting, running=(), *, slots=4, share=0, lately=None, at=EPOCH):
    hall = Hall(waiting, running, slots=Slots(slots, share), lately=lately or Service.none())
    return list(iter(lambda: hall.call_in(at), None))


def test_a_flood_of_one_tenant_lets_the_others_go_first():
    flood = [a_bid("loud", ago_s=600) for _ in range(50)]
    one = a_bid("quiet")

    assert called([*flood, one], [a_bid("loud"), a_bid("loud")])[0] == one


def test_who_had_the_machine_lately_yields_where_nothing_runs_any_more():
    mine, hers = a_bid("ana", ago_s=60), a_bid("eva")
    lately = Service.none().with_started([a_bid("ana")], at=EPOCH)

    assert called([mine, hers], slots=1, lately=lately) == [hers]
    assert called([mine, hers], slots=1) == [mine]


def test_what_a_tenant_had_is_forgotten_in_time():
    had = Service.none().with_started([a_bid("ana", seconds=100)], at=EPOCH)

    assert had.of("ana", EPOCH + HALF_LIFE) == pytest.approx(50)
    assert had.of("ana", EPOCH + 10 * HALF_LIFE) == 0


def test_of_a_tenant_the_best_lane_goes_first_and_in_a_lane_who_waits_longest():
    low, young, old = a_bid(priority=Priority.LOW, ago_s=90), a_bid(), a_bid(ago_s=30)
    high = a_bid(priority=Priority.HIGH)

    assert called([low, young, old, high], slots=5) == [high, old, young, low]


def test_a_job_rises_a_lane_each_quarter_of_an_hour():
    waited = LANE_UP_AFTER.total_seconds()
    once = a_bid(priority=Priority.LOW, ago_s=waited)
    twice = a_bid(priority=Priority.LOW, ago_s=5 * waited)
    for_long = a_bid(priority=Priority.LOW, ago_s=6 * waited)
    urgent, high, normal = a_bid(priority=Priority.URGENT), a_bid(priority=Priority.HIGH), a_bid()

    order = called([normal, high, once, twice, for_long, urgent], slots=9)

    assert order == [for_long, urgent, twice, high, once, normal]


def test_no_job_rises_into_the_slot_that_is_kept():
    for_days = [a_bid(ago_s=500_000) for _ in range(4)]

    assert len(called(for_days, slots=4)) == 3


def test_one_slot_is_kept_for_what_is_urgent():
    ordinary = [a_bid() for _ in range(5)]
    urgent = a_bid(priority=Priority.URGENT)

    assert len(called(ordinary, slots=4)) == 3
    assert called([urgent], ordinary[:3], slots=4) == [urgent]
    assert called(ordinary, slots=1) == ordinary[:1]


def test_ordinary_jobs_go_on_under_a_flood_of_urgent_ones():
    urgent = [a_bid("loud", Priority.URGENT) for _ in range(9)]
    one = a_bid("quiet")

    assert called([*urgent, one], urgent[:3], slots=4) == [one]


def test_a_tenant_with_its_share_yields_and_has_the_rest_when_nobody_else_waits():
    mine = [a_bid("ana") for _ in range(6)]
    long_one = a_bid("eva", seconds=36_000)
    hers = a_bid("eva")

    mixed = called([*mine[1:], hers], [mine[0], long_one], slots=6, share=2)

    assert [bid.tenant for bid in mixed] == ["ana", "eva", "ana"]
    assert len(called(mine, slots=6, share=2)) == 5


@pytest.mark.parametrize(("concurrency", "slots"), [(0, 16), (10, 1), (40, 2), (1000, 16), (3, 1)])
def test_no_more_slots_than_the_account_can_carry(concurrency, slots):
    assert slots_of(wanted=16, concurrency=concurrency, kept=4, tasks=16) == slots


BIDS = st.lists(
    st.builds(
        a_bid,
        st.sampled_from("abcd"),
        st.sampled_from(Priority),
        ago_s=st.integers(0, 3600),
        seconds=st.sampled_from([5.0, 60.0, 900.0]),
    ),
    max_size=30,
)


@given(BIDS, BIDS, st.integers(1, 6), st.integers(0, 3))
@settings(max_examples=150, deadline=None)
def test_slots_are_never_exceeded_and_never_left_free_without_a_reason(
    waiting, others, slots, share
):
    running = others[:slots]
    began = called(waiting, running, slots=slots, share=share)

    at_work = [*running, *began]
    left = [bid for bid in waiting if bid not in began]
    ordinary = sum(not bid.urgent for bid in at_work)
    assert len(at_work) <= slots
    assert len(set(began)) == len(began)
    assert len(at_work) == slots or not any(bid.urgent for bid in left)
    assert len(at_work) == slots or not left or ordinary >= max(1, slots - 1)


@given(BIDS, st.integers(1, 6), st.randoms())
@settings(max_examples=60, deadline=None)
def test_the_order_depends_on_nothing_but_the_jobs(waiting, slots, dice):
    shuffled = dice.sample(waiting, len(waiting))
    assert called(waiting, slots=slots) == called(shuffled, slots=slots)


@given(st.integers(1, 4), st.integers(0, 2**32))
@settings(max_examples=15, deadline=None)
def test_nobody_starves_while_others_send_without_end(slots, seed):
    """Three tenants send more than can be done, in all lanes; one sends a single low job."""
    dice = random.Random(seed)
    mine = a_bid("patient", Priority.LOW)
    waiting, running, lately, at = {mine.id: mine}, [], Service.none(), EPOCH
    for _ in range(600):
        for tenant in "xyz":
            bid = Bid(f"job_{next(_serial):06d}", tenant, dice.choice(list(Priority)), at)
            waiting[bid.id] = bid
        while running and running[0][0] <= at:
            heapq.heappop(running)
        busy = [bid for _, _, bid in running]
        for bid in called(waiting.values(), busy, slots=slots, lately=lately, at=at):
            lately = lately.with_started([bid], at=at)
            heapq.heappush(running, (at + MINUTE, bid.id, bid))
            del waiting[bid.id]
        if mine.id not in waiting:
            break
        at += MINUTE / 4
    assert at - EPOCH <= 3 * MINUTE


@pytest.mark.parametrize(("lane", "minutes"), [(Priority.HIGH, 31), (Priority.URGENT, 91)])
def test_a_tenant_that_sends_better_ones_without_end_has_its_low_job_done_too(lane, minutes):
    mine, at, began = a_bid(priority=Priority.LOW), EPOCH, []
    while mine not in began:
        better = [Bid(f"job_{next(_serial):06d}", "ana", lane, at) for _ in range(3)]
        began = called([mine, *better], slots=1, at=at)
        at += MINUTE

    assert at - EPOCH <= minutes * MINUTE


@given(BIDS, BIDS, st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_every_waiting_job_has_a_turn_and_turns_come_in_order(waiting, others, slots):
    turns = foresee(waiting, others[:slots], slots=Slots(slots), lately=Service.none(), at=EPOCH)

    places = sorted(turns.values(), key=lambda turn: turn.place)
    assert set(turns) == {bid.id for bid in waiting}
    assert [turn.place for turn in places] == list(range(1, len(waiting) + 1))
    assert [turn.at for turn in places] == sorted(turn.at for turn in places)


def test_a_turn_is_foreseen_to_the_second_when_jobs_take_what_they_took():
    running = [a_bid("ana", ago_s=20), a_bid("ana", ago_s=50)]
    first, second = a_bid("ana", ago_s=5), a_bid("ana")

    turns = foresee([first, second], running, slots=Slots(3), lately=Service.none(), at=EPOCH)

    assert (turns[first.id].at - EPOCH).total_seconds() == 10
    assert (turns[second.id].at - EPOCH).total_seconds() == 40


def test_paces_follow_what_was_measured_and_know_short_films_from_long_ones():
    pace = Pace(seconds=100)
    for _ in range(60):
        pace = pace.with_one_more(20)
    short, long_one = a_job(estimated_duration=9.0), a_job(estimated_duration=400.0)
    paces = {name_of(short.kind, 9.0): pace}

    assert expected_s(paces, short) == pytest.approx(20, abs=0.5)
    assert expected_s(paces, long_one) == pytest.approx(20, abs=0.5)  # the best that is known
    assert expected_s({}, short) is None
    assert Counter(name_of(short.kind, s) for s in (None, 9, 30, 90, 400)).total() == 5
