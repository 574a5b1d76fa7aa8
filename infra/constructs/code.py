"""What functions are made of: one file each, and layers.

A layer of wheels is built by `./dev build` into `build/`. Where it was not built, its folder under
`layers/` stands in, so that templates can be made and checked anywhere; the stand-in has another
asset hash, so it is never taken for the real one.
"""

from pathlib import Path

from aws_cdk import AssetHashType
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra import wheels
from infra.stages import StageSpec

ROOT = Path(__file__).parents[2]
RUNTIME = lambda_.Runtime.PYTHON_3_13
ARCHITECTURE = lambda_.Architecture.ARM_64


def entry(name: str) -> lambda_.Code:
    """`functions/<name>.py`, alone in its package."""
    return lambda_.Code.from_asset(str(ROOT / "functions"), exclude=["*", f"!{name}.py"])


class Layers(Construct):
    """Our code, and the wheels it stands on, cut by what a function needs."""

    def __init__(self, scope: Construct, construct_id: str, *, spec: StageSpec) -> None:
        super().__init__(scope, construct_id)
        self._made: dict[str, lambda_.LayerVersion] = {}
        if spec.layered:
            core = lambda_.Code.from_asset(str(ROOT / "layers/core"), exclude=["**/__pycache__"])
            self._made["core"] = self._layer("Core", core)
            for name in wheels.LAYERS:
                self._made[name] = self._layer(name.title(), _wheels(name))

    def of(self, *names: str) -> list[lambda_.LayerVersion]:
        """Our code with these layers of wheels; none where the stage has them without layers."""
        return [self._made[name] for name in ("core", *names) if name in self._made]

    def _layer(self, name: str, code: lambda_.Code) -> lambda_.LayerVersion:
        return lambda_.LayerVersion(
            self,
            name,
            code=code,
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[ARCHITECTURE],
        )


def _wheels(name: str) -> lambda_.Code:
    built = wheels.built(name)
    if built is None:
        return lambda_.Code.from_asset(str(ROOT / "layers" / name))
    return lambda_.Code.from_asset(
        str(built), asset_hash=wheels.fingerprint(name), asset_hash_type=AssetHashType.CUSTOM
    )
