"""A tenant is erased: people, things, bytes and names. Its journal stays for its time."""

from random import Random

import pytest

from reelsmith import aws
from reelsmith.domain.people import DROP_OWNER, Role
from reelsmith.errors import Forbidden, Invalid, NotFound, Unauthorized, Unavailable
from reelsmith.usecases import erasing, identity, people, sealing, vanishing, verifying
from tests.builders import OWNER, TENANT, a_caller, a_user
from tests.erasing import Hoard, hoard, left_of, objects
from tests.homes import at_home, moved_in
from tests.table.steps import submitted
from tests.world import BUCKET, a_world

ADMIN = a_caller(owner="usr_boss", role=Role.ADMIN)
NEIGHBOUR = "ten_next_door"


class Killed(BaseException):
    """The process dies: nothing may catch it."""


@pytest.fixture
def world():
    with a_world() as made:
        moved_in(made.table.repositories, a_user(id="usr_boss", role=Role.ADMIN))
        at_home(made.table.repositories, id=NEIGHBOUR, name="Next door")
        yield made


def begin(world):
    erasing.erase_tenant(world.deps, caller=ADMIN, confirm="Ana's shop")
    world.later(minutes=20)


def sealed(world):
    """The sealer comes by, and has the time to lay what it sealed into the vault."""
    world.later(minutes=10)
    ends = world.deps.now() + sealing.BUDGET
    assert len(list(sealing.seal_tenant(world.deps, tenant=TENANT, ends=ends))) < 20
    world.later(minutes=30)


def furnished(world):
    for owner in (OWNER, DROP_OWNER):
        hoard(world.table, owner, Hoard(), bucket=BUCKET)
    dropped = (f"drop/{TENANT}/in/ad/job.json", f"cache/{TENANT}/speech/a.wav")
    for key in (*dropped, f"drop/{NEIGHBOUR}/in/ad/job.json"):
        aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"x")


def test_nothing_of_an_erased_tenant_is_left_but_its_journal(world):
    furnished(world)
    next_door = [item for item in world.table.items() if NEIGHBOUR in item["PK"]]

    begin(world)
    assert vanishing.advance(world.deps, seconds=60).finished == 0
    sealed(world)
    assert vanishing.advance(world.deps, seconds=60).finished == 1

    idle = ("idem", "limit")
    assert [item for item in left_of(world.table, TENANT) if item.get("et") not in idle] == []
    assert [item for item in world.table.items() if NEIGHBOUR in item["PK"]] == next_door
    assert objects(BUCKET) == {f"drop/{NEIGHBOUR}/in/ad/job.json"}
    deeds = {item["action"] for item in world.table.items() if item.get("et") == "event"}
    assert {"tenant.erasure_begun", "user.erased", "tenant.erased"} <= deeds


def test_killed_again_and_again_it_still_comes_to_its_end(world):
    furnished(world)
    begin(world)
    dice, calls = Random(3), 0
    death = dice.randrange(20, 60)

    def dies(operation, arguments, send):
        nonlocal calls, death
        calls += 1
        answer = send()
        if calls == death:
            death += dice.randrange(20, 60)
            raise Killed
        return answer

    world.table.database.hook = dies
    kills = finished = 0
    while not finished:
        try:
            finished = vanishing.advance(world.deps, seconds=60).finished
            sealed(world)
        except Killed:
            kills += 1
            assert kills < 50
    world.table.database.hook = None

    assert kills > 2
    assert [item for item in left_of(world.table, TENANT) if item.get("et") != "idem"] == []
    receipts = [i for i in world.table.items() if i.get("action") == "tenant.erased"]
    assert len(receipts) == 1
    assert '"jobs":8' in receipts[0]["changes"]
    assert '"users":2' in receipts[0]["changes"]


def test_the_journal_of_an_erased_tenant_is_sealed_to_its_receipt(world):
    furnished(world)
    begin(world)
    vanishing.advance(world.deps, seconds=60)
    for _ in range(4):
        sealing.seal_due(world.deps)
        world.later(minutes=15)
        vanishing.advance(world.deps, seconds=60)

    with pytest.raises(NotFound):
        world.deps.people.tenant(TENANT)
    told = [entry.action for _, entry in world.deps.journal.entries(TENANT)]
    held = sum(len(link.entries) for link in world.deps.journal.seals(TENANT))
    verdict = verifying.verify(world.deps, tenant=TENANT)
    assert (verdict.broken, verdict.rows) == (None, held)
    assert told[held:] == ["journal.sealed"]
    assert "tenant.erased" in told[:held]


def test_from_the_first_moment_on_its_credentials_open_nothing(world):
    _, token = people.issue_key(world.deps, tenant=TENANT, owner=OWNER, role=Role.USER)
    caller = identity.identify(world.deps, credential=token)
    erasing.erase_tenant(world.deps, caller=ADMIN, confirm="Ana's shop")

    with pytest.raises(Unauthorized):
        identity.identify(world.deps, credential=token)
    with pytest.raises(Unauthorized):
        identity.look_again(world.deps, caller)
    with pytest.raises(NotFound):
        submitted(world.deps.jobs)


def test_forms_that_were_given_out_are_waited_for(world):
    erasing.erase_tenant(world.deps, caller=ADMIN, confirm="Ana's shop")
    world.later(minutes=10)
    assert vanishing.advance(world.deps, seconds=60).finished == 0
    late = f"uploads/{TENANT}/late"
    aws.client("s3").put_object(Bucket=BUCKET, Key=late, Body=b"x")

    world.later(minutes=10)

    vanishing.advance(world.deps, seconds=60)
    assert objects(BUCKET) == set()


def test_a_tenant_is_not_erased_by_mistake(world):
    with pytest.raises(Invalid, match="name"):
        erasing.erase_tenant(world.deps, caller=ADMIN, confirm="Next door")
    with pytest.raises(Forbidden):
        erasing.erase_tenant(world.deps, caller=a_caller(), confirm="Ana's shop")


def test_an_erasure_that_waits_tells_its_age_and_holds_up_no_other(world):
    running = moved_in(world.table.repositories, a_user(id="usr_busy"))
    other = moved_in(world.table.repositories, a_user(id="usr_other"))
    for user in (running, other):
        erasing.erase_user(world.deps, caller=ADMIN, user_id=user.id, confirm=user.username)
    world.later(hours=2)

    def busy(operation, arguments, send):
        if "usr_busy" in repr(arguments) and operation == "TransactWriteItems":
            raise Unavailable("the table is busy")
        return send()

    world.table.database.hook = busy
    done = vanishing.advance(world.deps, seconds=60)

    assert (done.finished, done.oldest_s) == (1, 7200)
