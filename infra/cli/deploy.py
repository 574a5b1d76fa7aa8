"""`./dev deploy STAGE [CDK OPTIONS]`: a stage into the AWS account of the environment.

The account and region need `cdk bootstrap` once. Everything after STAGE goes to the CDK CLI, such
as `--require-approval never` where nobody is there to say yes.
"""

import argparse
import json
import secrets
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.client import BaseClient

from infra import cdk_cli, names, wheels
from infra.cli.build import build
from infra.service import new_app, synthesize
from infra.stages import STAGES

if TYPE_CHECKING:
    from types_boto3_ssm.client import SSMClient

_PEPPER_BYTES = 32


def main() -> None:
    """Build, synthesize, deploy both stacks, and print what they tell."""
    parser = argparse.ArgumentParser(prog="./dev deploy", description=__doc__)
    parser.add_argument("stage", choices=sorted(s.name for s in STAGES.values() if s.bootstrapped))
    asked, options = parser.parse_known_args()
    for name in wheels.LAYERS:
        build(name)
    carried = unreserved_concurrency(boto3.client("lambda"))
    spec = replace(STAGES[asked.stage], account_concurrency=carried)
    assembly = synthesize(new_app(wheels.ROOT / "cdk.out"), spec)
    cdk_cli.install()
    if ensure_pepper(boto3.client("ssm"), asked.stage):
        print(f"made {names.parameter(asked.stage, 'pepper')}")  # noqa: T201
    outputs = wheels.BUILD / f"outputs-{asked.stage}.json"
    subprocess.run(deployment(assembly, outputs, *options), check=True, cwd=wheels.ROOT)  # noqa: S603
    told = json.loads(outputs.read_text())[names.app_stack(asked.stage)]
    for name, value in sorted(told.items()):
        print(f"{name:16} {value}")  # noqa: T201


def ensure_pepper(ssm: "SSMClient", stage: str) -> bool:
    """Make the secret that API keys are hashed with, unless there is one; true when it was made.

    Not by CloudFormation, which cannot make a SecureString and would show the value.
    """
    try:
        ssm.put_parameter(
            Name=names.parameter(stage, "pepper"),
            Description="Reelsmith: API keys are hashed with it. A new value voids all keys.",
            Value=secrets.token_urlsafe(_PEPPER_BYTES),
            Type="SecureString",
            Overwrite=False,
        )
    except ssm.exceptions.ParameterAlreadyExists:
        return False
    return True


def unreserved_concurrency(functions: BaseClient) -> int:
    """How many functions without a reservation may run side by side in the account.

    It is read here and not by the dispatcher: lambda:GetAccountSettings knows no resource, and no
    function of ours has a right on `*`. After a change of the quota, deploy again.
    """
    return functions.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]


def deployment(assembly: Path, outputs: Path, *options: str) -> list[str]:
    """The command that deploys both stacks of an assembly, the one with the data first."""
    where = ("--app", str(assembly), "--outputs-file", str(outputs))
    return cdk_cli.command("deploy", "--all", *where, *options)


if __name__ == "__main__":
    main()
