"""What a process is told, and what no process on AWS may be told."""

import pytest

from infra.stages import STAGES
from reelsmith import wiring
from reelsmith.errors import Invalid
from reelsmith.settings import Settings

GIVEN = {"REELSMITH_TABLE": "a-table", "REELSMITH_BUCKET": "a-bucket"}
PLAIN = {"REELSMITH_FETCH_PLAIN": "127.0.0.1:8099"}
ON_AWS = sorted(set(STAGES) - {"local"})


@pytest.mark.parametrize("stage", [*ON_AWS, "production", "test2", "LOCAL"])
def test_no_stage_on_aws_starts_with_an_address_that_is_fetched_from_unchecked(stage):
    assert Settings.from_env(GIVEN | {"REELSMITH_STAGE": stage}).fetch_plain == ""
    with pytest.raises(Invalid, match="REELSMITH_FETCH_PLAIN"):
        Settings.from_env(GIVEN | PLAIN | {"REELSMITH_STAGE": stage})


@pytest.mark.parametrize(
    "plain", ["10.0.0.1:80", "localhost:80", "127.0.0.1", "127.0.0.1:80/x", "0.0.0.0:8099", ":80"]
)
def test_the_plain_address_is_one_port_of_this_machine(plain):
    with pytest.raises(Invalid, match="REELSMITH_FETCH_PLAIN"):
        Settings.from_env(GIVEN | {"REELSMITH_STAGE": "local", "REELSMITH_FETCH_PLAIN": plain})


def test_the_local_stage_may_be_told_one():
    told = Settings.from_env(GIVEN | PLAIN | {"REELSMITH_STAGE": "local"})
    assert told.fetch_plain == "127.0.0.1:8099"
    assert Settings.from_env(told.to_env()) == told


def test_the_narrator_is_espeak_unless_polly_is_asked_for_by_the_name_of_an_engine():
    given = GIVEN | {"REELSMITH_STAGE": "dev"}
    for value, name in (("", "espeak"), ("neural", "polly")):
        told = Settings.from_env(given | {"REELSMITH_POLLY": value})
        assert wiring.connect(told).speaker.name == name
    with pytest.raises(Invalid, match="REELSMITH_POLLY"):
        Settings.from_env(given | {"REELSMITH_POLLY": "generative"})
