"""What a recipe lays down before anybody speaks: sources, and the lines said over them."""

from typing import Annotated

from pydantic import Field

from reelsmith.domain.decks import SlidesShown
from reelsmith.domain.jobs import CaptionStyle, Codec, Preset, Transition
from reelsmith.domain.layers import Source
from reelsmith.domain.model import Entity
from reelsmith.domain.speech import SpokenWord, Timing
from reelsmith.domain.timelines import Music


class Block(Entity):
    """A run of sources that is on screen while a run of lines is said, or at least for `seconds`.

    Without them a plan says how long.
    """

    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    lines: tuple[str, ...]
    seconds: float | None = None


class Pace(Entity):
    """Time around the words of a block, and whether stills move under them."""

    lead_seconds: float = 0.3  # a picture is seen before its words are heard
    tail_seconds: float = 0.4  # the last word is not cut short
    moves: bool = True


class Plan(Entity):
    """Everything about a film but its times."""

    width: int
    height: int
    language: str
    seconds_per_still: float
    captions: CaptionStyle
    transition: Transition
    blocks: Annotated[tuple[Block, ...], Field(min_length=1)]
    music: Music | None = None
    preset: Preset = Preset.STANDARD
    codec: Codec = Codec.H264
    pace: Pace = Pace()
    slides: SlidesShown | None = None
    warnings: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """All lines in the order in which they are said."""
        return tuple(line for block in self.blocks for line in block.lines)


class Said(Entity):
    """A line as it was said: `samples` at 48 kHz, under `key` unless it is only to be read."""

    samples: int
    words: tuple[SpokenWord, ...]
    key: str | None = None
    sha256: str | None = None
    timing: Timing = "engine"
