"""A user is erased: whatever dies on the way, nothing of it is left, nothing else is touched."""

from contextlib import suppress
from datetime import timedelta
from random import Random

import pytest

from reelsmith.domain.jobs import JobStatus
from reelsmith.domain.people import Role
from reelsmith.errors import Conflict, Invalid, NotFound
from reelsmith.table.reconcile import reconcile
from reelsmith.usecases import erasing, uploads, vanishing
from tests.builders import OWNER, TENANT, a_caller, a_user, an_entry
from tests.erasing import Hoard, hoard, left_of, objects
from tests.homes import moved_in
from tests.table.steps import kept, started, submitted
from tests.world import BUCKET, a_world

ADMIN = a_caller(owner="usr_boss", role=Role.ADMIN)


class Killed(BaseException):
    """The process dies: nothing may catch it."""


@pytest.fixture
def world():
    with a_world() as made:
        moved_in(made.table.repositories, a_user(id="usr_boss", role=Role.ADMIN))
        yield made


def somebody(world, **changes):
    user = a_user(**{"id": "usr_leaves", "email": "leaves@example.org"} | changes)
    return moved_in(world.table.repositories, user)


def begin(world, user):
    erasing.erase_user(world.deps, caller=ADMIN, user_id=user.id, confirm=user.username)
    world.later(minutes=20)


def finish(world, rounds=10):
    for _ in range(rounds):
        vanishing.advance(world.deps, seconds=60)
        if not world.deps.erasure.due(limit=10):
            return
        world.later(minutes=1)
    pytest.fail("the erasure does not end")


def names(items):
    """Ids that nobody else has."""
    return [item["id"] for item in items if "id" in item and item["et"] != "task"]


def of_others(table, *words):
    """Rows that have nothing to do with the one who leaves; counts of the tenant change."""
    mine = {item["PK"] + item["SK"] for item in left_of(table, *words)}
    return {
        item["PK"] + item["SK"]: item
        for item in table.items()
        if item["PK"] + item["SK"] not in mine
        and item.get("et") not in {"event", "usage", "blob", None}
    }


def test_nothing_of_an_erased_user_is_left_and_nothing_else_is_touched(world):
    user = somebody(world)
    hoard(world.table, OWNER, Hoard(), bucket=BUCKET)
    others = objects(BUCKET)
    mine = names(hoard(world.table, user.id, Hoard(), bucket=BUCKET))
    before = of_others(world.table, user.id, *mine)

    begin(world, user)
    finish(world)
    uploads.expire(world.deps)

    assert left_of(world.table, user.id, *mine, user.username) == []
    assert of_others(world.table, user.id, *mine) == before
    assert objects(BUCKET) == others
    assert reconcile(world.table.database, TENANT) == {}


def test_killed_at_twenty_points_it_erases_five_thousand_rows(world):
    user, dice = somebody(world), Random(20)
    much = Hoard(jobs=330, tasks=8, videos=100, assets=300, contents=40, keys=120, sessions=120)
    hoard(world.table, OWNER, Hoard(jobs=5, assets=30, contents=30))
    stored = hoard(world.table, user.id, much)
    mine, calls = names(stored), 0
    before = of_others(world.table, user.id, *mine)
    deaths = sorted(dice.sample(range(5, 500), 20))

    def dies(operation, arguments, send):
        nonlocal calls
        calls += 1
        if deaths and calls >= deaths[0]:
            deaths.pop(0)
            if dice.random() < 0.5:
                send()
            raise Killed
        return send()

    begin(world, user)
    world.table.database.hook = dies
    kills = 0
    while deaths or world.deps.erasure.due(limit=1):
        try:
            vanishing.advance(world.deps, seconds=60)
        except Killed:
            kills += 1
    world.table.database.hook = None

    assert (len(stored), kills) == (5000, 20)
    assert left_of(world.table, user.id, *mine, user.username) == []
    assert of_others(world.table, user.id, *mine) == before
    assert reconcile(world.table.database, TENANT) == {}
    (receipt,) = [item for item in world.table.items() if item.get("action") == "user.erased"]
    assert '"jobs":330' in receipt["changes"]
    assert '"assets":300' in receipt["changes"]


