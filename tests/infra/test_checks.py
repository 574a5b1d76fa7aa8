"""What others say of the templates: cdk-nag, cfn-lint, and the CDK's own command line."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from infra import cdk_cli, wheels
from infra.stages import STAGES

CHECKED = sorted(name for name, spec in STAGES.items() if spec.checked)
# W3005 complains of a DependsOn that CDK itself writes beside every role.
CFN_LINT = [str(Path(sys.executable).with_name("cfn-lint")), "--ignore-checks", "W3005", "--"]


def nag(stage):
    (report,) = stage.report["pluginReports"]
    assert report["pluginName"] == "AwsSolutions"
    return report


@pytest.mark.parametrize("stage", CHECKED)
def test_cdk_nag_has_no_open_finding(stages, stage):
    assert nag(stages[stage])["violations"] == []


def test_every_reason_is_for_a_finding_and_every_finding_has_its_reason(prod):
    """An entry that nothing needs any more has to leave the list."""
    from infra import acknowledged  # noqa: PLC0415 - loads the CDK

    found = nag(prod)["suppressedViolations"]
    used = {(one["acknowledgedAt"], one["acknowledgedId"]) for one in found}

    lists = ("IN_DATA", "IN_APP", "IN_VAULT", "FOR_VAULT")
    assert len(used) == sum(len(getattr(acknowledged, name)) for name in lists) == 24
    assert all(len(one["reason"]) > 20 for one in found)


def test_a_finding_without_a_reason_stops_the_synthesis(tmp_path):
    from aws_cdk import aws_sqs as sqs  # noqa: PLC0415 - loads the CDK

    from infra import acknowledged  # noqa: PLC0415
    from infra.service import build, new_app  # noqa: PLC0415

    app = new_app(tmp_path)
    data, rest = build(app, STAGES["dev"])
    sqs.Queue(data, "Open")
    acknowledged.check(app, data, rest)

    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()

    report = json.loads((tmp_path / "validation-report.json").read_text())
    open_findings = [one["ruleName"] for one in report["pluginReports"][0]["violations"]]
    assert set(open_findings) == {"AwsSolutions-SQS3", "AwsSolutions-SQS4"}


def test_a_reason_for_one_construct_is_none_for_its_neighbour(tmp_path):
    from aws_cdk import Acknowledgment, Stack, Validations  # noqa: PLC0415 - loads the CDK
    from aws_cdk import aws_sqs as sqs  # noqa: PLC0415
    from cdk_nag import AwsSolutionsChecks  # noqa: PLC0415

    from infra.service import new_app  # noqa: PLC0415

    app = new_app(tmp_path)
    stack = Stack(app, "Two")
    excused, other = sqs.Queue(stack, "Excused"), sqs.Queue(stack, "Other")
    for rule in ("SQS3", "SQS4"):
        why = Acknowledgment(id=f"AwsSolutions::AwsSolutions-{rule}", reason="only this one")
        Validations.of(excused).acknowledge(why)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))

    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()

    report = json.loads((tmp_path / "validation-report.json").read_text())
    blamed = {
        construct["constructPath"]
        for one in report["pluginReports"][0]["violations"]
        for construct in one["violatingConstructs"]
    }
    assert blamed == {f"{other.node.path}/Resource"}


@pytest.mark.parametrize("stage", ["local", "prod"])
def test_cfn_lint_is_content(stages, stage):
    templates = sorted(map(str, stages[stage].folder.glob("*.template.json")))
    linted = subprocess.run([*CFN_LINT, *templates], capture_output=True, text=True, check=False)
    assert len(templates) == 2
    assert (linted.returncode, linted.stdout) == (0, "")


def test_the_command_line_of_the_cdk_makes_the_same_templates(stages, tmp_path):
    try:
        cdk_cli.install()
    except subprocess.CalledProcessError:
        pytest.skip("npm cannot get the CDK CLI here")
    subprocess.run(
        cdk_cli.command("synth", "--quiet", "-c", "stage=dev", "-o", str(tmp_path)),
        cwd=wheels.ROOT,
        env=os.environ | {"CDK_DISABLE_CLI_TELEMETRY": "true"},
        capture_output=True,
        check=True,
    )
    theirs = {file.name: _template(file) for file in tmp_path.glob("*.template.json")}
    ours = {file.name: _template(file) for file in stages["dev"].folder.glob("*.template.json")}
    assert len(theirs) == 2
    assert theirs == ours


def test_the_cdk_is_pinned_and_its_lock_names_no_host():
    lock = (cdk_cli.LOCK / "package-lock.json").read_text()
    wanted = json.loads((cdk_cli.LOCK / "package.json").read_text())["dependencies"]["aws-cdk"]
    locked = json.loads(lock)["packages"]["node_modules/aws-cdk"]

    assert re.fullmatch(r"2\.1\d{3}\.\d+", wanted)  # never 3.0.0, npm's accidental `latest`
    assert locked["version"] == wanted
    assert locked["integrity"].startswith("sha512-")
    assert "://" not in lock


def _template(file):
    """A template; layers may be built in this checkout, which the session's stand-ins are not."""
    template = json.loads(file.read_text())
    for found in template["Resources"].values():
        if found["Type"] == "AWS::Lambda::LayerVersion":
            del found["Properties"]["Content"]["S3Key"]
    return template
