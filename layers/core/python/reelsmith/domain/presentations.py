"""What is asked for in a presentation: a deck, and how its slides become a film."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from reelsmith.domain.jobs import (
    AssetId,
    CaptionStyle,
    Codec,
    JobKind,
    Preset,
    Resolution,
    Transition,
)
from reelsmith.domain.model import Entity, Language, Metadata

CardText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000)]
Wide = Resolution(width=1920, height=1080)


class PresentationSpec(Entity):
    """What a caller asks for in a presentation; written once, never changed.

    A slide is on screen while its notes are said. `padding_seconds` pass before the first word
    and `hold_seconds` after the last.
    """

    kind: Literal[JobKind.PRESENTATION] = JobKind.PRESENTATION
    deck: AssetId = Field(description="asset id of a deck: PPTX or ODP")
    description: str | None = Field(default=None, max_length=5_000)
    language: Language = "es"
    voice: str | None = Field(default="auto", max_length=80, description="null for no narration")
    without_notes: Literal["own_words", "silence"] = Field(
        default="own_words", description="what is said of a slide that has no notes"
    )
    seconds_per_slide: float = Field(
        default=3.0, ge=0.5, le=600, description="that a slide stands on which nothing is said"
    )
    padding_seconds: float = Field(default=0.3, ge=0, le=30)
    hold_seconds: float = Field(default=0.6, ge=0, le=60)
    include_hidden: bool = False
    intro: CardText | None = Field(default=None, description="said over a card before the slides")
    outro: CardText | None = Field(default=None, description="said over a card after them")
    music: AssetId | None = Field(default=None, description="asset id")
    resolution: Resolution = Wide
    captions: CaptionStyle = CaptionStyle.NONE
    transition: Transition = Transition.CROSSFADE
    quality: Preset = Preset.STANDARD
    codec: Codec = Codec.H264
    hls: bool = Field(default=False, description="a stream for players beside the file")
    fresh: bool = Field(default=False, description="render anew what is stored already")
    metadata: Metadata

    @property
    def material(self) -> tuple[str, ...]:
        """Ids of all assets that it names."""
        return (self.deck, self.music) if self.music else (self.deck,)

    @property
    def voice_over(self) -> None:
        """No narration is brought along: slides are spoken one by one."""

    @property
    def captions_file(self) -> None:
        """Nor times for it."""
