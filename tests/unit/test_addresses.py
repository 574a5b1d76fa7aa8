"""URLs that are given out again, and until when."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from reelsmith.ports.addresses import Address, Addresses, Door
from reelsmith.table import paging
from tests.builders import EPOCH, TENANT

LIFE_S = 900


def a_door(**changes):
    given = {
        "tenant": TENANT,
        "thing": "vid_1",
        "version": 1,
        "key": "videos/film.mp4",
        "filename": "film.mp4",
        "seconds": LIFE_S,
    }
    return Door(**given | changes)


def an_address(door):
    return Address(f"https://store.example/{door.key}", EPOCH + timedelta(seconds=door.seconds))


def test_a_url_is_known_for_the_first_half_of_its_life():
    known, door = Addresses(), a_door()
    known.keep(door, an_address(door))

    half = EPOCH + timedelta(seconds=LIFE_S / 2)
    assert known.known(door, at=EPOCH) == known.known(door, at=half) == an_address(door)
    assert known.known(door, at=half + timedelta(seconds=1)) is None


def test_every_difference_is_another_url():
    known, door = Addresses(), a_door()
    known.keep(door, an_address(door))
    for other in (
        {"tenant": "ten_2"},
        {"thing": "vid_2"},
        {"version": 2},
        {"key": "videos/report.json"},
        {"filename": "autumn.mp4"},
        {"seconds": 60},
    ):
        assert known.known(a_door(**other), at=EPOCH) is None


def test_all_urls_of_a_thing_are_forgotten_and_no_others():
    known = Addresses()
    gone, stays, foreign = a_door(), a_door(thing="vid_2"), a_door(tenant="ten_2")
    for door in (gone, a_door(key="videos/report.json"), stays, foreign):
        known.keep(door, an_address(door))

    known.forget(TENANT, "vid_1")

    assert known.known(gone, at=EPOCH) is None
    assert known.known(stays, at=EPOCH)
    assert known.known(foreign, at=EPOCH)


def test_a_process_remembers_the_latest_urls_only():
    known = Addresses()
    doors = [a_door(thing=f"vid_{n}") for n in range(2_100)]
    for door in doors:
        known.keep(door, an_address(door))

    assert sum(known.known(door, at=EPOCH) is not None for door in doors) == 2_000
    assert known.known(doors[0], at=EPOCH) is None
    assert known.known(doors[-1], at=EPOCH)


@given(
    rows=st.lists(st.one_of(st.none(), st.booleans()), max_size=700),
    limit=st.integers(1, 60),
)
def test_a_walk_over_pages_shows_all_that_fits_once_and_in_order(rows, limit):
    """A row is None where the thing is gone, and false where it does not fit."""
    numbered = [(str(n), None if row is None else (n, row)) for n, row in enumerate(rows)]
    looks = []

    def read(after, most):
        start = int(after) + 1 if after else 0
        looks.append(most)
        return numbered[start : start + most]

    shown, after = [], None
    while True:
        looks.clear()
        page = paging.page(read, lambda thing: thing[1], after=after, limit=limit)
        assert len(page.things) <= limit
        assert sum(looks) < paging.MOST_LOOKS + 2 * (limit + 1) + len(looks)
        shown, after = [*shown, *(n for n, _ in page.things)], page.after
        if after is None:
            break
    assert shown == [n for n, row in enumerate(rows) if row]
