"""Voices: how near a voice profile comes to the speaker whose sample it was made from."""

from pydantic import Field

from reelsmith.domain.model import Entity


class Likeness(Entity):
    """How far a voice is from a speaker."""

    pitch_semitones: float = Field(ge=0, description="between the medians of both pitches")
    colour_db: float = Field(ge=0, description="root mean square over bands up to 7.6 kHz")


class Measures(Entity):
    """Our voice against the speaker: as it is, and with the speaker's profile."""

    plain: Likeness
    voiced: Likeness


class SampleFacts(Entity):
    """What a sample of a speaker was found to be."""

    duration_seconds: float = Field(gt=0)
    sample_rate: int = Field(gt=0, description="Hz")
    voiced_seconds: float = Field(ge=0, description="of them with a pitch")
    level_dbfs: float = Field(description="of the speech")
    noise_db: float = Field(description="how far the pauses lie below the speech")
    warnings: tuple[str, ...] = ()
