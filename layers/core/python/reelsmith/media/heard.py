"""The sound of a film's clips, at the exact samples where their cues say."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reelsmith.domain.assets import FileType
from reelsmith.domain.timelines import SAMPLE_RATE, Heard
from reelsmith.media import gate, pcm

_RAMP = SAMPLE_RATE // 50  # samples over which a stretch comes and goes, so that it does not click
_CLIPS = (gate.Form.MP4, gate.Form.MATROSKA)


class ClipSound:
    """Stretches of callers' clips or sounds, mixed; silence where there are none."""

    def __init__(self, cues: Sequence[Heard], files: Mapping[str, Path]) -> None:
        """Decode what is heard. Raises MediaError when a file has no sound that can be used."""
        self._stretches = [(cue.first_sample, _stretch(cue, files[cue.key])) for cue in cues]

    def __bool__(self) -> bool:
        return bool(self._stretches)

    def at(self, first: int, count: int) -> NDArray[np.float32]:
        """`count` samples from `first` on, full scale 1; shape (count, 2)."""
        mixed = np.zeros((count, 2), np.float32)
        for begin, stretch in self._stretches:
            start, end = max(first, begin), min(first + count, begin + len(stretch))
            if start < end:
                mixed[start - first : end - first] += stretch[start - begin : end - begin]
        return mixed


def _stretch(cue: Heard, path: Path) -> NDArray[np.float32]:
    """What a cue lets be heard, at its gain, with soft ends; shape (samples, 2)."""
    samples = pcm.load(
        path,
        name=cue.name,
        max_seconds=cue.samples / SAMPLE_RATE,
        from_seconds=cue.from_seconds,
        wanted=_kind(path),
    )
    heard = samples[: cue.samples].astype(np.float32)
    heard *= np.float32(10 ** (cue.gain_db / 20) / 32_768)
    ramp = min(_RAMP, len(heard) // 2)
    rise = np.linspace(0, 1, ramp, dtype=np.float32)[:, np.newaxis]
    heard[:ramp] *= rise
    heard[len(heard) - ramp :] *= rise[::-1]
    return heard


def _kind(path: Path) -> FileType:
    with path.open("rb") as file:
        form = gate.sniff(file.read(gate.HEAD_BYTES))
    return FileType.VIDEO if form in _CLIPS else FileType.AUDIO
