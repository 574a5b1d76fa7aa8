"""What lies over a film beside its captions: boxes with words, and badges such as a logo.

Each is painted once, when it is first seen, and dropped when its time is over.
"""

from collections.abc import Mapping, Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw, ImageFilter

from reelsmith.domain import writing
from reelsmith.domain.layers import Badge, Over, TextBox
from reelsmith.domain.timelines import Timeline
from reelsmith.errors import MediaError
from reelsmith.media import lettering
from reelsmith.media.fonts import Wanted
from reelsmith.media.lettering import Block, Box
from reelsmith.media.planes import Overlay

Rgba = NDArray[np.uint8]
Rgb = tuple[int, int, int]

# Shares of the type size.
_LEADING, _SPACE = 1.16, 0.28
_PAD_ACROSS, _PAD_DOWN, _ROUND = 0.55, 0.28, 0.32  # of a plate, beyond the words
_RIM = 0.07
_SHADOW_BLUR, _SHADOW_DROP = 0.14, 0.04

_SHADOW_ALPHA, _PLATE_ALPHA = 0.55, 0.92
_FINE = 4  # corners of a plate are drawn at four times the size
_MAX_LINES = 12
_SMALLER = 0.95  # the next size when words do not fit
_HEIGHT = 0.9  # of the frame, that words may take at most
_DARK_BELOW = 140  # luma of letters that get a light rim


class Overlays:
    """The overlays of a timeline, painted as they are asked for."""

    def __init__(self, timeline: Timeline, *, badges: Mapping[str, Rgba]) -> None:
        """Take a timeline and its badges' pictures by key, (h, w, 4) uint8, straight alpha.

        Raises:
            MediaError: a badge has no picture.
        """
        for over in timeline.overlays:
            if isinstance(over, Badge) and over.key not in badges:
                raise MediaError(f"there is no picture for the badge {over.name!r}")
        self._size = timeline.width, timeline.height
        self._language = timeline.language
        self._overs = timeline.overlays
        self._badges = badges
        self._painted: dict[int, Overlay] = {}

    def at(self, frame: int) -> tuple[Overlay, ...]:
        """What stands on picture `frame` of the film, the lowest first; the same while it does."""
        seen = [n for n, o in enumerate(self._overs) if o.first_frame <= frame < o.end_frame]
        self._painted = {n: self._painted.get(n) or self._paint(self._overs[n]) for n in seen}
        return tuple(self._painted.values())

    def _paint(self, over: Over) -> Overlay:
        width, height = self._size
        if isinstance(over, Badge):
            image = badge(over, self._badges[over.key], width=width, height=height)
        else:
            image = text_box(over, language=self._language, width=width, height=height)
        x = _within(over.x * width, image.shape[1], width)
        y = _within(over.y * height, image.shape[0], height)
        return Overlay.from_rgba(image, x=x, y=y)


def _within(middle: float, length: int, room: int) -> int:
    """Where something begins around its middle, moved so that none of it is cut off."""
    return max(0, min(round(middle - length / 2), room - length))


def badge(over: Badge, picture: Rgba, *, width: int, height: int) -> Rgba:
    """A badge as it stands in a frame of `width` x `height` pixels, (h, w, 4), straight alpha.

    It is never higher than the frame.
    """
    scale = min(over.width * width / picture.shape[1], height / picture.shape[0])
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    image = Image.fromarray(np.ascontiguousarray(picture))
    image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    image.putalpha(_share(image.getchannel("A"), over.opacity))
    return np.asarray(image)


def text_box(over: TextBox, *, language: str | None, width: int, height: int) -> Rgba:
    """Words as they stand in a frame of `width` x `height` pixels, (h, w, 4), straight alpha.

    On a plate when one is wanted; else with a rim and a shadow, so that they are readable on
    anything. Words that are too many for the frame are set smaller, never cut.
    """
    blocks = paragraphs(over, language, width, height)
    if not blocks:
        return np.zeros((2, 2, 4), np.uint8)
    size = blocks[0].size
    letters, rim = _inked(blocks, size)
    colour = _rgb(over.colour)
    if over.plate:
        plate = _plate(letters.size, round(_ROUND * size))
        return _on(plate, _rgb(over.plate), letters, colour)
    return _on(_halo(rim, size), _contrast(colour), letters, colour)


