"""The journal's round on the real adapters: a table, and a bucket under Object Lock."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from reelsmith import aws
from reelsmith.storage import keys
from reelsmith.storage.s3 import S3Store
from reelsmith.usecases import verifying
from reelsmith.workflow import rounds
from tests.aws import REGION
from tests.builders import EPOCH, TENANT, an_entry
from tests.world import a_world

VAULT = "reelsmith-test-audit"


@pytest.fixture
def world():
    with a_world() as made:
        aws.client("s3").create_bucket(
            Bucket=VAULT,
            CreateBucketConfiguration={"LocationConstraint": REGION},
            ObjectLockEnabledForBucket=True,
        )
        aws.client("s3").put_object_lock_configuration(
            Bucket=VAULT,
            ObjectLockConfiguration={
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 400}},
            },
        )
        made.deps = replace(made.deps, vault=S3Store(VAULT))
        yield made


def test_a_quarter_of_an_hour_s_round_seals_and_lays_away_what_happened(world):
    for n in range(3):
        world.deps.journal.note(an_entry(at=EPOCH + timedelta(minutes=n + 1)))
    world.later(minutes=15)

    first = rounds.seal(world.deps)
    again = rounds.seal(world.deps)

    assert (first["links"], first["laid"]) == (1, 1)
    assert again == {"links": 0, "entries": 0, "laid": 0}
    found = verifying.verify(world.deps, tenant=TENANT)
    assert (found.broken, found.rows) == (None, first["entries"])
    *rows, link = world.deps.vault.read(keys.sealed(TENANT, 0)).splitlines()
    places = [sealed["place"] for sealed in json.loads(link)["link"]["entries"]]
    assert [json.loads(row)["place"] for row in rows] == places


def test_what_lies_in_the_vault_cannot_be_taken_away(world):
    world.later(minutes=15)
    rounds.seal(world.deps)
    head = aws.client("s3").head_object(Bucket=VAULT, Key=keys.sealed(TENANT, 0))

    with pytest.raises(aws.FAILURES):
        aws.client("s3").delete_object(
            Bucket=VAULT, Key=keys.sealed(TENANT, 0), VersionId=head["VersionId"]
        )
