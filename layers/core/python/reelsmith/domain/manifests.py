"""The manifest of a film: all that went into it, so that two renders can be compared.

It holds no time and no name of a machine, tenant or job: two cold renders of one timeline on one
build have equal manifests.
"""

from typing import Any

from reelsmith.domain.model import Entity, Sha256

MANIFEST_VERSION = 1


class Input(Entity):
    """A file that went into the film; `name` is what its owner calls it."""

    part: str
    name: str
    sha256: Sha256


class SceneHash(Entity):
    """A scene's coded pictures in decoding order: equal hashes are equal pictures."""

    first_frame: int
    frames: int
    pictures_sha256: Sha256


class Voice(Entity):
    """Who spoke, and of which make: `fingerprint` names engine, version and voice."""

    engine: str
    fingerprint: str


class Manifest(Entity):
    """What a film is made of, and by what.

    `build` names versions of the renderer and its libraries, `encoder` what they were told;
    `sound_sha256` is of the decoded samples, 32-bit float.
    """

    version: int = MANIFEST_VERSION
    timeline_sha256: Sha256
    inputs: tuple[Input, ...]
    voice: Voice | None
    build: dict[str, Any]
    encoder: dict[str, str]
    segments: tuple[str, ...]
    scenes: tuple[SceneHash, ...]
    sound_sha256: Sha256
    film_sha256: Sha256
