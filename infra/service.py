"""One stage put together: its two stacks, and how they become templates."""

import json
from pathlib import Path

from aws_cdk import App, DefaultStackSynthesizer, Environment, Tags

from infra import acknowledged
from infra.app_stack import AppStack
from infra.data_stack import DataStack
from infra.stages import StageSpec

ROOT = Path(__file__).parents[1]
_ASSETS = "reelsmith-{}-assets"


def new_app(out: Path | None = None) -> App:
    """An app with the flags of cdk.json, also where no CDK CLI hands them over.

    `out` is the folder for the templates; None leaves it to the CLI.
    """
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    return App(context=context, outdir=str(out) if out else None, analytics_reporting=False)


def build(app: App, spec: StageSpec) -> tuple[DataStack, AppStack]:
    """The stacks of a stage; the second reads the names that the first tells."""
    where = Environment(account=spec.account, region=spec.region)
    data = DataStack(app, spec=spec, env=where, synthesizer=_synthesizer(spec))
    rest = AppStack(app, spec=spec, env=where, synthesizer=_synthesizer(spec))
    rest.add_stack_dependency(data, "the names of table and bucket are told by the data stack")
    for stack in (data, rest):
        Tags.of(stack).add("reelsmith:stage", spec.name)
    return data, rest


def synthesize(app: App, spec: StageSpec) -> Path:
    """Write the templates of a stage, and give back the folder they are in.

    Raises:
        RuntimeError: cdk-nag or CloudFormation's own rules find something wrong.
    """
    data, rest = build(app, spec)
    if spec.checked:
        acknowledged.check(app, data, rest)
    return Path(app.synth().directory)


def _synthesizer(spec: StageSpec) -> DefaultStackSynthesizer:
    if spec.bootstrapped:
        return DefaultStackSynthesizer()
    return DefaultStackSynthesizer(
        file_assets_bucket_name=_ASSETS.format(spec.name), generate_bootstrap_version_rule=False
    )
