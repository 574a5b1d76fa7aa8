"""Words set into a box: sizes, line breaks, order and places. Knows faces, not colours.

All numbers are pixels unless said. Words are laid out one by one, so each can be lit by itself;
inside a word raqm shapes and joins the letters. In a line, words of one direction stand in that
direction, and the whole block reads as its first word that has a direction.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Literal

from PIL import ImageDraw

from reelsmith.domain import writing
from reelsmith.media import breaks, fonts
from reelsmith.media.fonts import Run, Wanted

_MEASURE = 100  # size at which words are measured first; widths grow in step with the size
_ASCENT, _DESCENT = 0.80, 0.24  # room above the first and below the last baseline, of the size
_OVERHANG = 0.1  # how far ink may stand out of a word's advance, of the size
_MOST_MARKS = 12  # on one letter; stacked Tibetan and pointed Hebrew have fewer
_NOT_DRAWN = ("Cc", "Cs", "Zl", "Zp")

Direction = Literal["L", "R", "number", "none"]


@dataclass(frozen=True, slots=True)
class Word:
    """A word as its faces draw it. `width` is that at size 1.

    `glued` says that no space parts it from the word before, as between hanzi.
    """

    runs: tuple[Run, ...]
    width: float
    direction: Direction
    glued: bool = False


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
    """Words in their lines at one size, in a box whose left top corner is (0, 0).

    `begins_right` says that its words are read from right to left.
    """

    size: int
    words: tuple[Placed, ...]
    width: float
    height: float
    begins_right: bool


@dataclass(frozen=True, slots=True)
class Box:
    """What words are set into: its size, the sizes of type it takes, and how lines stand in it.

    `leading` is the distance of baselines in sizes, `space` that of words. Lines that are not
    centred begin at the side where reading begins. `line_cost` says what a further line must be
    worth: with 0.9, type that is more than a ninth larger.
    """

    width: float
    height: float
    largest: int
    smallest: int
    max_lines: int
    leading: float
    centred: bool
    line_cost: float = 1.0
    space: float = 0.27


def words(
    texts: Sequence[str], *, wanted: Wanted, language: str | None = None
) -> tuple[Word, ...]:
    """Words that follow one another, each as `word` gives it."""
    made = [word(text, wanted=wanted, language=language) for text in texts]
    glued = (False, *(writing.is_glued(*pair) for pair in pairwise(texts)))
    return tuple(
        replace(one, glued=tied) for one, tied in zip(made, glued[: len(made)], strict=True)
    )


def word(text: str, *, wanted: Wanted, language: str | None = None) -> Word:
    """Choose the faces of a word and measure it.

    Controls and line ends are left out, and of a tower of marks on one letter all but the first.
    """
    text = _writable(text)
    runs = fonts.runs(text, wanted=wanted, language=language)
    return Word(runs, _advance(runs, _MEASURE) / _MEASURE, _direction(text))


def _writable(text: str) -> str:
    kept, marks = [], 0
    for mark in text:
        kind = unicodedata.category(mark)
        if kind[0] == "M":
            marks += 1
        elif kind != "Cf":
            marks = 0
        if kind not in _NOT_DRAWN and marks <= _MOST_MARKS:
            kept.append(mark)
    return "".join(kept)


def fit(words: Sequence[Word], box: Box) -> Block | None:
    """Set words into a box, as large as it allows; a further line must make them larger.

    None when they do not fit even at the smallest size.
    """
    leading = box.leading * max((run.face.scale for w in words for run in w.runs), default=1.0)
    best: Block | None = None
    gaps = tuple(0.0 if each.glued else box.space for each in words)
    ways = breaks.best(tuple(each.width for each in words), gaps, most=box.max_lines)
    for count, (widest, lines) in enumerate(ways, 1):
        height = _ASCENT + _DESCENT + (count - 1) * leading
        size = min(box.largest, int(box.width / max(widest, 0.01)), int(box.height / height))
        if size < box.smallest:
            continue
        block = _block(words, lines, max(1, size), leading, box)
        while block.width > box.width and block.size > 1:  # measured at 100, it was narrower
            block = _block(words, lines, block.size - 1, leading, box)
        if block.size < box.smallest or block.width > box.width or block.height > box.height:
            continue
        if best is None or block.size * box.line_cost > best.size:
            best = block
    return best


def broken(words: Sequence[Word], *, width: float, size: int, space: float = 0.27) -> list[range]:
    """Words in lines that are filled one after the other, as in running text, by their numbers.

    A word that is wider than a line has one to itself.
    """
    lines, first, used = [], 0, 0.0
    for number, one in enumerate(words):
        gap = 0.0 if one.glued or number == first else space * size
        if number > first and used + gap + one.width * size > width:
            lines.append(range(first, number))
            first, used, gap = number, 0.0, 0.0
        used += gap + one.width * size
    return [*lines, range(first, len(words))] if words else []


def filled(
    words: Sequence[Word],
    *,
    width: float,
    size: int,
    leading: float,
    base: Direction | None = None,
) -> Block:
    """Words as running text at one size, see `broken`; `base` is the direction of what is around.

    Without it the first word decides.
    """
    box = Box(width, 0, size, size, max_lines=1, leading=leading, centred=False)
    return _block(words, broken(words, width=width, size=size), size, leading, box, base=base)


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
    kinds = [unicodedata.bidirectional(mark) for mark in text]
    strong = next((kind for kind in kinds if kind in ("L", "R", "AL")), None)
    if strong is not None:
        return "L" if strong == "L" else "R"
    return "number" if "EN" in kinds or "AN" in kinds else "none"


def _block(
    words: Sequence[Word],
    lines: Sequence[range],
    size: int,
    leading: float,
    box: Box,
    *,
    base: Direction | None = None,
) -> Block:
    first: Direction = next((w.direction for w in words if w.direction in ("L", "R")), "L")
    base = base or first
    rows = [[(n, _advance(words[n].runs, size)) for n in line] for line in lines]
    gaps = [0.0 if each.glued else box.space * size for each in words]
    widths = [sum(w for _, w in row) + sum(gaps[n] for n, _ in row[1:]) for row in rows]
    widest = max(widths, default=0.0)
    placed = []
    for number, (row, wide) in enumerate(zip(rows, widths, strict=True)):
        x = (widest - wide) / 2 if box.centred else (widest - wide) * (base == "R")
        baseline = (_ASCENT + number * leading) * size
        for place, (index, width) in enumerate(_in_order_of_sight(row, words, base)):
            x += gaps[index] if place else 0
            placed.append(Placed(index, words[index], x, baseline, width))
            x += width
    height = (_ASCENT + _DESCENT + (len(rows) - 1) * leading) * size
    return Block(size, tuple(placed), widest, height, base == "R")


def _in_order_of_sight(
    row: Sequence[tuple[int, float]], words: Sequence[Word], base: Direction
) -> list[tuple[int, float]]:
    """Words from left to right: those against the block's direction stay together, turned."""
    sides: list[Direction] = []
    for index, _ in row:
        own = words[index].direction
        if own == "number" and sides:  # as in "iPhone 15": rule W7 of Unicode Annex 9
            own = sides[-1]
        sides.append(own if own in ("L", "R") else base)
    pairs = groupby(zip(sides, row, strict=True), key=lambda pair: pair[0])
    groups = [(side, [item for _, item in items]) for side, items in pairs]
    if base == "R":
        groups.reverse()
    return [item for side, items in groups for item in (items[::-1] if side == "R" else items)]
