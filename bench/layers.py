"""How large the renderer's libraries are when Lambda has unpacked them, on both processors."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from bench import harness
from bench.results import Result, skipped
from infra import wheels

_BARS_MB = {"x86_64": 230.0, "aarch64": 200.0}
_NOT_SHIPPED = {"__pycache__", "tests", "bin"}  # as `./dev build` leaves them out


def measure(quick: bool) -> list[Result]:
    """Megabytes of PyAV, numpy, Pillow and the fonts."""
    del quick  # the wheels are downloaded once for all times
    return [_unpacked(machine, bar) for machine, bar in _BARS_MB.items()]


def _unpacked(machine: str, bar: float) -> Result:
    name = f"layer with PyAV, numpy, Pillow and fonts, {machine}"
    platform = wheels.PLATFORM.replace("aarch64", machine)
    with harness.scratch(1 << 29) as folder:
        command = [
            *("uv", "pip", "install", "--quiet", "--no-deps", "--require-hashes"),
            *("--only-binary", ":all:", "--python-version", wheels.PYTHON),
            *("--python-platform", platform, "--target", str(folder)),
            *("-r", str(wheels.lock("ffmpeg"))),
        ]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            return skipped(name, "its wheels cannot be installed", bar=bar)
        libraries = sum(path.stat().st_size for path in _shipped(folder))
    fonts = sum(path.stat().st_size for path in _shipped(wheels.ROOT / "layers" / "ffmpeg"))
    size = libraries + fonts
    return Result(name=name, ratio=size / 1e6, bar=bar, unit="MB", size_bytes=size)


def _shipped(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        kept = not _NOT_SHIPPED.intersection(path.relative_to(folder).parts)
        if kept and path.is_file() and path.suffix != ".pyi":
            yield path
