"""Designed cards: words on a drawn ground, for scenes that have no picture.

Ground, palette and type follow from the words and the seed alone. The words keep to the upper
middle with wide margins: captions stand in the lower third, and the camera moves over the card.
"""

import hashlib
from bisect import bisect_left
from dataclasses import dataclass, replace
from random import Random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from reelsmith.domain import writing
from reelsmith.domain.layers import Card
from reelsmith.media import fonts, lettering
from reelsmith.media.backdrops import PALETTES, STYLES, Ground, Rgb, bands
from reelsmith.media.fonts import Wanted
from reelsmith.media.lettering import Block, Box

_CONTRAST = 5.2  # WCAG 2.2, 1.4.3 asks for 4.5; the rest is for what video coding takes away
_VEILS = (0.0, 0.3, 0.5, 0.65, 0.8, 0.9, 1.0)  # how much of a busy ground is covered, in steps
_MOST_WORDS = 40
_DITHER = 2  # levels up and down, against steps in soft light
_DITHER_TILE = 128  # pixels

# Shares of the frame. At a zoom of 1.15, 13 % of one side can be out of sight.
_LEFT, _TOP = 0.14, 0.17
_WIDTH, _BOTTOM = 0.72, 0.61

# In units of a 1080th of the shorter side.
_BAR_WIDTH, _BAR_HEIGHT, _BAR_GAP = 84, 10, 44
_KICKER_SIZE, _KICKER_GAP = 42, 34
_POSTER_GAP = 52  # poster capitals with accents reach higher
_TITLE_SIZE, _POSTER_SIZE, _SMALLEST_SIZE = 164, 230, 40
_LEADING, _POSTER_LEADING = 1.14, 1.22
_LINE_COST = 0.9
_VEIL_EDGE = 150
_COARSE = 8  # the veil's edge is blurred at an eighth of the size

_SRGB = np.arange(256) / 255
_LINEAR = np.where(_SRGB <= 0.04045, _SRGB / 12.92, ((_SRGB + 0.055) / 1.055) ** 2.4).astype(
    np.float32
)
_WEIGHTS = np.array([0.2126, 0.7152, 0.0722], np.float32)


@dataclass(frozen=True, slots=True)
class _Lettering:
    """The words of a card as they are set; `title_top` in pixels from the top."""

    kicker: Block | None
    title: Block | None
    title_top: float


def draw(card: Card, width: int, height: int) -> NDArray[np.uint8]:
    """The picture of a card: (height, width, 3) uint8, sRGB. The same card is the same picture."""
    design = _Design(card, width, height)
    image = design.style(design.ground)
    _letter(image, design.lettering(card), design.ground)
    return _dithered(image, design.chance)


def title_of(card: Card, width: int, height: int) -> Block | None:
    """The title of a card as it is set; None when no letter of it can be drawn."""
    return _Design(card, width, height).lettering(card).title


def contrast(one: Rgb, other: Rgb) -> float:
    """Contrast ratio of two sRGB colours, 1 to 21 (WCAG 2.2)."""
    return float(_ratio(np.array(one, np.uint8), np.array(other, np.uint8)))


class _Design:
    """The choices that the words and the seed of a card make."""

    def __init__(self, card: Card, width: int, height: int) -> None:
        digest = hashlib.sha256(f"{card.seed}\0{card.text}\0{card.kicker}".encode()).digest()
        self.chance = Random(digest)  # noqa: S311 - a choice of looks, not a secret
        self.ground = Ground(width, height, self.chance.choice(PALETTES), self.chance)
        self.style = self.chance.choice(STYLES)

    def lettering(self, card: Card) -> _Lettering:
        """Set bar, kicker and title, one below the other."""
        ground, unit = self.ground, self.ground.unit
        wanted = Wanted.POSTER if self.style is bands else Wanted.DISPLAY
        width = _WIDTH * ground.width
        kicker = _kicker(card.kicker, ground, width)
        top = _TOP * ground.height + (_BAR_HEIGHT + _BAR_GAP) * unit
        top += kicker.height + _KICKER_GAP * unit if kicker else 0
        top += _POSTER_GAP * unit if wanted is Wanted.POSTER else 0
        title = _title(card.text, ground, wanted, (width, _BOTTOM * ground.height - top))
        return _Lettering(kicker, title, top)


def _letter(image: Image.Image, words: _Lettering, ground: Ground) -> None:
    """Write bar, kicker and title on the ground made calm enough."""
    unit, palette, title = ground.unit, ground.palette, words.title
    left, top = _LEFT * ground.width, _TOP * ground.height
    width = _WIDTH * ground.width
    bottom = words.title_top + (title.height if title else 0)
    _calm(image, (left, top, left + width, bottom), ground)
    pen = ImageDraw.Draw(image)
    is_rtl = title is not None and title.begins_right
    bar_left = left + (width - _BAR_WIDTH * unit) * is_rtl
    bar = (bar_left, top, bar_left + _BAR_WIDTH * unit, top + _BAR_HEIGHT * unit)
    pen.rounded_rectangle(bar, radius=_BAR_HEIGHT * unit / 2, fill=palette.accent)
    if words.kicker:
        kicker_top = top + (_BAR_HEIGHT + _BAR_GAP) * unit
        _write(pen, words.kicker, (left, kicker_top), width, palette.accent)
    if title:
        _write(pen, title, (left, words.title_top), width, palette.ink)


