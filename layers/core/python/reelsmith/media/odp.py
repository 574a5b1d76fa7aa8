"""Presentations of OpenDocument's format (ODF 1.3, part 3), read in the confined child."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from reelsmith.domain.decks import Deck, Slide, SlidePicture
from reelsmith.media import child, markup
from reelsmith.media.archives import Archive
from reelsmith.media.deck_parts import Album, Sheet, few, font_names

MIME = "application/vnd.oasis.opendocument.presentation"
_BASE = "urn:oasis:names:tc:opendocument:xmlns:"
_DRAW, _TEXT, _TABLE, _STYLE = (
    f"{{{_BASE}{name}:1.0}}" for name in ("drawing", "text", "table", "style")
)
_PRESENTATION, _OFFICE, _SVG = (
    f"{{{_BASE}{name}:1.0}}" for name in ("presentation", "office", "svg-compatible")
)
_FO = f"{{{_BASE}xsl-fo-compatible:1.0}}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_ANEW = "open it, save it as an OpenDocument presentation (.odp) and send that"
_FURNITURE = ("date-time", "footer", "header", "page-number", "page")
_POINTS = {"cm": 28.3465, "mm": 2.83465, "in": 72.0, "pt": 1.0}
_LENGTH = re.compile(r"(\d{1,5}(?:\.\d{1,8})?)(cm|mm|in|pt)")
_REPEATS_MOST = 64


def read(archive: Archive) -> Deck:
    """The deck in an archive. Raises Refused: it is no presentation, or not one to be read."""
    if not archive.holds("mimetype") or archive.read("mimetype").decode(errors="ignore") != MIME:
        raise child.Refused("is no OpenDocument presentation", _ANEW)
    root = markup.parse(archive.read("content.xml"))
    pages = list(root.iter(f"{_DRAW}page"))
    few(pages)
    hidden = frozenset(_hidden_styles(root))
    album = Album(archive)
    slides = tuple(_slide(page, album, hidden) for page in pages)
    styles = markup.parse(archive.read("styles.xml")) if archive.holds("styles.xml") else root
    faces = (face.get(f"{_SVG}font-family") for face in root.iter(f"{_STYLE}font-face"))
    size = next(styles.iter(f"{_STYLE}page-layout-properties"), None)
    return Deck(
        slides=slides,
        files=album.count,
        fonts=font_names(name.strip("'\"") for name in faces if name),
        width=_points(size, "page-width") or 720,
        height=_points(size, "page-height") or 540,
    )


def check(archive: Archive) -> None:
    """See that no part holds a document type. Raises Refused."""
    for name in archive.names:
        if name.casefold().endswith((".xml", ".rdf")):
            markup.check(archive.read(name))


def _hidden_styles(root: Element) -> Iterator[str]:
    for style in root.iter(f"{_STYLE}style"):
        properties = style.find(f"{_STYLE}drawing-page-properties")
        if properties is not None and properties.get(f"{_PRESENTATION}visibility") == "hidden":
            yield style.get(f"{_STYLE}name", "")


def _slide(page: Element, album: Album, hidden: frozenset[str]) -> Slide:
    sheet = Sheet(hidden=page.get(f"{_DRAW}style-name", "") in hidden)
    for shape in _shapes(page):
        role = shape.get(f"{_PRESENTATION}class", "")
        if role == "title" and not sheet.title:
            sheet.title = " ".join(text for text, _ in _paragraphs(shape))
        elif role not in _FURNITURE:
            _read_shape(shape, sheet, album)
    notes = page.find(f"{_PRESENTATION}notes")
    for shape in _shapes(notes) if notes is not None else ():
        if shape.get(f"{_PRESENTATION}class") == "notes":
            sheet.notes = "\n".join(text for text, _ in _paragraphs(shape))
    return sheet.slide()


def _shapes(page: Element) -> Iterator[Element]:
    for shape in page:
        if shape.tag == f"{_DRAW}g":
            yield from _shapes(shape)
        elif shape.tag.startswith(_DRAW):
            yield shape


def _read_shape(shape: Element, sheet: Sheet, album: Album) -> None:
    table, image = shape.find(f"{_TABLE}table"), shape.find(f"{_DRAW}image")
    if table is not None:
        rows = [[_text(cell) for cell in _cells(row)] for row in table.iter(f"{_TABLE}table-row")]
        sheet.tabulate(rows, what="a table")
    elif shape.find(f"{_DRAW}plugin") is not None:
        sheet.left_out.append("a video or sound")
    elif shape.find(f"{_DRAW}object") is not None:
        sheet.left_out.append("a chart or embedded object")
    elif image is not None:
        number = album.number(image.get(_HREF, ""))
        if number is None:
            sheet.left_out.append("a picture of a kind that we do not draw")
        else:
            sheet.pictures.append(SlidePicture(file=number))
    else:
        for text, level in _paragraphs(shape):
            sheet.say(text, level)


def _cells(row: Element) -> Iterator[Element]:
    for cell in row.iterfind(f"{_TABLE}table-cell"):
        repeats = cell.get(f"{_TABLE}number-columns-repeated", "1")
        count = int(repeats) if repeats.isdecimal() and len(repeats) < 3 else 1
        yield from [cell] * min(count, _REPEATS_MOST)


def _paragraphs(shape: Element, depth: int = -1) -> Iterator[tuple[str, int]]:
    """Text and level of each paragraph in a shape; lists within lists are deeper."""
    for part in shape:
        if part.tag in (f"{_TEXT}p", f"{_TEXT}h"):
            yield _joined(part), max(depth, 0)
        else:
            yield from _paragraphs(part, depth + (part.tag == f"{_TEXT}list"))


def _text(cell: Element) -> str:
    return " ".join(text for text, _ in _paragraphs(cell))


def _joined(paragraph: Element) -> str:
    """The text of a paragraph: breaks and runs of spaces are elements of their own."""
    parts = [paragraph.text or ""]
    for piece in paragraph:
        if piece.tag in (f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"):
            parts.append(" ")
        elif piece.tag not in (f"{_TEXT}page-number", f"{_OFFICE}annotation"):
            parts.append(_joined(piece))
        parts.append(piece.tail or "")
    return "".join(parts)


def _points(size: Element | None, side: str) -> float | None:
    found = _LENGTH.fullmatch(size.get(f"{_FO}{side}", "")) if size is not None else None
    points = float(found[1]) * _POINTS[found[2]] if found else 0
    return points if 0 < points <= 10_000 else None
