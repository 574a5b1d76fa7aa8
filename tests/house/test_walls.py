"""The import contracts hold, and a violation planted in a copy of the tree is caught."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = Path("layers/core/python/reelsmith")

PLANTED = {
    "Rooms of the house": (PACKAGE / "domain/jobs.py", "import reelsmith.ports"),
    "Adapters serve use-cases": (PACKAGE / "storage/s3.py", "import reelsmith.usecases.jobs"),
    "Rules are plain Python": (PACKAGE / "recipes/ugc.py", "import botocore"),
    "Only media.run starts a process": (PACKAGE / "usecases/jobs.py", "import subprocess"),
    "PynamoDB lives in the table": (PACKAGE / "usecases/people.py", "import pynamodb"),
    "What answers callers draws nothing": (PACKAGE / "http/doors.py", "import numpy"),
    "Lambda entries do not know": (Path("functions/api.py"), "import functions.plan"),
    "Lambda entries only bind": (Path("functions/plan.py"), "import reelsmith.domain.jobs"),
    "The cloud reads names": (Path("infra/stages.py"), "import reelsmith.wiring"),
    "No cycles between siblings": (PACKAGE / "text/sentences.py", "import reelsmith.recipes.ugc"),
}


@pytest.fixture
def copy(tmp_path):
    leave = shutil.ignore_patterns("__pycache__", "fonts")
    for part in ("functions", "infra", str(PACKAGE)):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=leave)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint_imports(tree):
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=tree,
        env={"PYTHONPATH": f"{tree}:{tree}/layers/core/python", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_room_reaches_up(copy):
    kept = lint_imports(copy)
    assert kept.returncode == 0, kept.stdout


def test_every_contract_catches_its_violation(copy):
    """All are planted at once: each contract has to say `BROKEN` for itself."""
    for file, line in PLANTED.values():
        path = copy / file
        path.write_text(f"{path.read_text()}\n{line}\n")
    broken = lint_imports(copy)
    missed = [
        contract
        for contract in PLANTED
        if not any(
            line.startswith(contract) and "BROKEN" in line for line in broken.stdout.splitlines()
        )
    ]
    assert broken.returncode != 0
    assert not missed, broken.stdout[-3000:]
