"""The layers of wheels: what each is for, where it is built, and how one build is told apart."""

import hashlib
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build"
SPEECH = "speech"  # for what narrates
LAYERS = ("runtime", "people", "ffmpeg", SPEECH)
PYTHON = "3.13"
PLATFORM = "aarch64-manylinux_2_28"


def lock(name: str) -> Path:
    """The lock file of this name."""
    return ROOT / "locks" / f"{name}.txt"


def fingerprint(name: str) -> str:
    """What decides the content of a layer, as one hash: its lock, its own files, the platform."""
    digest = hashlib.sha256(f"{PYTHON} {PLATFORM}".encode())
    digest.update(lock(name).read_bytes())
    for path in sorted(p for p in (ROOT / "layers" / name).rglob("*") if p.is_file()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def built(name: str) -> Path | None:
    """The folder of a layer that was built from today's lock, or None."""
    folder = BUILD / name / fingerprint(name)[:16]
    return folder if folder.is_dir() else None
