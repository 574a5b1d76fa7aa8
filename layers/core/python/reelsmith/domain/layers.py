"""What is seen in a film: sources that fill the frame, moves over them, and what lies on top."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from reelsmith.domain.model import Entity, Sha256

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
Share = Annotated[float, Field(ge=0, le=1)]


class Move(Entity):
    """A slow pan and zoom, eased linearly over the time the picture is visible.

    `zoom` 1.0 fits the frame exactly and may not be less. `x` and `y` say where the window stands
    in the room that the zoom leaves: 0 left or top, 0.5 centred, 1 right or bottom.
    """

    zoom_from: float = Field(default=1.0, ge=1, le=2)
    zoom_to: float = Field(default=1.0, ge=1, le=2)
    x_from: Share = 0.5
    x_to: Share = 0.5
    y_from: Share = 0.5
    y_to: Share = 0.5

    @property
    def stands(self) -> bool:
        """Whether it changes nothing from frame to frame."""
        roams = self.zoom_to > 1 and (self.x_from, self.y_from) != (self.x_to, self.y_to)
        return self.zoom_from == self.zoom_to and not roams


class Fit(StrEnum):
    """How a source of another shape fills the frame."""

    COVER = "cover"  # its middle, cut to the frame's shape
    CONTAIN = "contain"  # all of it, before a blurred copy of itself


class Picture(Entity):
    """A still that a caller sent: `key` finds it, `sha256` is what it is, `name` is shown."""

    type: Literal["picture"] = "picture"
    key: str
    sha256: Sha256
    name: str = ""
    fit: Fit = Fit.COVER


class Clip(Entity):
    """A moving picture that a caller sent, from `from_seconds` of it on.

    It is shown at its own speed whatever its rate; its last picture stands when it is too short.
    Its sound is not heard unless a cue of the timeline says so.
    """

    type: Literal["clip"] = "clip"
    key: str
    sha256: Sha256
    name: str = ""
    fit: Fit = Fit.COVER
    from_seconds: float = Field(default=0.0, ge=0)


class Card(Entity):
    """A designed card with words, drawn by us; the same seed draws the same card."""

    type: Literal["card"] = "card"
    text: str
    kicker: str = ""
    seed: int = 0


Source = Annotated[Picture | Card | Clip, Field(discriminator="type")]


class TextBox(Entity):
    """Words over the picture, from `first_frame` to before `end_frame`.

    `x` and `y` say where the middle of the box stands, `width` how wide its lines may get, in
    shares of the frame; `size` is the type size as a share of the frame's shorter side.
    """

    type: Literal["text"] = "text"
    text: str = Field(min_length=1, max_length=500)
    x: Share = 0.5
    y: Share = 0.2
    width: float = Field(default=0.84, gt=0, le=1)
    size: float = Field(default=0.07, ge=0.01, le=0.3)
    colour: Colour = "#ffffff"
    plate: Colour | None = Field(default=None, description="ground behind the words")
    first_frame: int = Field(ge=0)
    end_frame: int = Field(gt=0)


class Badge(Entity):
    """A caller's picture over the film, a logo say; transparency is kept.

    `x` and `y` say where its middle stands and `width` how wide it is, in shares of the frame.
    """

    type: Literal["badge"] = "badge"
    key: str
    sha256: Sha256
    name: str = ""
    x: Share = 0.85
    y: Share = 0.1
    width: float = Field(default=0.2, gt=0, le=1)
    opacity: Share = 1.0
    first_frame: int = Field(ge=0)
    end_frame: int = Field(gt=0)


Over = Annotated[TextBox | Badge, Field(discriminator="type")]
