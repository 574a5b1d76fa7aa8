"""A caller's video made into one of ours: as it is where that will do, coded once where not.

All decoding is done in confined children. A video that is like our films already is copied packet
by packet, at less than a hundredth of what coding takes; any other is decoded, fitted and coded
once. Either way there come a thumbnail and a sprite: small pictures from all over the video.
"""

import hashlib
import math
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from reelsmith.domain.assets import MAX_BYTES, FileType
from reelsmith.domain.layers import Clip
from reelsmith.domain.model import Entity
from reelsmith.domain.timelines import SAMPLE_RATE
from reelsmith.media import aac, clips, film, pcm, segments, sprites
from reelsmith.media.coded import Header, Picture
from reelsmith.media.confined import broken_decoder, decoded
from reelsmith.media.decode_upload import COPY, LONGEST, MOST_FPS, MOST_TILES, SHORTEST, within
from reelsmith.media.encode import STANDARD, Encoder
from reelsmith.media.run import Limits

_DECODER = "reelsmith.media.decode_upload"
_TILE, _THUMBNAIL = 240, 640  # pixels of the longer side
_BIT_RATE = 160_000
_FALLBACK_FPS = 30  # for files that do not tell
_SEGMENT_SECONDS = 60  # coded pictures kept in memory
_BLOCK = aac.UNIT * 12_000  # samples decoded at a time: 256 s, 49 MB
_CPU_S, _TIMEOUT_S = 120, 240.0
_MEMORY_BYTES = 4 << 30
_SPARE_BYTES = 64 << 20


class UploadFacts(Entity):
    """What became of an upload. Sizes in pixels; `copied` when no picture was coded again.

    Small pictures of `tile_width` x `tile_height` stand in the sprite, `columns` in a row, of the
    moments `tiles_ms`.
    """

    copied: bool
    width: int
    height: int
    fps: float
    frames: int
    seconds: float
    has_sound: bool
    size_bytes: int
    sha256: str
    source_sha256: str
    tiles_ms: tuple[int, ...]
    tile_width: int
    tile_height: int
    columns: int = sprites.COLUMNS


class _Look(Entity):
    """What the decoder says of a video; as it is seen, upright."""

    copied: bool
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    seconds: float = Field(ge=0)
    fps: float = Field(ge=0)
    frames: int = Field(ge=0)
    has_sound: bool
    tiles_ms: tuple[int, ...] = Field(min_length=1, max_length=MOST_TILES)
    format: str


@dataclass(frozen=True, slots=True)
class _Shape:
    """The film that an upload becomes."""

    width: int
    height: int
    fps: int
    frames: int

    @property
    def seconds(self) -> float:
        return self.frames / self.fps

    @property
    def samples(self) -> int:
        return round(self.frames * SAMPLE_RATE / self.fps)


