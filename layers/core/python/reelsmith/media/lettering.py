"""Words set into a box: sizes, line breaks, order and places. Knows faces, not colours.

All numbers are pixels unless said. Words are laid out one by one, so each can be lit by itself;
inside a word raqm shapes and joins the letters. In a line, words of one direction stand in that
direction, and the whole block reads as its first word that has a direction.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from PIL import ImageDraw

from reelsmith.media import fonts
from reelsmith.media.fonts import Run, Wanted

_MEASURE = 100  # size at which words are measured first; widths grow in step with the size
_STEP = 0.95  # from one size that is tried to the next
_SPACE = 0.27  # between words, of the size
_ASCENT, _DESCENT = 0.80, 0.24  # room above the first and below the last baseline, of the size
_OVERHANG = 0.1  # how far ink may stand out of a word's advance, of the size

Direction = Literal["L", "R", "N"]


@dataclass(frozen=True, slots=True)
class Word:
    """A word as its faces draw it. `width` is that at size 1; direction N takes the block's."""

    runs: tuple[Run, ...]
    width: float
    direction: Direction


@dataclass(frozen=True, slots=True)
class Placed:
    """A word in its place: `x` its left edge, `baseline` its y; `index` counts words from 0."""

    index: int
    word: Word
    x: float
    baseline: float
    width: float


@dataclass(frozen=True, slots=True)
class Block:
    """Words in their lines at one size, in a box whose left top corner is (0, 0)."""

    size: int
    words: tuple[Placed, ...]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Box:
    """What words are set into: its size, the sizes of type to try, and how lines stand in it.

    `leading` is the distance of baselines in sizes. Lines that are not centred begin at the side
    where reading begins.
    """

    width: float
    height: float
    largest: int
    smallest: int
    max_lines: int
    leading: float
    centred: bool


def word(text: str, *, wanted: Wanted) -> Word:
    """Choose the faces of a word and measure it."""
    runs = fonts.runs(text, wanted=wanted)
    return Word(runs, _advance(runs, _MEASURE) / _MEASURE, _direction(text))


def fit(words: Sequence[Word], box: Box) -> Block | None:
    """Set words as large as the box allows, in as few lines as that size allows, evenly broken.

    None when they do not fit even at the smallest size.
    """
    breaks = [_broken(words, n) for n in range(1, min(box.max_lines, len(words)) + 1)]
    size = box.largest
    while size >= box.smallest:
        for lines in breaks:
            block = _block(words, lines, size, box)
            if block.width <= box.width and block.height <= box.height:
                return block
        size = min(size - 1, int(size * _STEP))
    return None


def draw(
    canvas: ImageDraw.ImageDraw,
    placed: Placed,
    *,
    size: int,
    fill: int | tuple[int, int, int],
    stroke: int = 0,
    offset: tuple[float, float] = (0, 0),
) -> None:
    """Draw a word, moved by `offset`; with `stroke` it is that much fatter on every side."""
    x, y = placed.x + offset[0], placed.baseline + offset[1]
    is_rtl = placed.word.direction == "R"
    for run in reversed(placed.word.runs) if is_rtl else placed.word.runs:
        font = fonts.sized(run.face, size)
        canvas.text((x, y), run.text, fill=fill, font=font, anchor="ls", stroke_width=stroke)
        x += font.getlength(run.text)


def bounds(placed: Placed, *, size: int) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a box that holds the ink of a word."""
    boxes = [
        fonts.sized(run.face, size).getbbox(run.text, anchor="ls") for run in placed.word.runs
    ]
    top = min((box[1] for box in boxes), default=0)
    bottom = max((box[3] for box in boxes), default=0)
    spare = _OVERHANG * size
    right = placed.x + placed.width + spare
    return placed.x - spare, placed.baseline + top, right, placed.baseline + bottom


def _advance(runs: Sequence[Run], size: int) -> float:
    return sum(fonts.sized(run.face, size).getlength(run.text) for run in runs)


def _direction(text: str) -> Direction:
    for mark in text:
        kind = unicodedata.bidirectional(mark)
        if kind in ("L", "R", "AL"):
            return "L" if kind == "L" else "R"
    return "N"


def _broken(words: Sequence[Word], count: int) -> tuple[range, ...]:
    """Ranges of words for `count` lines, of which the widest is as narrow as can be."""
    ends = [0.0]
    for each in words:
        ends.append(ends[-1] + each.width + _SPACE)

    def wide(first: int, end: int) -> float:
        return ends[end] - ends[first] - _SPACE

    # best[end] is the narrowest way to set words[:end] in the lines so far, and where its last
    # line begins
    best = [(0.0 if end == 0 else wide(0, end), 0) for end in range(len(words) + 1)]
    table = [best]
    for line in range(2, count + 1):
        best = [(float("inf"), 0)] * line + [
            min((max(table[-1][cut][0], wide(cut, end)), cut) for cut in range(line - 1, end))
            for end in range(line, len(words) + 1)
        ]
        table.append(best)
    cuts = [len(words)]
    for row in reversed(table):
        cuts.append(row[cuts[-1]][1])
    cuts.reverse()
    return tuple(range(first, end) for first, end in zip(cuts, cuts[1:], strict=False))


def _block(words: Sequence[Word], lines: Sequence[range], size: int, box: Box) -> Block:
    base: Direction = next((w.direction for w in words if w.direction != "N"), "L")
    rows = [[(n, _advance(words[n].runs, size)) for n in line] for line in lines]
    widths = [sum(w for _, w in row) + _SPACE * size * (len(row) - 1) for row in rows]
    widest = max(widths, default=0.0)
    placed = []
    for number, (row, wide) in enumerate(zip(rows, widths, strict=True)):
        x = (widest - wide) / 2 if box.centred else (widest - wide) * (base == "R")
        baseline = (_ASCENT + number * box.leading) * size
        for index, width in _in_order_of_sight(row, words, base):
            placed.append(Placed(index, words[index], x, baseline, width))
            x += width + _SPACE * size
    height = (_ASCENT + _DESCENT + (len(rows) - 1) * box.leading) * size
    return Block(size, tuple(placed), widest, height)


def _in_order_of_sight(
    row: Sequence[tuple[int, float]], words: Sequence[Word], base: Direction
) -> list[tuple[int, float]]:
    """Words from left to right: those against the block's direction stay together, turned."""

    def direction(item: tuple[int, float]) -> Direction:
        own = words[item[0]].direction
        return base if own == "N" else own

    groups = [(side, list(items)) for side, items in groupby(row, key=direction)]
    if base == "R":
        groups.reverse()
    return [item for side, items in groups for item in (items[::-1] if side == "R" else items)]
