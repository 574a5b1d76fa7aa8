"""What commands need to work on a stage: that it is there, and how its things are called."""

import os
from pathlib import Path

import boto3

from infra import names
from infra.local import identity
from infra.local.place import Place, client_env
from infra.local.stage import runs
from infra.local.synth import STAGE
from reelsmith.settings import Settings

_NEEDED = ("table", "bucket", "pepper")
_THERE_OR_NOT = ("audit",)


class NotThere(Exception):
    """There is no such stage."""


def settings_of(stage: str, *, data: Path | None = None) -> Settings:
    """Settings of the local stage in `data`, or of one in the AWS account of the environment.

    This process speaks to that stage from now on. Raises NotThere.
    """
    return _local(data) if stage == STAGE else _on_aws(stage)


def _local(data: Path | None) -> Settings:
    place = Place.at(data)
    card = place.read_card()
    if card is None or not runs(place):
        raise NotThere(f"no local stage runs in {place.root}; start one by ./dev up")
    os.environ.update(client_env(int(card["endpoint_url"].rpartition(":")[2])))
    return Settings(
        stage=STAGE,
        table=card["table"],
        bucket=card["bucket"],
        pepper_parameter=identity.PEPPER,
    )


def _on_aws(stage: str) -> Settings:
    ssm = boto3.client("ssm")
    wanted = {what: names.parameter(stage, what) for what in (*_NEEDED, *_THERE_OR_NOT)}
    told = ssm.get_parameters(Names=list(wanted.values()))
    values = {found["Name"]: found["Value"] for found in told["Parameters"]}
    missing = [wanted[what] for what in _NEEDED if wanted[what] not in values]
    if missing:
        raise NotThere(f"stage {stage} is not deployed here: no {', '.join(missing)}")
    os.environ.setdefault("AWS_DEFAULT_REGION", ssm.meta.region_name)
    return Settings(
        stage=stage,
        table=values[wanted["table"]],
        bucket=values[wanted["bucket"]],
        audit_bucket=values.get(wanted["audit"], ""),
        pepper_parameter=wanted["pepper"],
    )
