"""Tables on slides: a heading, shaded rows, one size of type. All lengths are pixels."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reelsmith.domain import writing
from reelsmith.domain.decks import Table
from reelsmith.media import cards, lettering
from reelsmith.media.backdrops import Rgb
from reelsmith.media.lettering import Block, Box, Word
from reelsmith.media.slide_parts import Area, Sheet, mixed

# In 1080ths of the shorter side.
_ROW_HEIGHT, _CELL_SIZE, _CELL_SMALLEST, _CELL_PADDING = 92, 36, 12, 18
_FIGURE = re.compile(r"[-+(\u2212]?[\d.,\s]+\)?\s?%?|[$€£¥]\s?[\d.,]+|[\d.,]+\s?[$€£¥]")


def draw(sheet: Sheet, area: Area, told: Table) -> bool:
    """Draw a table, its first row as a heading; whether all words of it fitted."""
    columns = max(map(len, told.rows))
    rows = [[*row, *[""] * (columns - len(row))] for row in told.rows]
    high = min(area.height / len(rows), _ROW_HEIGHT * sheet.unit)
    edges = _edges(rows, area)
    cells = [
        _Cell(sheet.words(text), text, Area(left, top, right, top + high), number)
        for number, row in enumerate(rows)
        for top in [area.top + number * high]
        for text, left, right in zip(row, edges, edges[1:], strict=False)
    ]
    largest = max(1, round(min(_CELL_SIZE * sheet.unit, high * 0.55)))
    blocks = [cell.block(sheet, largest) for cell in cells if cell.words]
    size = min((block.size for block in blocks if block), default=largest)
    for cell in cells:
        cell.draw(sheet, size)
    return all(blocks)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell of a table, in the row of this number."""

    words: tuple[Word, ...]
    text: str
    area: Area
    row: int

    def block(self, sheet: Sheet, largest: int) -> Block | None:
        """Its words set no larger than this; None when they do not fit."""
        box = Box(
            width=self.area.width - 2 * _CELL_PADDING * sheet.unit,
            height=self.area.height * 0.96,
            largest=largest,
            smallest=min(largest, max(1, round(_CELL_SMALLEST * sheet.unit))),
            max_lines=3,
            leading=1.1,
            centred=False,
            line_cost=0.75,
        )
        return lettering.fit(self.words, box)

    def draw(self, sheet: Sheet, size: int) -> None:
        """Its ground and its words, the last ones left out where they do not fit."""
        area = self.area
        shade = sheet.accent if self.row == 0 else _shade(sheet, self.row)
        sheet.pen.rectangle((area.left, area.top, area.right, area.bottom - 1), fill=shade)
        cell = self
        while cell.words and (block := cell.block(sheet, size)) is None:
            cell = replace(cell, words=cell.words[: len(cell.words) * 3 // 4])
        if not cell.words or block is None:
            return
        padding = _CELL_PADDING * sheet.unit
        figure = len(self.text) < 20 and _FIGURE.fullmatch(self.text)
        width = area.width - 2 * padding
        left = area.right - padding - block.width if figure else area.left + padding
        top = area.top + (area.height - block.height) / 2
        across = block.width if figure else width
        sheet.write(block, left, top, width=across, colour=_on(sheet, shade))


def _edges(rows: Sequence[Sequence[str]], area: Area) -> list[float]:
    """Where columns begin and the last one ends: wider where more is written, within reason."""
    longest = [
        min(30, max(6, *(writing.columns(row[n]) for row in rows))) for n in range(len(rows[0]))
    ]
    steps = [area.width * one / sum(longest) for one in longest]
    return [area.left + sum(steps[:n]) for n in range(len(steps) + 1)]


def _shade(sheet: Sheet, number: int) -> Rgb:
    return mixed(sheet.ground, sheet.ink, 0.07 if number % 2 else 0.02)


def _on(sheet: Sheet, shade: Rgb) -> Rgb:
    """The colour of words on a ground."""
    ways: list[Rgb] = [sheet.ink, sheet.ground, (255, 255, 255), (0, 0, 0)]
    return max(ways, key=lambda way: cards.contrast(way, shade))
