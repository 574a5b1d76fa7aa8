"""A caller's sounds: what they are, and their samples, by way of the confined decoder."""

from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from reelsmith.domain.assets import FileType
from reelsmith.domain.model import Entity
from reelsmith.domain.timelines import SAMPLE_RATE
from reelsmith.media.confined import broken_decoder, decoded
from reelsmith.media.run import Limits

_DECODER = "reelsmith.media.decode_sound"
_CHANNELS, _SAMPLE_BYTES = 2, 4
_SPARE = 1 << 20  # bytes beside the samples that a child may write
_CPU_S, _TIMEOUT_S = 90, 120.0


class SoundFacts(Entity):
    """A sound file by its content: length in seconds as decoded, rate in Hz."""

    seconds: float = Field(ge=0)
    rate: int = Field(gt=0)
    channels: int = Field(gt=0)
    codec: str = Field(max_length=40)
    format: str


def inspect(path: Path, *, name: str) -> SoundFacts:
    """Decode a sound whole and say what it is. `name` is for messages only.

    Raises:
        MediaError: it cannot be used; the message says which, why, and the remedy.
    """
    with _decoding(path, name, 0, None, FileType.AUDIO) as (facts, _):
        return facts


def load(
    path: Path,
    *,
    name: str,
    max_seconds: float,
    from_seconds: float | None = None,
    wanted: FileType = FileType.AUDIO,
) -> NDArray[np.int16]:
    """Read a sound's first `max_seconds`; what comes after is left out.

    Shape (samples, 2), 48 kHz, 16 bits; mono stands in both channels, 3 dB lower. `name` is for
    messages. With `from_seconds` reading begins there, counted from the beginning of the file, be
    that sound or picture; where the sound begins later, silence comes first. `wanted` VIDEO reads
    the sound track of a clip.

    Raises:
        MediaError: it cannot be used; the message says which, why, and the remedy.
    """
    with _decoding(path, name, max_seconds, from_seconds, wanted) as (facts, raw):
        samples = np.fromfile(raw, np.int16)
        if samples.size != round(facts.seconds * SAMPLE_RATE) * _CHANNELS:
            raise broken_decoder(name)
        return samples.reshape(-1, _CHANNELS)


def _decoding(
    path: Path, name: str, max_seconds: float, from_seconds: float | None, wanted: FileType
) -> AbstractContextManager[tuple[SoundFacts, Path]]:
    result_bytes = round(max_seconds * SAMPLE_RATE) * _SAMPLE_BYTES
    begin = () if from_seconds is None else (repr(float(from_seconds)),)
    return decoded(
        _DECODER,
        path,
        repr(float(max_seconds)),
        *begin,
        name=name,
        wanted=wanted,
        answer=SoundFacts,
        timeout_s=_TIMEOUT_S,
        limits=Limits(cpu_s=_CPU_S, file_bytes=result_bytes + _SPARE),
    )
