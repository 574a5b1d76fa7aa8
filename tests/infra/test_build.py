"""Layers: from locks that the tests ran with, for Lambda's processor, within Lambda's limit."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from infra import wheels
from infra.cli import build
from infra.entries import ENTRIES

LIMIT_BYTES = 250 * 1024 * 1024
ENVIRONMENT = {
    "REELSMITH_STAGE": "test",
    "REELSMITH_TABLE": "table",
    "REELSMITH_BUCKET": "bucket",
    "AWS_DEFAULT_REGION": "eu-west-1",
}
# What a layer brings, by import name; and what no function may count on.
BROUGHT = {"ffmpeg": {"av", "numpy", "PIL"}, "speech": {"espeakng_loader"}}
NEVER = {"boto3", "aws_cdk", "ministack", "moto", "pytest", "infra"}
IMPORT_WITHOUT = """
import importlib, sys
from importlib.abc import MetaPathFinder
entry, *missing = sys.argv[1:]
class Missing(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in missing:
            raise ModuleNotFoundError(f"no layer brings {name}")
sys.meta_path.insert(0, Missing())
importlib.import_module(f"functions.{entry}")
"""


@pytest.fixture
def built(tmp_path, monkeypatch):
    """Three built layers with one small library each; gives their folders by name."""
    monkeypatch.setattr(wheels, "BUILD", tmp_path)
    folders = {name: tmp_path / name / wheels.fingerprint(name)[:16] for name in wheels.LAYERS}
    for folder in folders.values():
        (folder / "python").mkdir(parents=True)
    return folders


def versions(lock):
    return set(re.findall(r"^(\S+==\S+)", wheels.lock(lock).read_text(), flags=re.MULTILINE))


@pytest.mark.parametrize("layer", wheels.LAYERS)
def test_what_runs_in_lambda_is_what_the_tests_run_with(layer):
    assert versions(layer)
    assert versions(layer) <= versions("dev")


@pytest.mark.parametrize("entry", sorted(ENTRIES))
def test_a_function_starts_with_the_wheels_of_its_layers_alone(entry):
    brought = {"runtime", *ENTRIES[entry].wheels}
    missing = NEVER.union(*(BROUGHT[name] for name in BROUGHT if name not in brought))
    started = subprocess.run(
        [sys.executable, "-c", IMPORT_WITHOUT, ENTRIES[entry].module, *sorted(missing)],
        cwd=wheels.ROOT,
        env=ENVIRONMENT | {"PYTHONPATH": f"{wheels.ROOT}:{wheels.ROOT}/layers/core/python"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode == 0, started.stderr[-2000:]


def test_a_layer_is_built_once_per_lock(built):
    assert build.build("speech") == built["speech"]


def test_a_change_of_lock_or_files_is_another_layer(tmp_path, monkeypatch):
    for folder in ("locks", "layers/speech"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "locks/speech.txt").write_text("espeakng-loader==1")
    monkeypatch.setattr(wheels, "ROOT", tmp_path)

    first = wheels.fingerprint("speech")
    (tmp_path / "locks/speech.txt").write_text("espeakng-loader==2")
    second = wheels.fingerprint("speech")
    (tmp_path / "layers/speech/voice").write_bytes(b"new")

    assert len({first, second, wheels.fingerprint("speech")}) == 3


def test_a_library_for_another_processor_is_refused(tmp_path):
    intel = b"\x7fELF" + bytes(14) + (62).to_bytes(2, "little")
    (tmp_path / "fast.so").write_bytes(intel)
    with pytest.raises(ValueError, match="fast.so is not for aarch64"):
        build.refuse_foreign(tmp_path)


def test_a_library_for_lambdas_processor_is_welcome(tmp_path):
    arm = b"\x7fELF" + bytes(14) + (183).to_bytes(2, "little")
    (tmp_path / "fast.so.1").write_bytes(arm)
    (tmp_path / "notes.sources").write_text("no library")
    build.refuse_foreign(tmp_path)


def test_a_function_that_has_become_too_large_is_refused(built):
    with (built["ffmpeg"] / "python" / "huge").open("wb") as file:
        file.truncate(LIMIT_BYTES)  # a hole: nothing is written
    with pytest.raises(ValueError, match="over 262144000 bytes unzipped: .*render_scene"):
        build.heaviest()


def test_fonts_beside_the_requirements_go_into_the_layer(tmp_path, monkeypatch):
    fonts = tmp_path / "layers/ffmpeg/fonts"
    fonts.mkdir(parents=True)
    (fonts / "Face.ttf").write_bytes(b"face")
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks/ffmpeg.txt").write_text("")
    monkeypatch.setattr(wheels, "ROOT", tmp_path)
    monkeypatch.setattr(wheels, "BUILD", tmp_path / "build")

    layer = build.build("ffmpeg")

    assert (layer / "fonts/Face.ttf").read_bytes() == b"face"
    assert wheels.built("ffmpeg") == layer
    assert not Path(tmp_path / "build/ffmpeg/making").exists()
