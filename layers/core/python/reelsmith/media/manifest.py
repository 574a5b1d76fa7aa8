"""Writes the manifest of a film, and hashes a film frame by frame to compare it with another."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import av
import numpy as np

from reelsmith.domain.layers import Badge, Card
from reelsmith.domain.manifests import Input, Manifest, SceneHash, Voice
from reelsmith.domain.timelines import Timeline
from reelsmith.media import build, sound
from reelsmith.media.witness import Hashes

_NAMES = frozenset({"key", "name"})  # where a file lies and what it is called decides nothing


@dataclass(frozen=True, slots=True)
class FrameHashes:
    """SHA-256, hex, of each decoded picture (yuv420p) and of all decoded samples (32-bit float).

    What FFmpeg's `framehash` muxer gives, less its times.
    """

    pictures: tuple[str, ...]
    sound: str


def make(
    timeline: Timeline,
    *,
    segments: Sequence[str],
    hashes: Hashes,
    film_sha256: str,
    voice: Voice | None,
    threads: int,
) -> Manifest:
    """The manifest of a film whose segments have these keys in the store."""
    circumstances = build.parts(threads=threads, codec=timeline.codec, preset=timeline.preset)
    pictures = str(circumstances.pop("profile"))
    return Manifest(
        timeline_sha256=_hash_of(timeline),
        inputs=tuple(_inputs(timeline)),
        voice=voice,
        build=circumstances,
        encoder={"pictures": pictures, "sound": sound.profile(timeline)},
        segments=tuple(PurePosixPath(key).stem for key in segments),
        scenes=tuple(
            SceneHash(first_frame=scene.first_frame, frames=scene.frames, pictures_sha256=made)
            for scene, made in zip(timeline.scenes, hashes.scenes, strict=True)
        ),
        sound_sha256=hashes.sound,
        film_sha256=film_sha256,
    )


def frame_hashes(path: Path) -> FrameHashes:
    """Decode a whole film and hash what a player would show and play."""
    pictures = []
    heard = hashlib.sha256()
    with av.open(str(path), format="mp4", options={"protocol_whitelist": "file"}) as film:
        film.streams.video[0].thread_type = "AUTO"
        for frame in film.decode():
            if isinstance(frame, av.VideoFrame):
                planes = np.ascontiguousarray(frame.to_ndarray(format="yuv420p"))
                pictures.append(hashlib.sha256(planes.data).hexdigest())
            elif isinstance(frame, av.AudioFrame):
                heard.update(np.ascontiguousarray(frame.to_ndarray().T, "<f4").data)
    return FrameHashes(tuple(pictures), heard.hexdigest())


def _inputs(timeline: Timeline) -> Iterator[Input]:
    """Every file once for each part that it plays, in the order of the film."""
    sources = [scene.source for scene in timeline.scenes]
    files = [source for source in sources if not isinstance(source, Card)]
    parts: list[tuple[str, str, str]] = [(file.type, file.name, file.sha256) for file in files]
    badges = (over for over in timeline.overlays if isinstance(over, Badge))
    parts += [("badge", badge.name, badge.sha256) for badge in badges]
    parts += [("narration", "", voiced.sha256) for voiced in timeline.narration]
    parts += [("sound", heard.name, heard.sha256) for heard in timeline.heard]
    if timeline.music:
        parts.append(("music", timeline.music.name, timeline.music.sha256))
    for part, name, sha256 in dict.fromkeys(parts):
        yield Input(part=part, name=name, sha256=sha256)


def _hash_of(timeline: Timeline) -> str:
    form = _without_names(timeline.model_dump(mode="json"))
    text = json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _without_names(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return {key: _without_names(own) for key, own in value.items() if key not in _NAMES}
    return [_without_names(own) for own in value] if isinstance(value, list) else value
