"""A voice profile: what of a speaker is heard in any words, as a few numbers.

It takes pitch and its range, the length of the vocal tract, and the colour of the voice. It does
not take accent, rhythm or how sounds are formed. Nothing is transcribed, so any language will do.
What it is laid on keeps its length to the sample: word times stay true.
"""

import numpy as np
from pydantic import Field

from reelsmith.domain.model import Entity
from reelsmith.domain.voices import Likeness, Measures
from reelsmith.media.cepstra import mel_filters
from reelsmith.media.voices import pitch, vocoder
from reelsmith.media.voices.pitch import RATE, Floats
from reelsmith.media.voices.vocoder import BINS, FFT, Parts

VERSION = 1  # raise it when the same profile would sound otherwise
BANDS = 40
_LOW_HZ, _HIGH_HZ = 60.0, 10_500.0
_COMPARED_HZ = 7_600.0
_TRACT_SHARE, _TRACT_MOST = 0.3, 0.16  # of the difference in pitch, natural logarithms
_MOST_GAIN = 3.2  # log power: 14 dB
_SPREADS = (0.6, 1.8)  # how much livelier or flatter than our own voice
_LOUD = np.log(10.0) * 3.5  # frames within 35 dB of the loud ones are speech
_OCTAVE_ERROR = np.log(1.8)
_ROUNDS = 2  # of correcting what a profile does to our reading
_READING_SECONDS = 12.0
_PEAK = 0.97


class Traits(Entity):
    """A speaker in numbers: pitch in Hz, its spread in natural logarithms, colour by band."""

    pitch_hz: float = Field(gt=0)
    spread: float = Field(ge=0)
    colour: tuple[float, ...] = Field(min_length=BANDS, max_length=BANDS)
    band_hz: float = Field(gt=0, description="above this the sample held nothing")


class Profile(Entity):
    """A speaker, the voice of ours that is to sound like it, and what it takes to."""

    version: int = VERSION
    base: str = Field(description="the voice of ours, as its engine names it")
    speaker: Traits
    ours: Traits
    gain: tuple[float, ...] = Field(min_length=BANDS, max_length=BANDS)


def traits(samples: Floats, *, band_hz: float = RATE / 2) -> Traits:
    """The speaker of mono samples at `RATE`, full scale 1; at least a few seconds of voice."""
    return _traits(vocoder.apart(samples), band_hz)


def made(speaker: Traits, reading: Floats, *, base: str) -> Profile:
    """The profile that makes our voice, heard in `reading`, sound like a speaker.

    What it does to the reading is measured and corrected, for what the tract's length and the
    joints of the synthesis add is not known before.
    """
    reading = reading[: round(_READING_SECONDS * RATE)]
    ours = traits(reading)
    gain = np.array(speaker.colour) - np.array(ours.colour)
    for _ in range(_ROUNDS):
        profile = Profile(base=base, speaker=speaker, ours=ours, gain=_reachable(gain, speaker))
        heard = traits(applied(reading, profile))
        gain = np.array(profile.gain) + np.array(speaker.colour) - np.array(heard.colour)
    return Profile(base=base, speaker=speaker, ours=ours, gain=_reachable(gain, speaker))


def applied(samples: Floats, profile: Profile) -> Floats:
    """Our voice's `samples`, at `RATE`, as the profile's speaker; the same number of them."""
    parts = vocoder.apart(samples)
    speaker, ours = profile.speaker, profile.ours
    ratio = float(np.clip(speaker.spread / max(ours.spread, 1e-3), *_SPREADS))
    log = np.log(np.where(parts.pitch > 0, parts.pitch, 1.0)) - np.log(ours.pitch_hz)
    hz = np.clip(speaker.pitch_hz * np.exp(log * ratio), 55, 520)
    moved = _stretched(parts.colour, _tract(profile)) + _filter(profile)
    made = vocoder.together(Parts(np.where(parts.pitch > 0, hz, 0.0), moved, parts.samples))
    return _levelled(made, samples)


def likeness(samples: Floats, speaker: Traits) -> Likeness:
    """How far a voice is from a speaker: in semitones, and in dB of colour."""
    return _likeness(traits(samples), speaker)


