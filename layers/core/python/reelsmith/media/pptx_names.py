"""Names of PresentationML and DrawingML, and text as their shapes hold it (ECMA-376 part 1)."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

_MAIN = "http://schemas.openxmlformats.org"
A = f"{{{_MAIN}/drawingml/2006/main}}"
P = f"{{{_MAIN}/presentationml/2006/main}}"
R = f"{{{_MAIN}/officeDocument/2006/relationships}}"
C = f"{{{_MAIN}/drawingml/2006/chart}}"
DIAGRAM = f"{{{_MAIN}/drawingml/2006/diagram}}"
RELATIONS = f"{{{_MAIN}/package/2006/relationships}}"
TYPES = f"{{{_MAIN}/package/2006/content-types}}"


def paragraphs(body: Element) -> Iterator[tuple[str, int]]:
    """Text and level of each paragraph of a text body; line breaks are spaces."""
    for paragraph in body.iterfind(f"{A}p"):
        properties = paragraph.find(f"{A}pPr")
        level = "0" if properties is None else properties.get("lvl", "0")
        yield _joined(paragraph), int(level) if level.isdecimal() and len(level) < 3 else 0


def text_of(body: Element) -> str:
    """All paragraphs of a text body, a line each."""
    return "\n".join(text for text, _ in paragraphs(body))


def _joined(paragraph: Element) -> str:
    parts = []
    for piece in paragraph:
        if piece.tag in (f"{A}r", f"{A}fld"):
            parts.append(piece.findtext(f"{A}t") or "")
        elif piece.tag == f"{A}br":
            parts.append(" ")
    return "".join(parts)
