"""A stream: one fragmented MP4 file, and where in it a player finds each stretch of the film."""

from pydantic import Field

from reelsmith.domain.model import Entity


class Fragment(Entity):
    """A stretch that can be played alone: `size_bytes` from `first_byte` on."""

    first_byte: int
    size_bytes: int
    seconds: float


class StreamFacts(Entity):
    """What a playlist must know of a stream. Its first `opening_bytes` prepare the player."""

    opening_bytes: int
    fragments: tuple[Fragment, ...] = Field(min_length=1)
    size_bytes: int
