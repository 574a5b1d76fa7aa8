"""A stage whose narrator is paid by the letter: one function may have it speak, nothing else."""

import json
from dataclasses import replace

import pytest

from infra import wheels
from infra.stages import STAGES


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    # here, so that collecting tests does not load the CDK
    from infra.service import new_app, synthesize  # noqa: PLC0415

    out = tmp_path_factory.mktemp("polly")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wheels, "BUILD", out / "nothing-built")
        folder = synthesize(new_app(out / "assembly"), replace(STAGES["dev"], polly="neural"))
    return json.loads((folder / "Reelsmith-dev-app.template.json").read_text())


def named(template, kind, said):
    """Names of the resources of a kind in which something is said."""
    return {
        name.rstrip("0123456789ABCDEF")
        for name, found in template["Resources"].items()
        if found["Type"] == kind and said in json.dumps(found)
    }


def test_only_the_narrator_may_have_polly_speak_and_is_told_to(template):
    (policy,) = named(template, "AWS::IAM::Policy", "polly:")
    assert policy.startswith("NarrateRole")
    (function,) = named(template, "AWS::Lambda::Function", "REELSMITH_POLLY")
    assert function == "Narrate"


def test_no_stage_pays_for_a_narrator_unless_it_says_so(stages):
    assert not any(spec.polly for spec in STAGES.values())
    assert all("polly:" not in json.dumps(stage.app) for stage in stages.values())
