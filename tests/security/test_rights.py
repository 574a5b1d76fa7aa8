"""Every route, asked by everybody for everybody's things: who sees, and who is refused.

Generated from the routes themselves and from `domain.rights` alone. A new route is tested as soon
as it is there; one that names a thing that nobody here can make fails.
"""

import sys

import pytest

from reelsmith.domain.rights import Act
from tests.security.town import OPEN, ROUTES, Town, cases, judged, named, wrongs
from tests.world import a_world


@pytest.fixture(scope="module")
def town():
    """Where things are looked at and refused: it stays as it is."""
    with a_world() as world:
        yield Town(world)


@pytest.mark.parametrize("route", [r for r in ROUTES if r.method == "GET"], ids=named)
def test_a_look_shows_what_the_table_says(route, town):
    assert list(wrongs(route, town, judged(route, town), anew=False)) == []


@pytest.mark.parametrize("route", [r for r in ROUTES if r.method != "GET"], ids=named)
def test_a_change_is_refused_where_the_table_says(route, town):
    refused = [case for case in judged(route, town) if case[2] not in (None, OPEN)]
    assert list(wrongs(route, town, refused, anew=False)) == []


def test_the_cases_are_many_and_none_is_left_out(capsys):
    counted = [len(cases(route)) for route in ROUTES]
    with capsys.disabled():
        sys.stdout.write(f"\n{len(ROUTES)} routes, {sum(counted)} cases of rights\n")
    assert all(counted)
    assert {route.act for route in ROUTES} >= {Act.JOBS_READ, Act.USERS_CHANGE, Act.KEYS_REVOKE}
