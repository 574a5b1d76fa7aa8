"""Every change, made by everybody who may; and lists, which show what may be read."""

import pytest

from reelsmith.domain import rights
from reelsmith.domain.access import Access
from reelsmith.domain.rights import Reach
from tests.security.rooms import MAKERS
from tests.security.town import (
    ACCESS,
    FOREIGN,
    OPEN,
    OPENED,
    OWN,
    PRIVATE,
    ROUTES,
    Town,
    expected,
    judged,
    named,
    wrongs,
)
from tests.world import a_world


@pytest.fixture
def town():
    with a_world() as world:
        yield Town(world)


@pytest.mark.parametrize("route", [r for r in ROUTES if r.method != "GET"], ids=named)
def test_a_change_is_made_where_the_table_says(route, town):
    allowed = [case for case in judged(route, town) if case[2] in (None, OPEN)]
    assert allowed
    assert list(wrongs(route, town, allowed, anew=True)) == []


LISTS = {"jobs_list": "job_id", "videos_list": "video_id", "assets_list": "asset_id"}
LISTS |= {"users_list": "user_id", "keys_list": "key_id"}


@pytest.mark.parametrize("operation", LISTS)
def test_a_list_shows_what_can_be_read_and_nothing_else(operation, town):
    (route,) = (found for found in ROUTES if found.operation == operation)
    for who in ("admin", "user", "viewer"):
        caller, made = town.people[who], {}
        for thing in (OWN, PRIVATE, OPENED, FOREIGN):
            owner = town.owner_of(who, thing)
            access = ACCESS.get(thing, Access.PRIVATE)
            made[MAKERS[LISTS[operation]](town.world, owner, access)] = (thing, owner)
        status, body, _ = town.api("GET", route.path, who=caller, query={"limit": "100"})
        seen = {one["id"] for one in body.get("data", ())}
        for thing_id, (thing, owner) in made.items():
            allowed = expected(route, who, caller, thing, owner) is None
            assert (thing_id in seen) <= allowed, (who, thing, status)
            if status == 200 and rights.reach(caller.role, route.act) is not Reach.OPENED:
                assert (thing_id in seen) == allowed, (who, thing)
