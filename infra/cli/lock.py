"""`./dev lock [--upgrade]`: resolve the hashed locks again. No lock names a registry host.

The layers are bound to what the development lock has for the oldest Python we support: what runs
in Lambda is what the tests ran, and a film does not depend on the Python it was made with.
"""

import argparse
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from infra import wheels

_ALL = ("--all-extras", "--group", "dev", "--group", "infra", "--group", "local")
_OLDEST = ("--python-version", "3.11")
_LAMBDA = ("--python-version", wheels.PYTHON, "--python-platform", wheels.PLATFORM)


def main() -> None:
    """Write `locks/*.txt`; without `--upgrade` a version stays as long as it still fits."""
    parser = argparse.ArgumentParser(prog="./dev lock", description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest that fit")
    more = ["--upgrade"] if parser.parse_args().upgrade else []
    _compile("pyproject.toml", *_ALL, "--universal", *_OLDEST, *more, out=wheels.lock("dev"))
    peers = ("--universal", *_OLDEST, *more)
    _compile("bench/requirements.txt", *peers, out=wheels.lock("bench"))
    with TemporaryDirectory() as scratch:
        tested = Path(scratch) / "tested.txt"
        _compile("locks/dev.txt", *_OLDEST, "--no-deps", out=tested)
        for name in wheels.LAYERS:
            bound = (*_LAMBDA, "--only-binary", ":all:", "--constraint", str(tested))
            _compile(f"layers/{name}/requirements.txt", *bound, out=wheels.lock(name))


def _compile(source: str, *options: str, out: Path) -> None:
    quiet = ("--quiet", "--generate-hashes", "--no-header", "--no-annotate")
    command = ["uv", "pip", "compile", source, *options, *quiet, "-o", str(out)]
    subprocess.run(command, check=True, cwd=wheels.ROOT)  # noqa: S603


if __name__ == "__main__":
    main()
