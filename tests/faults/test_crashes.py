"""F2: the process dies at every single call that it makes; one round of the house mends it all."""

from contextlib import suppress
from itertools import count

import pytest

from reelsmith import aws
from reelsmith.errors import ReelsmithError
from reelsmith.ports import Run
from tests.faults import stories
from tests.faults.crashpoints import Fuse, Killed, Manner, fused, mended
from tests.faults.figures import LONG
from tests.faults.telling import cut_short
from tests.world import a_world

# How many points apart: a film takes a second, and of the many reads each is refused alike.
FILMS_APART = 1 if LONG else 10
APART = dict.fromkeys(Manner, 1) if LONG else {Manner.DIES: 1, Manner.LOST: 3, Manner.REFUSED: 9}


def played(story, fuse):
    """Let a story go wrong at one point, mend it by one round, and see what holds."""
    with a_world() as world:
        given = story.given(world)
        _do(story, fused(world, fuse), given)
        deps = mended(world)
        if fuse.burnt and story.comes_again:
            story.act(deps, given)
        _let_come_to_rest(world, story)
        assert story.broken(world) == [], f"{fuse.manner} at call {fuse.at}, {fuse.burnt}"
        story.holds(world, given)


def _do(story, deps, given):
    with suppress(Killed, ReelsmithError, *aws.FAILURES):
        story.act(deps, given)


def _let_come_to_rest(world, story):
    """One sweep, and the runs that it left open."""
    for name, run in world.machine.runs.items():
        if run.open and story.films:
            world.machine.runs[name] = Run(open=False, succeeded=True)
    world.later(minutes=1)
    story.mends(world)
    if not story.films:
        world.machine.before = cut_short
    world.machine.drive()


def enumerated(story, manner, *, apart):
    """Play a story with every point hit until none is left; how many there were."""
    for points, nth in enumerate(count(1, apart)):
        fuse = Fuse(nth, manner)
        played(story, fuse)
        if not fuse.burnt:
            return points
    raise AssertionError  # `count` has no end


@pytest.mark.parametrize("manner", Manner)
@pytest.mark.parametrize("story", stories.STORIES, ids=str)
def test_whatever_dies_at_any_call_is_mended_by_one_round(story, manner, figures):
    points = enumerated(story, manner, apart=APART[manner])
    figures.count(f"F2 {story.name}", crash_points=points, stuck=0)
    assert points


FILMS = [*((stories.FILM, manner) for manner in Manner), (stories.CUT_OFF, Manner.DIES)]


@pytest.mark.parametrize(("story", "manner"), FILMS, ids=str)
def test_a_film_is_made_once_wherever_its_run_is_hit(story, manner, figures):
    points = enumerated(story, manner, apart=FILMS_APART)
    figures.count(f"F2 {story.name}", crash_points=points, stuck=0)
    assert points > 2
