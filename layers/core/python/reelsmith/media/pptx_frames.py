"""Graphic frames of PowerPoint slides: tables, charts and diagrams, read in the confined child."""

from collections.abc import Callable, Iterator
from itertools import zip_longest
from xml.etree.ElementTree import Element

from reelsmith.domain import decks
from reelsmith.media import markup
from reelsmith.media.archives import Archive
from reelsmith.media.deck_parts import Sheet
from reelsmith.media.pptx_names import DIAGRAM, A, C, R, text_of

_POINTS_MOST = 4_000


def read(
    frame: Element,
    sheet: Sheet,
    *,
    part_of: Callable[[str | None], str | None],
    archive: Archive,
) -> None:
    """Read what a graphic frame holds; what we do not draw is named. Raises Refused."""
    data = frame.find(f"{A}graphic/{A}graphicData")
    table = data.find(f"{A}tbl") if data is not None else None
    chart = data.find(f"{C}chart") if data is not None else None
    diagram = data.find(f"{DIAGRAM}relIds") if data is not None else None
    if table is not None:
        sheet.tabulate([[_cell(cell) for cell in row] for row in _rows(table)], what="a table")
    elif chart is not None:
        _read_chart(_linked(archive, part_of(chart.get(f"{R}id"))), sheet)
    elif diagram is not None:
        root = _linked(archive, part_of(diagram.get(f"{R}dm")))
        for body in root.iter(f"{DIAGRAM}t") if root is not None else ():
            sheet.say(text_of(body))
    else:
        sheet.left_out.append("an embedded object")


def _linked(archive: Archive, part: str | None) -> Element | None:
    return markup.parse(archive.read(part)) if part and archive.holds(part) else None


def _rows(table: Element) -> Iterator[list[Element]]:
    for row in table.iterfind(f"{A}tr"):
        yield row.findall(f"{A}tc")


def _cell(cell: Element) -> str:
    body = cell.find(f"{A}txBody")
    return "" if body is None else text_of(body)


def _read_chart(root: Element | None, sheet: Sheet) -> None:
    """The figures of a chart as a table: categories down, series across."""
    series = list(root.iter(f"{C}ser")) if root is not None else []
    if not series or len(series) >= decks.COLUMNS_MOST:
        sheet.left_out.append("a chart")
        return
    names = ["", *(_first(one, "tx") for one in series)]
    labels = _points(series[0].find(f"{C}cat"))
    values = [_points(one.find(f"{C}val")) for one in series]
    figures = zip_longest(labels, *values, fillvalue="")
    sheet.tabulate([names, *map(list, figures)], what="a chart")
    sheet.left_out.append("the drawing of a chart, its figures are shown")


def _first(series: Element, name: str) -> str:
    return next(iter(_points(series.find(f"{C}{name}"))), "")


def _points(data: Element | None) -> list[str]:
    """The values that a chart keeps of its sheet, in order; gaps are empty."""
    found: dict[int, str] = {}
    for point in data.iter(f"{C}pt") if data is not None else ():
        place = point.get("idx", "")
        if place.isdecimal() and len(place) < 6 and int(place) < _POINTS_MOST:
            found[int(place)] = _number(point.findtext(f"{C}v") or "")
    return [found.get(place, "") for place in range(max(found, default=-1) + 1)]


def _number(text: str) -> str:
    """A figure as people write it; any other text as it is."""
    try:
        return f"{float(text):.10g}"
    except ValueError:
        return text
