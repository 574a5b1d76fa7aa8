"""The parts that slides are drawn of: areas, running text, pictures. All lengths are pixels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil, log

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from reelsmith.domain import writing
from reelsmith.domain.decks import Paragraph
from reelsmith.media import fonts, lettering
from reelsmith.media.backdrops import Rgb
from reelsmith.media.fonts import Wanted
from reelsmith.media.lettering import Block, Direction, Word

# In 1080ths of the shorter side.
_GUTTER = 48
_LARGEST, _SMALLEST, _STEP = 52, 22, 2
_SHAPE = 1.5  # width to height of what is shown, mostly
# In sizes of the type.
_LEADING, _APART, _INDENT, _MARK = 1.28, 0.5, 1.1, 0.95
_SMALLER = 0.9  # what is one level deeper
_SURE = 0.985  # of a line; widths are measured at another size


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the frame."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top

    def below(self, top: float) -> "Area":
        """What of it lies below."""
        return replace(self, top=min(top, self.bottom))

    def halves(self, unit: float) -> tuple["Area", "Area"]:
        """Its two parts side by side, with a gap."""
        middle, half = self.left + 0.48 * self.width, _GUTTER * unit / 2
        return replace(self, right=middle - half), replace(self, left=middle + half)

    def cells(self, count: int, unit: float) -> list["Area"]:
        """Equal cells for some things, as near to the shape of pictures as they can be."""
        across = min(
            range(1, count + 1),
            key=lambda n: abs(log(self.width / n / self.height * ceil(count / n) / _SHAPE)),
        )
        down, gap = ceil(count / across), _GUTTER * unit
        wide = (self.width - gap * (across - 1)) / across
        high = (self.height - gap * (down - 1)) / down
        return [
            Area(left, top, left + wide, top + high)
            for number in range(count)
            for left in [self.left + number % across * (wide + gap)]
            for top in [self.top + number // across * (high + gap)]
        ]


@dataclass
class Sheet:
    """The picture that is drawn on, with its colours."""

    image: Image.Image
    ink: Rgb
    ground: Rgb
    accent: Rgb
    language: str | None
    base: Direction | None = None  # of the title, and so of what stands below it

    @property
    def unit(self) -> float:
        """A 1080th of the shorter side."""
        return min(self.image.size) / 1080

    @cached_property
    def pen(self) -> ImageDraw.ImageDraw:
        """What draws."""
        return ImageDraw.Draw(self.image)

    @property
    def muted(self) -> Rgb:
        """For what is not to be noticed."""
        return mixed(self.ground, self.ink, 0.5)

    def language_of(self, text: str) -> str | None:
        """The language whose letters a text is drawn with."""
        return fonts.language_of(text) or self.language

    def words(self, text: str) -> tuple[Word, ...]:
        """A text ready to be set."""
        pieces = writing.all_pieces(text)
        made = lettering.words(pieces, wanted=Wanted.TEXT, language=self.language_of(text))
        return tuple(word for word in made if word.runs)

    def write(self, block: Block, left: float, top: float, *, width: float, colour: Rgb) -> None:
        """Write words into a width, at the side where they begin."""
        x = left + (width - block.width) * block.begins_right
        for word in block.words:
            lettering.draw(self.pen, word, size=block.size, fill=colour, offset=(x, top))

    def bar(self, edges: tuple[float, float, float, float]) -> None:
        """A short bar of the accent."""
        self.pen.rounded_rectangle(edges, radius=(edges[3] - edges[1]) / 2, fill=self.accent)


@dataclass(frozen=True, slots=True)
class _Set:
    """A paragraph to be set: its words, and how deep it stands."""

    words: tuple[Word, ...]
    level: int

    def size(self, size: int) -> int:
        return max(1, round(size * _SMALLER ** min(self.level, 3)))

    def width(self, width: float, size: int) -> float:
        return (width - self.indent(size)) * _SURE

    def indent(self, size: int) -> float:
        return size * (_MARK + _INDENT * self.level)

    def height(self, width: float, size: int) -> float:
        own = self.size(size)
        lines = lettering.broken(self.words, width=self.width(width, size), size=own)
        return own * (len(lines) * _LEADING + _APART)


def paragraphs(sheet: Sheet, area: Area, told: Sequence[Paragraph]) -> tuple[bool, float]:
    """Write paragraphs with their marks, as large as all of them can be.

    Gives whether all fitted, and where the last one ends.
    """
    texts = [_Set(sheet.words(one.text), one.level) for one in told]
    texts = [text for text in texts if text.words]
    sizes = range(_LARGEST, _SMALLEST - 1, -_STEP)
    for size in (max(1, round(size * sheet.unit)) for size in sizes):
        heights = [text.height(area.width, size) for text in texts]
        if sum(heights) <= area.height:
            break
    top = area.top
    for text, height in zip(texts, heights if texts else (), strict=True):
        if top + height > area.bottom + _APART * size:
            return False, top
        _paragraph(sheet, replace(area, top=top), text, size)
        top += height
    return True, top


def _paragraph(sheet: Sheet, area: Area, text: _Set, size: int) -> None:
    own, indent = text.size(size), text.indent(size)
    width = text.width(area.width, size)
    block = lettering.filled(text.words, width=width, size=own, leading=_LEADING, base=sheet.base)
    from_right = block.begins_right
    left = area.left + (0 if from_right else indent)
    sheet.write(block, left, area.top, width=area.width - indent, colour=sheet.ink)
    middle = area.top + 0.5 * own
    at = indent - 0.62 * size
    x = area.right - at if from_right else area.left + at
    radius = 0.13 * own
    if text.level % 2:
        sheet.bar((x - 1.6 * radius, middle - radius / 2, x + 1.6 * radius, middle + radius / 2))
    else:
        sheet.pen.circle((x, middle), radius, fill=sheet.accent)


def picture(sheet: Sheet, area: Area, pixels: NDArray[np.uint8]) -> None:
    """Show a picture whole, in the middle of an area."""
    image = Image.fromarray(pixels)
    scale = min(area.width / image.width, area.height / image.height)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    shown = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    left = area.left + (area.width - size[0]) / 2
    top = area.top + (area.height - size[1]) / 2
    sheet.image.paste(shown, (round(left), round(top)))


def mixed(one: Rgb, other: Rgb, share: float) -> Rgb:
    """The colour between two, with `share` 0 to 1 of the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
