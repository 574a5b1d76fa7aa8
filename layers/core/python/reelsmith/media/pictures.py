"""A caller's pictures: what they are, and their pixels, by way of the confined decoder."""

from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from reelsmith.domain.assets import FileType
from reelsmith.domain.model import Entity
from reelsmith.media.confined import Runner, broken_decoder, decoded
from reelsmith.media.run import Limits, run_module

LONGEST_SIDE = 4096  # pixels; more than a 4K frame under a zoom shows

_DECODER = "reelsmith.media.decode_picture"
_LIMITS = Limits(cpu_s=40, memory_bytes=3 << 30, file_bytes=256 << 20)
_TIMEOUT_S = 60.0


class PictureFacts(Entity):
    """A picture as it is seen: upright, in pixels. `format` is by content."""

    width: int = Field(gt=0)
    height: int = Field(gt=0)
    format: str
    animated: bool
    alpha: bool


class _Decoded(PictureFacts):
    """The facts, and the size of what the decoder wrote, in pixels."""

    raw_width: int = Field(gt=0)
    raw_height: int = Field(gt=0)


def inspect(path: Path, *, name: str, run: Runner = run_module) -> PictureFacts:
    """Decode a picture whole and say what it is. `name` is for messages only.

    Raises:
        MediaError: it cannot be used; the message says which, why, and the remedy.
    """
    with _decoding(path, name, "0", run=run) as (facts, _):
        return PictureFacts.model_validate(facts.model_dump())


def load(
    path: Path, *, name: str, longest_side: int = LONGEST_SIDE, run: Runner = run_module
) -> NDArray[np.uint8]:
    """Read a picture as it is seen, made smaller (never larger) until `longest_side` fits.

    Shape (height, width, 3), sRGB, upright, first frame, no transparency. `name` is for messages;
    `run` starts the decoder.

    Raises:
        MediaError: it cannot be used; the message says which, why, and the remedy.
    """
    return _pixels(path, name, 3, str(longest_side), run=run)


def load_with_alpha(path: Path, *, name: str, longest_side: int) -> NDArray[np.uint8]:
    """As `load`, with its transparency as a fourth channel, straight; shape (height, width, 4).

    Raises:
        MediaError: it cannot be used; the message says which, why, and the remedy.
    """
    return _pixels(path, name, 4, str(longest_side), "ALPHA")


def _pixels(
    path: Path, name: str, channels: int, *settings: str, run: Runner = run_module
) -> NDArray[np.uint8]:
    with _decoding(path, name, *settings, run=run) as (facts, raw):
        pixels = np.fromfile(raw, np.uint8)
        if pixels.size != facts.raw_width * facts.raw_height * channels:
            raise broken_decoder(name)
        return pixels.reshape(facts.raw_height, facts.raw_width, channels)


def _decoding(
    path: Path, name: str, *settings: str, run: Runner
) -> AbstractContextManager[tuple[_Decoded, Path]]:
    return decoded(
        _DECODER,
        path,
        *settings,
        name=name,
        wanted=FileType.IMAGE,
        answer=_Decoded,
        timeout_s=_TIMEOUT_S,
        limits=_LIMITS,
        run=run,
    )
