"""Words on the picture: white, with a dark rim and shadow, readable on anything; one of them lit.

A cue is set once. Each of its states (no word lit, or word n) is painted when it is first shown
and kept while the cue stands.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from reelsmith.domain.jobs import CaptionStyle
from reelsmith.domain.timelines import Cue, Timeline
from reelsmith.media import lettering
from reelsmith.media.fonts import Wanted
from reelsmith.media.lettering import Box, Placed
from reelsmith.media.planes import Overlay

LIT = (255, 214, 10)  # colour of the spoken word; the others are white
_LIT_SCALE = 1.08
_GROWTH = 0.07  # how far a lit word may grow to either side, of the type size
_SPACE = 0.42  # between words, of the type size: rims and a lit word's growth take a half of it
_MIDDLE = 0.35  # height of the middle of the letters above the baseline, of the type size

# Shares of the type size. The rim is opaque, so a letter never touches the picture below.
_RIM = 0.085
_SHADOW_BLUR, _SHADOW_DROP = 0.16, 0.05
_SHADOW_ALPHA = 0.6
_COARSE = 4  # the shadow is blurred at a quarter of the size

_LEADING = 1.16
_MAX_LINES = 2
_SMALLEST = 2  # pixels; a word that is too long is made smaller, never cut


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where captions stand, in shares: `size` of the shorter side, the others of their own."""

    size: float
    width: float
    bottom: float


_UPRIGHT = _Shape(size=0.074, width=0.84, bottom=0.82)  # feeds lay buttons over what is below
_SQUARE = _Shape(size=0.066, width=0.84, bottom=0.90)
_WIDE = _Shape(size=0.062, width=0.74, bottom=0.92)


@dataclass(frozen=True, slots=True)
class Laid:
    """Words in their place: `edges` are left, top, right, bottom of their letters, in pixels."""

    size_px: int
    edges: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class _Ink:
    """A word's letters, and the letters with their rim, as coverage on the cue's canvas."""

    fill: Image.Image
    rim: Image.Image


class Setting:
    """A cue set into a frame of `width` x `height` pixels.

    `x` and `y` say where the left top corner of what `paint` gives stands in the frame.
    """

    def __init__(self, cue: Cue, *, width: int, height: int, language: str | None = None) -> None:
        self._size, self._words = _set(cue, width, height, language)
        self._stroke = max(1, round(self._size * _RIM))
        boxes = [
            lettering.bounds(self._enlarged(word), size=self._lit_size(word))
            for word in self._words.values()
        ]
        shadow = round((2 * _SHADOW_BLUR + _SHADOW_DROP) * self._size) + 2 * _COARSE
        spare = self._stroke + shadow
        left, top, right, bottom = zip(*boxes, strict=True) if boxes else ((0,),) * 4
        self._edges = min(left), min(top), max(right), max(bottom)
        self.x, self.y = floor(min(left)) - spare, floor(min(top)) - spare
        self._canvas = (ceil(max(right)) + spare - self.x, ceil(max(bottom)) + spare - self.y)

    @property
    def laid(self) -> Laid | None:
        """How the words came out; None when there is nothing to draw."""
        return Laid(self._size, self._edges) if self._words else None

    def paint(self, lit: int | None) -> NDArray[np.uint8]:
        """The cue with word `lit` lit, or none: (h, w, 4) uint8, sRGB with straight alpha."""
        plain = [ink for index, ink in self._inks.items() if index != lit]
        white = self._union(ink.fill for ink in plain)
        rims = self._union(ink.rim for ink in plain)
        bands = [white, white, white]
        if lit is not None and lit in self._words:
            word = self._words[lit]
            ink = self._ink(self._enlarged(word), self._lit_size(word))
            rims = ImageChops.lighter(rims, ink.rim)
            bands = [ImageChops.lighter(white, _share(ink.fill, level / 255)) for level in LIT]
        alpha = ImageChops.screen(rims, self._shadow)
        return np.asarray(Image.merge("RGBA", (*bands, alpha)))

    @cached_property
    def _inks(self) -> dict[int, _Ink]:
        return {index: self._ink(word, self._size) for index, word in self._words.items()}

    @cached_property
    def _shadow(self) -> Image.Image:
        everything = self._union(ink.rim for ink in self._inks.values())
        dropped = ImageChops.offset(everything, 0, round(self._size * _SHADOW_DROP))
        coarse = dropped.reduce(_COARSE)
        soft = coarse.filter(ImageFilter.GaussianBlur(self._size * _SHADOW_BLUR / _COARSE))
        return _share(soft.resize(self._canvas, Image.Resampling.BILINEAR), _SHADOW_ALPHA)

    def _lit_size(self, word: Placed) -> int:
        """The type size of a word when it is lit: a long one grows less, not into the next."""
        scale = min(_LIT_SCALE, 1 + 2 * _GROWTH * self._size / max(word.width, 1))
        return round(self._size * scale)

    def _enlarged(self, word: Placed) -> Placed:
        """The word as it stands when it is lit: larger around the middle of its letters."""
        size = self._lit_size(word)
        growth = size - self._size
        width = word.width * size / self._size
        x = word.x - (width - word.width) / 2
        return replace(word, x=x, baseline=word.baseline + _MIDDLE * growth, width=width)

    def _ink(self, word: Placed, size: int) -> _Ink:
        fill, rim = Image.new("L", self._canvas), Image.new("L", self._canvas)
        offset = (-self.x, -self.y)
        lettering.draw(ImageDraw.Draw(fill), word, size=size, fill=255, offset=offset)
        lettering.draw(
            ImageDraw.Draw(rim), word, size=size, fill=255, stroke=self._stroke, offset=offset
        )
        return _Ink(fill, rim)

    def _union(self, masks: Iterable[Image.Image]) -> Image.Image:
        return reduce(ImageChops.lighter, masks, Image.new("L", self._canvas))


