"""A speaker's sample: by its content, is it one that a voice profile can be made from?"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reelsmith.domain.assets import FileType
from reelsmith.domain.timelines import SAMPLE_RATE
from reelsmith.domain.voices import SampleFacts
from reelsmith.media import gate, pcm, wav
from reelsmith.media.voices import pitch
from reelsmith.media.voices.pitch import RATE, Floats

MOST_SECONDS = 300.0
USED_SECONDS = 60.0  # a voice is known by then
_LEAST_VOICED_SECONDS = 6.0
_LEAST_HZ, _FULL_HZ = 8_000, 16_000
_LEAST_DBFS, _LOW_DBFS = -50.0, -36.0
_LEAST_NOISE_DB, _LOW_NOISE_DB = 8.0, 18.0
_MOST_CLIPPED, _SOME_CLIPPED = 0.2, 0.005  # of the samples; clean speech has under 0.001
_AT_THE_TOP = 0.85  # of the peak: what was cut off lies there, ringing from resampling
_PEAK_SHARE = 99.99  # per cent
_BLOCK = RATE // 50


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample that can be used: its speech, mono at 22,050 Hz and full scale 1, and its facts."""

    speech: Floats
    facts: SampleFacts


def taken(path: Path, *, name: str) -> Sample:
    """Read a caller's WAV file, by way of the confined decoder, and judge it.

    Raises:
        MediaError: it is no WAV, or no voice can be made of it; the message says why, and the
            remedy.
    """
    with path.open("rb") as file:
        if gate.sniff(file.read(gate.HEAD_BYTES)) is not gate.Form.WAV:
            raise gate.refusal(name, "is not a WAV file", "save it as WAV (PCM)")
    facts = pcm.inspect(path, name=name)
    if not 0 < facts.seconds <= MOST_SECONDS:
        fault = (
            f"has {facts.seconds:.1f} s; more than 0 and at most {MOST_SECONDS:.0f} s are taken"
        )
        raise gate.refusal(name, fault, "send a part of it")
    if facts.rate < _LEAST_HZ:
        fault = f"is sampled at {facts.rate} Hz, less than {_LEAST_HZ}"
        raise gate.refusal(name, fault, "record at 16 kHz or more")
    sound = wav.mono(pcm.load(path, name=name, max_seconds=MOST_SECONDS, wanted=FileType.AUDIO))
    return judged(
        wav.resample(sound, from_rate=SAMPLE_RATE, to_rate=RATE) / 32_768,
        name=name,
        sample_rate=facts.rate,
        seconds=facts.seconds,
    )


def judged(speech: Floats, *, name: str, sample_rate: int, seconds: float) -> Sample:
    """Decide on decoded speech; see `taken`. Raises MediaError."""
    used = speech[: round(USED_SECONDS * RATE)]
    level, noise = _levels(speech)
    if level < _LEAST_DBFS:
        fault = f"is too quiet: its speech lies at {level:.0f} dBFS"
        raise gate.refusal(name, fault, "record it louder, or nearer to the microphone")
    voiced = float((pitch.track(used) > 0).sum() * pitch.HOP_SECONDS)
    if voiced < _LEAST_VOICED_SECONDS:
        fault = f"holds {voiced:.1f} s of voice, {_LEAST_VOICED_SECONDS:.0f} s are needed"
        raise gate.refusal(name, fault, "read a longer text aloud")
    clipped = _clipped(speech)
    if clipped > _MOST_CLIPPED:
        raise gate.refusal(name, "is cut off at its peaks", "record it with less gain")
    if noise < _LEAST_NOISE_DB:
        raise gate.refusal(name, "is more noise than speech", "record it in a quiet room")
    facts = SampleFacts(
        duration_seconds=round(seconds, 3),
        sample_rate=sample_rate,
        voiced_seconds=round(voiced, 2),
        level_dbfs=round(level, 1),
        noise_db=round(noise, 1),
        warnings=_warnings(level, noise, clipped, sample_rate),
    )
    return Sample(used, facts)


def _levels(speech: Floats) -> tuple[float, float]:
    """The level of the speech in dBFS, and by how many dB the pauses are quieter."""
    blocks = speech[: len(speech) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    if not len(blocks):
        return -140.0, 0.0
    level = 10 * np.log10((blocks**2).mean(axis=1) + 1e-14)
    loud, quiet = (float(np.percentile(level, share)) for share in (90, 5))
    return loud, loud - quiet


def _clipped(speech: Floats) -> float:
    """The share of samples that lie at the very top."""
    size = np.abs(speech)
    return float((size > _AT_THE_TOP * np.percentile(size, _PEAK_SHARE)).mean())


def _warnings(level: float, noise: float, clipped: float, sample_rate: int) -> tuple[str, ...]:
    found = (
        (clipped > _SOME_CLIPPED, "it is cut off at some of its peaks: record it with less gain"),
        (noise < _LOW_NOISE_DB, "it is noisy: a quiet room gives a truer voice"),
        (level < _LOW_DBFS, "it is quiet: a louder recording gives a truer voice"),
        (sample_rate < _FULL_HZ, "it is sampled below 16 kHz: the voice will sound dull"),
    )
    return tuple(words for is_so, words in found if is_so)