def normalise(
    source: Path, out: Path, *, name: str, thumbnail: Path, sprite: Path, threads: int
) -> UploadFacts:
    """Write a caller's video as a film of ours, with a thumbnail and a sprite (JPEG) beside it.

    The film is H.264 and AAC, index in front, at most 1080p, at a constant whole rate unless it
    was copied, without any of the file's own words. `name` is for messages, `threads` are the
    encoder's.

    Raises:
        MediaError: it cannot be used; the message says which, why, and the remedy.
    """
    source_sha256 = _sha256(source)
    with decoded(
        _DECODER,
        source,
        *(str(_TILE), str(_THUMBNAIL)),
        name=name,
        wanted=FileType.VIDEO,
        answer=_Look,
        timeout_s=_TIMEOUT_S,
        limits=Limits(
            cpu_s=_CPU_S,
            memory_bytes=_MEMORY_BYTES,
            file_bytes=MAX_BYTES[FileType.VIDEO] + _SPARE_BYTES,
        ),
    ) as (look, raw):
        tile = _draw(look, raw, name=name, thumbnail=thumbnail, sprite=sprite)
        shape = _shape(look)
        if look.copied:
            shutil.move(raw.with_name(COPY), out)
    if not look.copied:
        clip = Clip(key=source.name, sha256=source_sha256)
        _code(source, out, shape, clip=clip, name=name, heard=look.has_sound, threads=threads)
    made = look if look.copied else shape
    return UploadFacts(
        copied=look.copied,
        width=made.width,
        height=made.height,
        fps=made.fps,
        frames=made.frames,
        seconds=made.seconds,
        has_sound=look.has_sound,
        size_bytes=out.stat().st_size,
        sha256=_sha256(out),
        source_sha256=source_sha256,
        tiles_ms=look.tiles_ms,
        tile_width=tile[0],
        tile_height=tile[1],
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _shape(look: _Look) -> _Shape:
    """The size within 1080p, in either direction, and the nearest whole rate."""
    longest = min(
        LONGEST, math.floor(SHORTEST * max(look.width, look.height) / min(look.width, look.height))
    )
    width, height = within(look.width, look.height, longest)
    fps = min(MOST_FPS, max(1, round(look.fps or _FALLBACK_FPS)))
    return _Shape(width, height, fps, max(1, round(look.seconds * fps)))


def _draw(look: _Look, raw: Path, *, name: str, thumbnail: Path, sprite: Path) -> tuple[int, int]:
    """Save the thumbnail and the sprite; gives the size of a tile."""
    shown = within(look.width, look.height, _THUMBNAIL)
    tile = within(look.width, look.height, _TILE)
    pixels = np.fromfile(raw, np.uint8)
    first, count = 3 * shown[0] * shown[1], len(look.tiles_ms)
    if pixels.size != first + count * 3 * tile[0] * tile[1]:
        raise broken_decoder(name)
    sprites.save(pixels[:first].reshape(shown[1], shown[0], 3), thumbnail)
    tiles = pixels[first:].reshape(count, tile[1], tile[0], 3)
    sprites.save(sprites.sheet(tiles), sprite)
    return tile


def _code(
    source: Path, out: Path, shape: _Shape, *, clip: Clip, name: str, heard: bool, threads: int
) -> None:
    with TemporaryDirectory(prefix="upload-") as folder:
        parts = _pictures(source, Path(folder), shape, clip=clip, name=name, threads=threads)
        track = aac.encode(_blocks(source, shape, name), bit_rate=_BIT_RATE) if heard else None
        size = {"width": shape.width, "height": shape.height, "fps": shape.fps}
        film.assemble(list(parts), track, out, **size)


def _pictures(
    source: Path, folder: Path, shape: _Shape, *, clip: Clip, name: str, threads: int
) -> Iterator[Path]:
    """Segments of a minute each."""
    with clips.open(
        source,
        name=name,
        clip=clip,
        width=shape.width,
        height=shape.height,
        fps=shape.fps,
        frames=range(shape.frames),
    ) as footage:
        step = _SEGMENT_SECONDS * shape.fps
        for first in range(0, shape.frames, step):
            shown = range(first, min(first + step, shape.frames))
            pictures, header = _run(footage, shown, shape, threads)
            yield segments.write(
                folder / f"{first}.seg",
                [pictures],
                width=shape.width,
                height=shape.height,
                fps=shape.fps,
                header=header,
            ).path


def _run(
    footage: clips.Footage, shown: range, shape: _Shape, threads: int
) -> tuple[list[Picture], Header]:
    encoder = Encoder(
        width=shape.width,
        height=shape.height,
        fps=shape.fps,
        threads=threads,
        crf=STANDARD.motion_crf,
        profile=STANDARD,
    )
    pictures: list[Picture] = []
    for frame in shown:
        footage.draw(frame, encoder.canvas)
        pictures += encoder.add()
    pictures += encoder.finish()
    return pictures, encoder.headers.pop()


def _blocks(source: Path, shape: _Shape, name: str) -> Iterator[NDArray[np.float32]]:
    """The sound, exactly as long as the pictures: cut, or silent at its end."""
    for first in range(0, shape.samples, _BLOCK):
        count = min(_BLOCK, shape.samples - first)
        block = np.zeros((count, 2), np.float32)
        read = pcm.load(
            source,
            name=name,
            max_seconds=count / SAMPLE_RATE,
            from_seconds=first / SAMPLE_RATE,
            wanted=FileType.VIDEO,
        )
        block[: len(read)] = read[:count] / np.float32(32_768)
        yield block