def test_the_receipt_says_how_much_went_and_names_nobody(world):
    user = somebody(world)
    hoard(world.table, user.id, Hoard(jobs=4, videos=3, assets=6, keys=2, sessions=2))

    begin(world, user)
    finish(world)

    (receipt,) = [item for item in world.table.items() if item.get("action") == "user.erased"]
    assert '"jobs":4' in receipt["changes"]
    assert all(f'"{kind}":' in receipt["changes"] for kind in ("videos", "assets", "keys"))
    assert user.username not in repr(receipt)
    assert user.email not in repr(receipt)


def test_its_names_can_be_taken_again(world):
    user = somebody(world)
    begin(world, user)
    finish(world)
    with pytest.raises(NotFound):
        world.deps.users.find(user.username)

    again = somebody(world, id="usr_comes", username=user.username)

    assert world.deps.users.find(again.email).id == again.id


def test_unfinished_jobs_are_called_off_and_waited_for(world):
    user = somebody(world)
    waiting = submitted(world.deps.jobs, owner=user.id)
    running = started(world.deps.jobs, owner=user.id)
    erasing.erase_user(world.deps, caller=ADMIN, user_id=user.id, confirm=user.username)
    world.clock.at = running.updated_at + timedelta(minutes=3)

    vanishing.advance(world.deps, seconds=60)
    assert world.deps.jobs.get(TENANT, running.id).status is JobStatus.CANCELLED
    with pytest.raises(NotFound):
        world.deps.jobs.get(TENANT, waiting.id)
    world.later(minutes=16)
    finish(world)

    assert left_of(world.table, user.id, running.id) == []
    assert reconcile(world.table.database, TENANT) == {}


def test_from_the_first_moment_on_it_makes_nothing(world):
    user = somebody(world)
    erasing.erase_user(world.deps, caller=ADMIN, user_id=user.id, confirm=user.username)

    with pytest.raises(NotFound):
        submitted(world.deps.jobs, owner=user.id)
    with pytest.raises(NotFound):
        kept(world.deps.assets, owner=user.id)


def test_what_it_makes_while_it_is_erased_is_made_not_at_all_or_erased_too(world):
    user, dice, made = somebody(world), Random(7), []

    def meanwhile(operation, arguments, send):
        if operation == "TransactWriteItems" and dice.random() < 0.3:
            world.table.database.hook = None
            with suppress(NotFound):
                made.append(submitted(world.deps.jobs, owner=user.id))
            world.table.database.hook = meanwhile
        return send()

    hoard(world.table, user.id, Hoard(jobs=12, videos=8, assets=10))
    world.table.database.hook = meanwhile
    made += [submitted(world.deps.jobs, owner=user.id) for _ in range(8)]
    begin(world, user)
    finish(world)
    world.table.database.hook = None

    assert made
    assert left_of(world.table, user.id, *(job.id for job in made)) == []
    assert reconcile(world.table.database, TENANT) == {}


def test_a_user_is_not_erased_by_mistake(world):
    user = somebody(world)
    with pytest.raises(Invalid, match="username"):
        erasing.erase_user(world.deps, caller=ADMIN, user_id=user.id, confirm="somebody else")
    with pytest.raises(Conflict, match="administrator"):
        erasing.erase_user(
            world.deps,
            caller=ADMIN,
            user_id="usr_boss",
            confirm=world.deps.users.get(TENANT, "usr_boss").username,
        )


def test_a_deleted_user_is_erased_after_a_month_unless_it_is_taken_back(world):
    gone, back = somebody(world), somebody(world, id="usr_back", email=None)
    for user in (gone, back):
        away = user.model_copy(update={"deleted_at": world.clock.at})
        world.deps.users.change(user, away, entry=an_entry(resource=user.id, at=world.clock.at))
    away = world.deps.users.get(TENANT, back.id)
    here = away.model_copy(update={"deleted_at": None})
    world.deps.users.change(away, here, entry=an_entry(resource=back.id, at=world.clock.at))

    world.later(days=29)
    vanishing.advance(world.deps, seconds=60)
    assert world.deps.users.get(TENANT, gone.id).erasing_at is None
    world.later(days=2)
    finish(world)
    world.later(minutes=5)
    finish(world)

    with pytest.raises(NotFound):
        world.deps.users.get(TENANT, gone.id)
    assert world.deps.users.get(TENANT, back.id).enabled