def measures(plain: Floats, voiced: Floats, speaker: Traits) -> Measures:
    """What a profile brought: the voice before and after it, against the speaker."""
    return Measures(plain=likeness(plain, speaker), voiced=likeness(voiced, speaker))


def _likeness(voice: Traits, speaker: Traits) -> Likeness:
    bands = _middles() <= min(_COMPARED_HZ, speaker.band_hz * 0.9)
    apart = (np.array(voice.colour) - np.array(speaker.colour))[bands] * (10 / np.log(10))
    return Likeness(
        pitch_semitones=round(abs(12 * np.log2(voice.pitch_hz / speaker.pitch_hz)), 3),
        colour_db=round(float(np.sqrt(np.mean((apart - apart.mean()) ** 2))), 3),
    )


def _traits(parts: Parts, band_hz: float) -> Traits:
    level = np.log(np.exp(parts.colour).mean(axis=1))
    heard = (parts.pitch > 0) & (level > np.percentile(level, 95) - _LOUD)
    if not heard.any():
        heard = np.ones(len(level), bool)
    log = np.log(np.where(parts.pitch > 0, parts.pitch, pitch.LOWEST_HZ))[heard]
    usual = log[np.abs(log - np.median(log)) < _OCTAVE_ERROR]
    bands = np.log(np.exp(parts.colour[heard]) @ _filters().T + 1e-12)
    colour = bands.mean(axis=0)
    return Traits(
        pitch_hz=round(float(np.exp(np.median(usual))), 3),
        spread=round(float(np.std(usual)), 5),
        colour=tuple(round(float(band), 4) for band in colour - colour.mean()),
        band_hz=band_hz,
    )


def _filters() -> Floats:
    return mel_filters(RATE, FFT, BANDS, low_hz=_LOW_HZ, high_hz=_HIGH_HZ).astype(np.float64)


def _middles() -> Floats:
    """The middle of each band in Hz."""
    low, high = (2_595 * np.log10(1 + edge / 700) for edge in (_LOW_HZ, _HIGH_HZ))
    edges: Floats = 700 * (10 ** (np.linspace(low, high, BANDS + 2) / 2_595) - 1)
    return edges[1:-1]


def _tract(profile: Profile) -> float:
    """How much higher the formants lie: a higher voice goes with a shorter tract."""
    apart = np.log(profile.speaker.pitch_hz / profile.ours.pitch_hz)
    return float(np.exp(np.clip(_TRACT_SHARE * apart, -_TRACT_MOST, _TRACT_MOST)))


def _stretched(colour: Floats, by: float) -> Floats:
    """Log spectra whose content at f moves to `by` * f; the top end stays where it is."""
    places = np.linspace(0, 1, BINS)
    knee = 0.85 * min(1.0, 1 / by)
    bent = 1 - (1 - places) * (1 - knee) / max(1 - by * knee, 1e-6)
    source = np.clip(np.where(places <= by * knee, places / by, bent), 0, 1) * (BINS - 1)
    whole = np.minimum(source.astype(np.int64), BINS - 2)
    share = source - whole
    made: Floats = colour[:, whole] * (1 - share) + colour[:, whole + 1] * share
    return made


def _filter(profile: Profile) -> Floats:
    """The log gain of each bin."""
    gain: Floats = np.interp(vocoder.Hz, _middles(), np.array(profile.gain))
    return gain


def _reachable(gain: Floats, speaker: Traits) -> tuple[float, ...]:
    """Gains of bands, of mean 0 and not too high; above the sample's own band the last of it."""
    known = _middles() <= speaker.band_hz * 0.9
    gain = np.where(known, gain, gain[known][-1])
    gain = np.clip(gain - gain.mean(), -_MOST_GAIN, _MOST_GAIN)
    return tuple(round(float(band), 4) for band in gain)


def _levelled(made: Floats, like: Floats) -> Floats:
    """The sound at the loudness of another, and below full scale."""
    loud, wanted = (float(np.sqrt(np.mean(sound**2))) for sound in (made, like))
    made = made * (wanted / max(loud, 1e-9))
    return made * min(1.0, _PEAK / max(float(np.abs(made).max(initial=0)), 1e-9))