def _write(
    pen: ImageDraw.ImageDraw, block: Block, at: tuple[float, float], width: float, colour: Rgb
) -> None:
    x = at[0] + (width - block.width) * block.begins_right
    for word in block.words:
        lettering.draw(pen, word, size=block.size, fill=colour, offset=(x, at[1]))


def _kicker(text: str, ground: Ground, width: float) -> Block | None:
    size = max(1, round(_KICKER_SIZE * ground.unit))
    box = Box(width, size * 2.0, size, 1, max_lines=1, leading=1, centred=False)
    return _fitted(text.upper(), Wanted.TEXT, box)


def _title(text: str, ground: Ground, wanted: Wanted, room: tuple[float, float]) -> Block | None:
    is_poster = wanted is Wanted.POSTER
    box = Box(
        width=room[0],
        height=room[1],
        largest=round((_POSTER_SIZE if is_poster else _TITLE_SIZE) * ground.unit),
        smallest=round(_SMALLEST_SIZE * ground.unit),
        max_lines=7,
        leading=_POSTER_LEADING if is_poster else _LEADING,
        centred=False,
        line_cost=_LINE_COST,
    )
    return _fitted(text.upper() if is_poster else text, wanted, box)


def _fitted(text: str, wanted: Wanted, box: Box) -> Block | None:
    """The words in the box; the last ones give way to an ellipsis when there are too many."""
    words = writing.all_pieces(text)
    language = fonts.language_of(text)

    def block(count: int, least: int = box.smallest) -> Block | None:
        shown = words[:count]
        if count < len(words):
            shown[-1] += "…"
        set_words = lettering.words(shown, wanted=wanted, language=language)
        drawable = [each for each in set_words if each.runs]
        return lettering.fit(drawable, replace(box, smallest=least)) if drawable else None

    if not words:
        return None
    counts = range(1, min(len(words), _MOST_WORDS) + 1)
    fitting = bisect_left(counts, True, key=lambda count: block(count) is None)
    return block(fitting) if fitting else block(1, least=1)


def _calm(image: Image.Image, area: tuple[float, float, float, float], ground: Ground) -> None:
    """Cover the ground below the words, softly and only as much as reading asks for."""
    left, top, right, bottom = (round(edge) for edge in area)
    edge = round(_VEIL_EDGE * ground.unit)
    mask = Image.new("L", (image.width // _COARSE + 1, image.height // _COARSE + 1))
    grown = [(left - edge) / _COARSE, (top - edge) / _COARSE]
    grown += [(right + edge) / _COARSE, (bottom + edge) / _COARSE]
    ImageDraw.Draw(mask).rectangle(grown, fill=255)
    soft = mask.filter(ImageFilter.GaussianBlur(edge / 2 / _COARSE))
    soft = soft.resize(image.size, Image.Resampling.BILINEAR)
    veil = Image.new("RGB", image.size, ground.palette.deep)
    under = (left, top, right, bottom)
    for share in _VEILS:
        weights = soft.point([round(level * share) for level in range(256)])
        calmed = Image.composite(veil.crop(under), image.crop(under), weights.crop(under))
        if _worst_contrast(calmed, ground) >= _CONTRAST:
            break
    image.paste(veil, mask=weights)


def _worst_contrast(image: Image.Image, ground: Ground) -> float:
    pixels = np.asarray(image)
    colours = (ground.palette.ink, ground.palette.accent)
    return min(float(_ratio(pixels, np.array(colour, np.uint8)).min()) for colour in colours)


def _ratio(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Contrast of colours, (..., 3) each, by WCAG's definition of relative luminance."""
    first, second = _luminance(one) + np.float32(0.05), _luminance(other) + np.float32(0.05)
    ratio: NDArray[np.float32] = np.maximum(first, second) / np.minimum(first, second)
    return ratio


def _luminance(colours: NDArray[np.uint8]) -> NDArray[np.float32]:
    luminance: NDArray[np.float32] = _LINEAR[colours] @ _WEIGHTS
    return luminance


def _dithered(image: Image.Image, chance: Random) -> NDArray[np.uint8]:
    """The pixels with a little noise; its tile is small, so it costs next to nothing."""
    noise = np.frombuffer(chance.randbytes(_DITHER_TILE**2), np.uint8).astype(np.int16)
    tile = (noise % (2 * _DITHER + 1) - _DITHER).reshape(_DITHER_TILE, _DITHER_TILE)
    repeats = (-(-image.height // _DITHER_TILE), -(-image.width // _DITHER_TILE))
    whole = np.tile(tile, repeats)[: image.height, : image.width, None]
    return np.clip(np.asarray(image) + whole, 0, 255).astype(np.uint8)
