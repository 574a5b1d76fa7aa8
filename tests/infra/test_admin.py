"""The first administrator of a stage, as its operator makes her."""

import io

import pytest
from moto import mock_aws

from infra.cli import admin
from infra.local import identity
from infra.local.place import Place
from reelsmith import aws
from reelsmith.domain.people import Role
from reelsmith.usecases import identity as identities
from reelsmith.usecases import sessions
from reelsmith.usecases.signin import Origin
from tests.aws import PEPPER, REGION, TABLE
from tests.builders import TENANT
from tests.world import BUCKET, a_world

WORD = "correct horse battery"


@pytest.fixture
def world():
    with a_world() as made:
        yield made


@pytest.fixture
def deployed(world, monkeypatch):
    """The world's table, as stage `dev` of the account."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setattr(admin.wiring, "connect", lambda settings: world.deps)
    ssm = aws.client("ssm")
    for what, value in {"table": TABLE, "bucket": BUCKET, "pepper": PEPPER.decode()}.items():
        ssm.put_parameter(Name=f"/reelsmith/dev/{what}", Value=value, Type="String")


def create(monkeypatch, capsys, *options, password=None):
    monkeypatch.setattr("sys.argv", ["admin", "create", "--username", "root", *options])
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    status = admin.main()
    said = capsys.readouterr()
    lines = said.out.splitlines()
    return status, {line.rpartition(" ")[0].strip(): line.split()[-1] for line in lines}, said.err


def test_an_administrator_with_a_key_and_a_password_is_made_once(
    world, deployed, monkeypatch, capsys
):
    options = ("--stage", "dev", "--tenant", "Acme", "--password-stdin")
    status, told, _ = create(monkeypatch, capsys, *options, password=WORD)
    caller = identities.identify(world.deps, credential=told["api key"])
    assert (status, caller.tenant, caller.owner) == (0, told["tenant"], told["user"])
    assert caller.role is Role.ADMIN
    assert world.deps.people.tenant(caller.tenant).name == "Acme"
    sessions.sign_in(world.deps, name="root", password=WORD, origin=Origin())

    before = len(list(world.deps.people.tenants()))
    status, _, complaint = create(monkeypatch, capsys, *options, password=WORD)
    assert (status, "taken" in complaint) == (1, True)
    assert len(list(world.deps.people.tenants())) == before


def test_a_person_of_a_user_pool_has_the_id_that_the_pool_gave(
    world, deployed, monkeypatch, capsys
):
    sub = "8f14e45f-ceea-467f-a0e6-9c2b1d3e4f50"
    _, told, _ = create(monkeypatch, capsys, "--stage", "dev", "--sub", sub)
    assert told["user"] == f"usr_{sub.replace('-', '')}"


def test_a_password_that_is_too_short_makes_nobody(world, deployed, monkeypatch, capsys):
    options = ("--stage", "dev", "--password-stdin")
    assert create(monkeypatch, capsys, *options, password="short")[0] == 1
    assert create(monkeypatch, capsys, *options, password=WORD)[0] == 0


def limits(monkeypatch, capsys, *options):
    monkeypatch.setattr("sys.argv", ["admin", "limits", TENANT, "--stage", "dev", *options])
    status = admin.main()
    return status, dict(line.split() for line in capsys.readouterr().out.splitlines())


def test_the_operator_sees_and_sets_what_a_tenant_may_have(world, deployed, monkeypatch, capsys):
    asked = ("--set", "max_jobs_per_day=50", "--set", "max_stored_bytes=none")
    assert limits(monkeypatch, capsys, *asked)[0] == 0
    status, told = limits(monkeypatch, capsys)
    assert (status, told["max_jobs_per_day"], told["max_stored_bytes"]) == (0, "50", "none")
    assert world.deps.people.tenant(TENANT).max_jobs_per_day == 50
    assert limits(monkeypatch, capsys, "--set", "max_users=3")[0] == 1


def test_a_stage_that_is_not_deployed_is_named(monkeypatch, capsys):
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        status, _, complaint = create(monkeypatch, capsys, "--stage", "prod")
    assert status == 1
    assert "/reelsmith/prod/table" in complaint


def test_where_no_local_stage_runs_it_says_so(monkeypatch, capsys, tmp_path):
    status, _, complaint = create(monkeypatch, capsys, "--data", str(tmp_path))
    assert status == 1
    assert "./dev up" in complaint


def test_a_local_stage_whose_key_was_lost_gets_another(world, monkeypatch, tmp_path):
    monkeypatch.setattr(identity.wiring, "connect", lambda settings: world.deps)
    place = Place.at(tmp_path)
    first = identity.first(place, world.deps.settings)
    assert identity.first(place, world.deps.settings) == first
    place.identity.unlink()
    second = identity.first(place, world.deps.settings)
    assert second.tenant != first.tenant
    assert identities.identify(world.deps, credential=second.api_key).role is Role.ADMIN