def _inked(blocks: Sequence[Block], size: int) -> tuple[Image.Image, Image.Image]:
    """Paragraphs one below the other, with room around: the letters, and these with a rim."""
    across, down = ceil(_PAD_ACROSS * size), ceil(_PAD_DOWN * size)
    widest = max(block.width for block in blocks)
    canvas = (
        ceil(widest) + 2 * across,
        ceil(sum(block.height for block in blocks)) + 2 * down,
    )
    letters, rim = Image.new("L", canvas), Image.new("L", canvas)
    on_letters, on_rim = ImageDraw.Draw(letters), ImageDraw.Draw(rim)
    stroke, top = max(1, round(_RIM * size)), float(down)
    for block in blocks:
        offset = (across + (widest - block.width) / 2, top)
        for placed in block.words:
            lettering.draw(on_letters, placed, size=size, fill=255, offset=offset)
            lettering.draw(on_rim, placed, size=size, fill=255, stroke=stroke, offset=offset)
        top += block.height
    return letters, rim


def paragraphs(over: TextBox, language: str | None, width: int, height: int) -> list[Block]:
    """The paragraphs of a box, all in one size: the one asked for, or the largest that fits.

    There are none when nothing of it can be drawn.
    """
    lines = [writing.all_pieces(line) for line in over.text.splitlines()]
    words = [lettering.words(line, wanted=Wanted.TEXT, language=language) for line in lines]
    drawable = [kept for line in words if (kept := [word for word in line if word.runs])]
    size = max(1, round(over.size * min(width, height)))
    while size:
        box = Box(
            width=over.width * width,
            height=height * _HEIGHT,
            largest=size,
            smallest=size,
            max_lines=_MAX_LINES,
            leading=_LEADING,
            centred=True,
            space=_SPACE,
        )
        blocks = [block for line in drawable if (block := lettering.fit(line, box))]
        if len(blocks) == len(drawable) and sum(block.height for block in blocks) <= box.height:
            return blocks
        size = min(size - 1, int(size * _SMALLER))
    return []


def _on(ground: Image.Image, below: Rgb, letters: Image.Image, above: Rgb) -> Rgba:
    """Letters of one colour on a ground of another, both given as coverage."""
    picture = Image.composite(
        Image.new("RGB", letters.size, above), Image.new("RGB", letters.size, below), letters
    )
    covered = np.maximum(np.asarray(ground), np.asarray(letters))
    return np.dstack((np.asarray(picture), covered))


def _plate(size: tuple[int, int], radius: int) -> Image.Image:
    """The coverage of a plate with round corners."""
    large = Image.new("L", (size[0] * _FINE, size[1] * _FINE))
    ImageDraw.Draw(large).rounded_rectangle(
        (0, 0, large.width - 1, large.height - 1), radius * _FINE, fill=255
    )
    return _share(large.reduce(_FINE), _PLATE_ALPHA)


def _halo(rim: Image.Image, size: int) -> Image.Image:
    """The coverage of a rim around letters and of its shadow."""
    blurred = rim.filter(ImageFilter.GaussianBlur(_SHADOW_BLUR * size))
    shadow = Image.new("L", rim.size)
    shadow.paste(_share(blurred, _SHADOW_ALPHA), (0, round(_SHADOW_DROP * size)))
    return Image.fromarray(np.maximum(np.asarray(rim), np.asarray(shadow)))


def _contrast(colour: Rgb) -> Rgb:
    """What letters of a colour stand out from: black, or white for dark ones."""
    red, green, blue = colour
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return (255, 255, 255) if luma < _DARK_BELOW else (0, 0, 0)


def _rgb(text: str) -> Rgb:
    red, green, blue = ImageColor.getrgb(text)[:3]
    return red, green, blue


def _share(mask: Image.Image, share: float) -> Image.Image:
    return mask.point([round(value * share) for value in range(256)])