class Captions:
    """The captions of a timeline, painted as they are asked for."""

    def __init__(self, timeline: Timeline) -> None:
        self._style = timeline.caption_style
        self._cues = () if self._style is CaptionStyle.NONE else timeline.cues
        self._starts = [cue.first_frame for cue in self._cues]
        self._width, self._height = timeline.width, timeline.height
        self._language = timeline.language
        self._standing: tuple[int, Setting] | None = None
        self._painted: dict[int | None, Overlay] = {}

    def at(self, frame: int) -> Overlay | None:
        """What stands on picture `frame` of the film; the same object while nothing changes."""
        number = bisect_right(self._starts, frame) - 1
        if number < 0 or frame >= self._cues[number].end_frame:
            return None
        setting = self._setting(number)
        lit = self._lit(self._cues[number], frame)
        if lit not in self._painted:
            self._painted[lit] = Overlay.from_rgba(setting.paint(lit), x=setting.x, y=setting.y)
        return self._painted[lit]

    def _setting(self, number: int) -> Setting:
        if self._standing is None or self._standing[0] != number:
            cue = self._cues[number]
            setting = Setting(cue, width=self._width, height=self._height, language=self._language)
            self._standing = (number, setting)
            self._painted = {}
        return self._standing[1]

    def _lit(self, cue: Cue, frame: int) -> int | None:
        if self._style is not CaptionStyle.POP:
            return None
        spoken = (n for n, w in enumerate(cue.words) if w.first_frame <= frame < w.end_frame)
        return next(spoken, None)


def _set(cue: Cue, width: int, height: int, language: str | None) -> tuple[int, dict[int, Placed]]:
    """The type size, and each word that can be drawn in its place in the frame, by its number."""
    shape = _shape(width, height)
    box = Box(
        width=width * shape.width,
        height=height * shape.bottom,
        largest=max(_SMALLEST, round(min(width, height) * shape.size)),
        smallest=_SMALLEST,
        max_lines=_MAX_LINES,
        leading=_LEADING,
        centred=True,
        space=_SPACE,
    )
    texts = [word.text for word in cue.words]
    words = lettering.words(texts, wanted=Wanted.DISPLAY, language=language)
    drawable = [index for index, word in enumerate(words) if word.runs]
    block = lettering.fit([words[index] for index in drawable], box) if drawable else None
    if block is None:
        return _SMALLEST, {}
    left, top = (width - block.width) / 2, height * shape.bottom - block.height
    return block.size, {
        drawable[word.index]: replace(word, x=word.x + left, baseline=word.baseline + top)
        for word in block.words
    }


def _shape(width: int, height: int) -> _Shape:
    if width < 0.8 * height:
        return _UPRIGHT
    return _WIDE if width > 1.25 * height else _SQUARE


def _share(mask: Image.Image, share: float) -> Image.Image:
    return mask.point([round(value * share) for value in range(256)])
