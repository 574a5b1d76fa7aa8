"""Slides drawn as outlines: their words, tables and pictures set anew, in the frame of the film.

Where a program that knows the format is not at hand, this is how a slide looks: in our fonts and
the colours of its theme, with nothing on it that its author did not write.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import PIL
from numpy.typing import NDArray
from PIL import Image, ImageColor

from reelsmith.domain import writing
from reelsmith.domain.decks import Slide, Theme
from reelsmith.domain.timelines import content_key
from reelsmith.media import cards, fonts, lettering, slide_parts, slide_tables
from reelsmith.media.backdrops import Rgb
from reelsmith.media.fonts import Wanted
from reelsmith.media.lettering import Box
from reelsmith.media.slide_parts import Area, Sheet

DESIGN_VERSION = 1
"""Raised whenever the same slide shall look different."""

_INK, _GROUND, _ACCENT = (24, 28, 36), (251, 250, 247), (37, 99, 214)
_READABLE, _VISIBLE = 7.0, 3.0  # contrast of words, and of what only decorates (WCAG 2.2)
_MARGIN = 0.065  # of the frame's width
_TOP, _BOTTOM = 0.085, 0.905  # of its height
_ABOVE_CAPTIONS, _ABOVE_CAPTIONS_UPRIGHT = 0.75, 0.71  # where two lines of them may begin
_TITLE_SHARE = 0.21
_ALONE_SHARE = 0.5
_WORDS_SHARE = 0.55  # of an upright slide at most, where there is something to look at
_TITLE_SIZE, _ALONE_SIZE, _SMALLEST = 78, 132, 34  # in 1080ths of the shorter side
_BAR, _BAR_WIDTH, _GAP = 10, 96, 40
_FOOT_SIZE, _FOOT_AT = 24, 0.945


@dataclass(frozen=True, slots=True)
class Look:
    """What slides of one deck share: size in pixels, colours, and how many they are.

    Those that are `captioned` keep free where captions will stand.
    """

    width: int
    height: int
    theme: Theme
    total: int
    language: str | None = None
    captioned: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """A slide as a picture, (height, width, 3) uint8, sRGB; `whole` when all words are on it."""

    pixels: NDArray[np.uint8]
    whole: bool


def key(slide: Slide, number: int, look: Look, pictures: Sequence[str]) -> str:
    """What decides the picture of a slide, as one hash; `pictures` are the SHA-256 of its files.

    Notes are heard and not seen: they are not in it.
    """
    seen = slide.model_dump(mode="json", exclude={"notes", "hidden", "left_out", "pictures"})
    form = [seen, list(pictures), number, look.total, look.width, look.height, look.language]
    form.append(look.captioned)
    text = json.dumps([form, look.theme.model_dump()], sort_keys=True, ensure_ascii=False)
    made = f"outline {DESIGN_VERSION}, pillow {PIL.__version__}"
    return content_key(text, made, fonts.fingerprint())


def draw(
    slide: Slide, number: int, look: Look, pictures: Mapping[int, NDArray[np.uint8]]
) -> Drawn:
    """Draw a slide; `pictures` (h, w, 3) by the number of their file, as far as there are any.

    The same slide is the same picture on every machine.
    """
    ink, ground, accent = colours(look.theme)
    image = Image.new("RGB", (look.width, look.height), ground)
    sheet = Sheet(image, ink, ground, accent, look.language)
    margin = _MARGIN * look.width
    area = Area(margin, _TOP * look.height, look.width - margin, _bottom(look) * look.height)
    shown = [pictures[one.file] for one in slide.pictures if one.file in pictures]
    filled = bool(slide.paragraphs or slide.tables or shown)
    whole, top = _title(slide, sheet, area, alone=not filled)
    whole &= _content(slide, sheet, area.below(top), shown)
    _foot(sheet, number, look)
    return Drawn(np.asarray(image), whole)


def _bottom(look: Look) -> float:
    if not look.captioned:
        return _BOTTOM
    return _ABOVE_CAPTIONS if look.width > 0.8 * look.height else _ABOVE_CAPTIONS_UPRIGHT


def colours(theme: Theme) -> tuple[Rgb, Rgb, Rgb]:
    """Ink, ground and accent: those of the theme where they can be read, ours where not."""
    ink, ground, accent = (
        _rgb(own, ours)
        for own, ours in (
            (theme.ink, _INK),
            (theme.ground, _GROUND),
            (theme.accent, _ACCENT),
        )
    )
    if cards.contrast(ink, ground) < _READABLE:
        ink, ground = _INK, _GROUND
    if cards.contrast(accent, ground) < _VISIBLE:
        accent = _ACCENT if cards.contrast(_ACCENT, ground) >= _VISIBLE else ink
    return ink, ground, accent


def _rgb(colour: str | None, otherwise: Rgb) -> Rgb:
    if colour is None:
        return otherwise
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return red, green, blue


def _title(slide: Slide, sheet: Sheet, area: Area, *, alone: bool) -> tuple[bool, float]:
    """Write the title and a bar below it; gives where the rest begins, in pixels."""
    if not slide.title:
        return True, area.top
    share, largest = (_ALONE_SHARE, _ALONE_SIZE) if alone else (_TITLE_SHARE, _TITLE_SIZE)
    language = sheet.language_of(slide.title)
    words = lettering.words(
        writing.all_pieces(slide.title), wanted=Wanted.DISPLAY, language=language
    )
    box = Box(
        width=area.width,
        height=area.height * share,
        largest=round(largest * sheet.unit),
        smallest=round(_SMALLEST * sheet.unit),
        max_lines=5,
        leading=1.14,
        centred=False,
        line_cost=0.8,
    )
    count = len(words)
    while count and (block := lettering.fit(words[:count], box)) is None:
        count = count * 3 // 4
    if not count or block is None:
        return False, area.top
    sheet.base = "R" if block.begins_right else None
    top = area.top + (area.height * 0.42 - block.height / 2 if alone else 0)
    sheet.write(block, area.left, top, width=area.width, colour=sheet.ink)
    bar_top = top + block.height + 0.3 * _GAP * sheet.unit
    wide = _BAR_WIDTH * sheet.unit
    left = area.right - wide if block.begins_right else area.left
    sheet.bar((left, bar_top, left + wide, bar_top + _BAR * sheet.unit))
    return count == len(words), bar_top + (_BAR + _GAP) * sheet.unit


def _content(slide: Slide, sheet: Sheet, area: Area, shown: Sequence[NDArray[np.uint8]]) -> bool:
    """Words beside what is to be looked at, or above it in an upright frame."""
    seen = len(slide.tables) + len(shown)
    words = sights = area
    if slide.paragraphs and seen and area.width > area.height:
        words, sights = area.halves(sheet.unit)
    elif slide.paragraphs and seen:
        words = replace(area, bottom=area.top + _WORDS_SHARE * area.height)
    whole, end = slide_parts.paragraphs(sheet, words, slide.paragraphs)
    if words.bottom < area.bottom:
        sights = area.below(end + _GAP * sheet.unit / 2)
    rooms = sights.cells(seen, sheet.unit) if seen else []
    for table, room in zip(slide.tables, rooms, strict=False):
        whole &= slide_tables.draw(sheet, room, table)
    for picture, room in zip(shown, rooms[len(slide.tables) :], strict=True):
        slide_parts.picture(sheet, room, picture)
    return whole


def _foot(sheet: Sheet, number: int, look: Look) -> None:
    """The number of the slide, small, in the corner."""
    words = lettering.words([f"{number} / {look.total}"], wanted=Wanted.TEXT)
    size = max(8, round(_FOOT_SIZE * sheet.unit))
    block = lettering.filled(words, width=look.width, size=size, leading=1.0)
    left = look.width * (1 - _MARGIN) - block.width
    sheet.write(block, left, look.height * _FOOT_AT, width=block.width, colour=sheet.muted)


def save(drawn: Drawn, path: Path) -> Path:
    """Write the picture of a slide as a PNG; the same picture is the same file."""
    Image.fromarray(drawn.pixels).save(path, "PNG", compress_level=6)
    return path
