"""A slide deck as it was read: its words, tables and pictures, slide by slide. Pure data."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from reelsmith.domain.layers import Colour
from reelsmith.domain.model import Entity

SLIDES_MOST = 300
PARAGRAPHS_MOST, PARAGRAPH_LETTERS = 60, 1_000  # of one slide, of one of its paragraphs
ROWS_MOST, COLUMNS_MOST, CELL_LETTERS = 16, 8, 120
PICTURES_MOST = 6  # on one slide
NOTES_LETTERS, TITLE_LETTERS = 20_000, 300
LEVELS_MOST = 8

_Line = Annotated[str, StringConstraints(max_length=PARAGRAPH_LETTERS)]
_Cell = Annotated[str, StringConstraints(max_length=CELL_LETTERS)]
_Name = Annotated[str, StringConstraints(max_length=100)]
_Row = Annotated[tuple[_Cell, ...], Field(max_length=COLUMNS_MOST)]


class Fidelity(StrEnum):
    """How near the pictures of the slides are to what their author sees."""

    FULL = "full"  # drawn by a program that knows the format
    OUTLINE = "outline"  # words, tables and pictures of the slide, set anew in a design of ours


class Paragraph(Entity):
    """A paragraph of a slide's text; `level` 0 is the outermost."""

    text: _Line
    level: int = Field(default=0, ge=0, le=LEVELS_MOST)


class Table(Entity):
    """A table, or the figures of a chart; rows from the top, the first one names the columns."""

    rows: Annotated[tuple[_Row, ...], Field(min_length=1, max_length=ROWS_MOST)]


class SlidePicture(Entity):
    """A picture on a slide: which of the deck's files, and where in shares of the slide.

    Without a place it stands where the layout of the slide puts it.
    """

    file: int = Field(ge=0)
    x: float | None = None
    y: float | None = None
    width: float | None = None
    height: float | None = None


class Slide(Entity):
    """One slide. `left_out` names what is on it and is not in this account of it."""

    title: Annotated[str, StringConstraints(max_length=TITLE_LETTERS)] = ""
    paragraphs: Annotated[tuple[Paragraph, ...], Field(max_length=PARAGRAPHS_MOST)] = ()
    tables: Annotated[tuple[Table, ...], Field(max_length=PICTURES_MOST)] = ()
    pictures: Annotated[tuple[SlidePicture, ...], Field(max_length=PICTURES_MOST)] = ()
    notes: Annotated[str, StringConstraints(max_length=NOTES_LETTERS)] = ""
    hidden: bool = False
    left_out: Annotated[tuple[_Name, ...], Field(max_length=40)] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """What the slide itself says, title first."""
        said = (self.title, *(paragraph.text for paragraph in self.paragraphs))
        return tuple(text for text in said if text.strip())


class Theme(Entity):
    """Colours of a deck's theme, as far as it names them."""

    accent: Colour | None = None
    ink: Colour | None = None
    ground: Colour | None = None


class Deck(Entity):
    """A deck: its slides in order, `files` pictures that they use, the fonts that it names.

    `width` and `height` are of a slide, in points.
    """

    slides: Annotated[tuple[Slide, ...], Field(max_length=SLIDES_MOST)]
    files: int = Field(ge=0, le=SLIDES_MOST * PICTURES_MOST)
    fonts: Annotated[tuple[_Name, ...], Field(max_length=60)] = ()
    theme: Theme = Theme()
    width: float = Field(gt=0, le=10_000)
    height: float = Field(gt=0, le=10_000)


class SlidesShown(Entity):
    """What a film shows of a deck: how many slides, and how they were drawn."""

    count: int = Field(gt=0)
    fidelity: Fidelity
