"""Speech: words with the time at which each is said."""

from typing import Literal

from reelsmith.domain.model import Entity

Timing = Literal["engine", "aligned", "estimated"]


class SpokenWord(Entity):
    """One word as it stands in the text; seconds from the start of the audio."""

    text: str
    start: float
    end: float


class Speech(Entity):
    """What an engine said: a mono 16-bit WAV of `samples` at `rate` Hz, and its words in order."""

    samples: int
    rate: int
    words: tuple[SpokenWord, ...]
    engine: str
    voice: str
    timing: Timing
