"""`./dev audit`: a person hears whether the journal is whole, and a script by the exit code."""

import json

import boto3
import pytest
from moto import mock_aws

from infra.cli import audit, reach
from reelsmith import wiring
from reelsmith.settings import Settings
from reelsmith.usecases import sealing
from tests.builders import TENANT
from tests.desks import Desk


@pytest.fixture
def desk(monkeypatch):
    """A sealed journal, and one row that waits."""
    made = Desk()
    made.wrote(120)
    sealing.seal_due(made)
    settings = Settings(stage="local", table="table", bucket="bucket")
    monkeypatch.setattr(audit, "settings_of", lambda stage, data: settings)
    monkeypatch.setattr(wiring, "connect", lambda settings: made)
    return made


def run(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["audit", *arguments])
    return audit.main()


def test_a_whole_journal_is_told_in_numbers(desk, monkeypatch, capsys):
    assert run(monkeypatch, "verify") == 0
    assert capsys.readouterr().out == f"ok      {TENANT}: 120 rows in 2 links, 2 rows wait\n"


def test_a_broken_one_names_its_first_broken_row(desk, monkeypatch, capsys):
    victim = desk.paper.links[1].entries[3].place
    del desk.paper.rows[victim]

    assert run(monkeypatch, "verify", "--tenant", TENANT) == 1
    assert f"{victim}: missing" in capsys.readouterr().out


def test_an_export_holds_every_row_once(desk, monkeypatch, tmp_path):
    assert run(monkeypatch, "export", "--out", str(tmp_path)) == 0

    files = sorted((tmp_path / "local" / TENANT).iterdir())
    assert [file.name for file in files] == [
        "0000000000.ndjson",
        "0000000001.ndjson",
        "waiting.ndjson",
    ]
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    assert sorted(one["place"] for one in lines if "place" in one) == sorted(desk.paper.rows)


def test_a_stage_that_is_not_there_is_an_error_in_words(monkeypatch, tmp_path, capsys):
    assert run(monkeypatch, "verify", "--data", str(tmp_path)) == 1
    assert "./dev up" in capsys.readouterr().err


def test_a_stage_on_aws_is_reached_by_the_names_that_its_stacks_told(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        ssm = boto3.client("ssm")
        told = {"table": "our-table", "bucket": "our-bucket", "pepper": "s", "audit": "our-vault"}
        for what, value in told.items():
            ssm.put_parameter(Name=f"/reelsmith/prod/{what}", Value=value, Type="String")

        found = reach.settings_of("prod")

        assert (found.table, found.bucket, found.audit_bucket) == (
            "our-table",
            "our-bucket",
            "our-vault",
        )
        with pytest.raises(reach.NotThere, match="/reelsmith/dev/table"):
            reach.settings_of("dev")
