"""Lambda entries are thin, load light, and stand for what the machine and the cloud ask for."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from reelsmith.workflow import definition, steps

ROOT = Path(__file__).parents[2]
ENTRIES = sorted(p.stem for p in (ROOT / "functions").glob("*.py") if p.stem != "__init__")
BRANCHES = (ast.If, ast.For, ast.While, ast.Try, ast.With, ast.IfExp, ast.BoolOp, ast.Match)
HEAVY = {"numpy", "PIL", "av", "aws_cdk", "boto3", "moto"}
LIGHT = (
    "api",
    "authorize",
    "login",
    "intake",
    "fetch",
    "courier",
    "deliver",
    "dispatch",
    "finalize",
    "housekeeping",
    "seal",
)


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_entry_binds_and_does_nothing_else(entry):
    text = (ROOT / "functions" / f"{entry}.py").read_text()
    assert len(text.splitlines()) <= 40
    assert not [node for node in ast.walk(ast.parse(text)) if isinstance(node, BRANCHES)]


@pytest.mark.parametrize("entry", ENTRIES)
def test_no_entry_shadows_a_module_it_could_import(entry):
    assert entry not in sys.stdlib_module_names


def test_every_step_of_the_machine_has_its_entry_and_its_function():
    assert set(definition.STEPS) <= set(ENTRIES)
    worked = set(definition.STEPS) - {definition.FINALIZE}
    assert all(callable(getattr(steps, step)) for step in worked)


def loaded_by(entry):
    """Names of all modules in a fresh process after importing an entry."""
    environment = {
        "PYTHONPATH": f"{ROOT}:{ROOT}/layers/core/python",
        "REELSMITH_STAGE": "test",
        "REELSMITH_TABLE": "table",
        "REELSMITH_BUCKET": "bucket",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, functions.{entry}; print(*sys.modules)"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("entry", LIGHT)
def test_what_callers_wait_for_loads_no_heavy_library(entry):
    assert not HEAVY & loaded_by(entry)


@pytest.mark.parametrize("entry", sorted(set(ENTRIES) - set(LIGHT)))
def test_no_function_loads_what_only_a_deployment_needs(entry):
    assert not {"aws_cdk", "moto", "boto3"} & loaded_by(entry)


@pytest.mark.parametrize("entry", ["api", "authorize", "login"])
def test_what_hashes_passwords_and_signs_tokens_waits_until_it_is_needed(entry):
    assert not {"argon2", "bcrypt", "jwt"} & loaded_by(entry)
