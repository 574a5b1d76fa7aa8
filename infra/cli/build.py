"""`./dev build`: the layers of wheels for Lambda into `build/`, without Docker."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from infra import wheels
from infra.entries import ENTRIES

_LIMIT_BYTES = 250 * 1024 * 1024  # Lambda quota: function and layers together, unzipped
_ELF_AARCH64 = 183  # e_machine, at byte 18 of the header
_NOT_NEEDED = ("**/__pycache__", "**/tests", "**/*.pyi", "bin")


def main() -> None:
    """Build what is not built yet, then prove that it runs in Lambda as far as files can tell."""
    for name in wheels.LAYERS:
        folder = build(name)
        print(f"{name:8} {_size_bytes(folder) / 1e6:6.1f} MB  {folder.relative_to(wheels.ROOT)}")  # noqa: T201
    for name, size in heaviest():
        print(f"{name:12} {size / 1e6:6.1f} MB with its layers")  # noqa: T201


def build(name: str) -> Path:
    """The folder of a built layer.

    Raises:
        ValueError: a library in it is not for Lambda's processor.
        CalledProcessError: a wheel is missing, or is not the one whose hash was locked.
    """
    done = wheels.built(name)
    if done:
        return done
    root = wheels.BUILD / name
    shutil.rmtree(root, ignore_errors=True)
    making = root / "making"
    _install(name, making / "python")
    _add_files(name, making)
    refuse_foreign(making)
    return making.rename(root / wheels.fingerprint(name)[:16])


def heaviest() -> list[tuple[str, int]]:
    """Every function and its unzipped bytes, largest first.

    Raises:
        ValueError: one is larger than Lambda allows.
    """
    core = _size_bytes(wheels.ROOT / "layers/core")
    sizes = {name: _size_bytes(build(name)) for name in wheels.LAYERS}
    totals = {
        entry.name: core + sum(sizes[layer] for layer in entry.wheels)
        for entry in ENTRIES.values()
    }
    too_large = [name for name, total in totals.items() if total > _LIMIT_BYTES]
    if too_large:
        message = f"over {_LIMIT_BYTES} bytes unzipped: {', '.join(too_large)}"
        raise ValueError(message)
    return sorted(totals.items(), key=lambda item: -item[1])


def refuse_foreign(folder: Path) -> None:
    """Raise ValueError when a library below a folder is not for Lambda's processor."""
    for library in _libraries(folder):
        machine = int.from_bytes(library.read_bytes()[18:20], "little")
        if machine != _ELF_AARCH64:
            message = f"{library.name} is not for aarch64"
            raise ValueError(message)


def _install(name: str, target: Path) -> None:
    command = [
        *("uv", "pip", "install", "--quiet", "--no-deps", "--require-hashes"),
        *("--only-binary", ":all:", "--python-version", wheels.PYTHON),
        *("--python-platform", wheels.PLATFORM, "--target", str(target)),
        *("-r", str(wheels.lock(name))),
    ]
    subprocess.run(command, check=True)  # noqa: S603
    for pattern in _NOT_NEEDED:
        for found in list(target.glob(pattern)):
            shutil.rmtree(found) if found.is_dir() else found.unlink()


def _add_files(name: str, making: Path) -> None:
    """Files that stand beside the requirements, such as fonts, go to /opt as they are."""
    for source in (wheels.ROOT / "layers" / name).iterdir():
        if source.is_dir():
            shutil.copytree(source, making / source.name)


def _libraries(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*.so*"):
        with path.open("rb") as file:
            if file.read(4) == b"\x7fELF":
                yield path


def _size_bytes(folder: Path) -> int:
    return sum(
        path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )


if __name__ == "__main__":
    main()
