"""WAV files of 16-bit samples: our own speech, between engines, store and mixer.

Only files that we wrote are read here; a caller's sound is decoded by `media.pcm`.
"""

import wave
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from reelsmith.errors import MediaError

_BLOCK = 1 << 16  # samples resampled at a time


def write(path: Path, samples: NDArray[np.int16], *, rate: int) -> None:
    """Write samples, shape (n,) for mono or (n, channels), at `rate` Hz."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(np.ascontiguousarray(samples, dtype="<i2").tobytes())


def read(path: Path, *, first: int = 0, count: int | None = None) -> tuple[NDArray[np.int16], int]:
    """Samples, shape (n, channels), and the rate in Hz: all of them, or `count` from `first` on.

    Raises:
        MediaError: not a WAV file of 16-bit samples.
    """
    try:
        with wave.open(str(path), "rb") as source:
            if source.getsampwidth() != 2:
                raise MediaError("speech is not in 16-bit samples")
            total = source.getnframes()
            source.setpos(min(first, total))
            body = source.readframes(total if count is None else count)
            samples = np.frombuffer(body, dtype="<i2").reshape(-1, source.getnchannels())
            return samples.astype(np.int16, copy=False), source.getframerate()
    except (wave.Error, EOFError) as broken:
        raise MediaError("speech is not a whole WAV file") from broken


def shape_of(path: Path) -> tuple[int, int, int]:
    """(samples, channels, rate in Hz) of a file, by its header. Raises MediaError."""
    try:
        with wave.open(str(path), "rb") as source:
            return source.getnframes(), source.getnchannels(), source.getframerate()
    except (wave.Error, EOFError) as broken:
        raise MediaError("speech is not a whole WAV file") from broken


def mono(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """The mean of the channels: shape (n, channels) in, (n,) out."""
    mean: NDArray[np.int16] = np.rint(samples.mean(axis=1)).astype(np.int16)
    return mean


def resample(samples: NDArray[np.int16], *, from_rate: int, to_rate: int) -> NDArray[np.int16]:
    """Mono samples, shape (n,), at another rate in Hz, by FFmpeg's resampler.

    The result has n * to_rate / from_rate samples, rounded, and the first one keeps its time.
    """
    if from_rate == to_rate:
        return samples
    resampler = av.AudioResampler(format="s16", layout="mono", rate=to_rate)
    made: list[NDArray[np.int16]] = []
    for at in range(0, len(samples), _BLOCK):
        block = np.ascontiguousarray(samples[np.newaxis, at : at + _BLOCK])
        frame = av.AudioFrame.from_ndarray(block, format="s16", layout="mono")
        frame.sample_rate, frame.pts = from_rate, at
        made.extend(piece.to_ndarray()[0] for piece in resampler.resample(frame))
    made.extend(piece.to_ndarray()[0] for piece in resampler.resample(None))
    whole = np.concatenate(made) if made else np.zeros(0, np.int16)
    wanted = round(len(samples) * to_rate / from_rate)
    return np.pad(whole[:wanted], (0, max(0, wanted - len(whole))))


def resampled(source: Path, out: Path, *, rate: int) -> int:
    """Write a file's sound to `out` as mono at `rate` Hz, and give its number of samples.

    Raises:
        MediaError: as `read`.
    """
    samples, was = read(source)
    made = resample(mono(samples), from_rate=was, to_rate=rate)
    write(out, made, rate=rate)
    return len(made)
