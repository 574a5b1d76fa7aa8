"""Rows of plain data out of CSV and JSON lines. Whatever a cell holds, it is data and no more.

A CSV has a header. Its columns are names of fields; `resolution.width` is a field of a field, and
`;` parts the entries of a list. An empty cell says nothing. Commas, semicolons or tabs part the
cells: the header tells which.
"""

import codecs
import csv
import io
import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from reelsmith.errors import FieldFault, Invalid

_DELIMITERS = (",", ";", "\t")
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LONGEST_LINE = 1 << 20  # characters of one row of JSON


class Line(NamedTuple):
    """A row and the number of the line that it ends on, from 1; `fault` where it is no row."""

    number: int
    fields: Mapping[str, Any]
    fault: FieldFault | None = None


def decoded(body: bytes) -> str:
    """The text of a file: UTF-8, or UTF-16 if it begins with its mark. Raises Invalid."""
    try:
        return body.decode("utf-16" if body.startswith(_WIDE) else "utf-8-sig")
    except UnicodeDecodeError as foreign:
        raise Invalid.field(
            "/source", "the text is not UTF-8", remedy="save the file as UTF-8"
        ) from foreign


def csv_rows(text: str, *, known: Collection[str], lists: Collection[str]) -> Iterator[Line]:
    """The rows of a CSV, lazily. `known` are the columns there may be, or `name.` for any below.

    Raises:
        Invalid: there is no header, or a column in it is unknown or comes twice.
    """
    text = text.removeprefix("\ufeff")
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=_delimiter(text, known), strict=True
    )
    try:
        header = [name.strip() for name in next(reader, [])]
    except csv.Error as broken:
        raise _no_table(str(broken)) from broken
    _see_header(header, known)
    return _cells(reader, header, lists)


def json_rows(text: str) -> Iterator[Line]:
    """The rows of JSON lines, lazily; empty lines are none."""
    for number, line in enumerate(io.StringIO(text.removeprefix("\ufeff")), 1):
        if line.strip():
            yield _json_row(number, line)


def _json_row(number: int, line: str) -> Line:
    try:
        fields = json.loads(line) if len(line) <= _LONGEST_LINE else None
    except (ValueError, RecursionError):
        fields = None
    if isinstance(fields, dict):
        return Line(number, fields)
    return Line(number, {}, _fault("this is no JSON object", "write one JSON object on each line"))


def _cells(reader: Any, header: list[str], lists: Collection[str]) -> Iterator[Line]:  # noqa: ANN401
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as broken:
            told = _fault(f"this is no CSV: {broken}", "put quotes around cells that hold quotes")
            yield Line(reader.line_num, {}, told)
            return
        if len(cells) > len(header):
            told = _fault("it has more cells than the header", "put quotes around the cell")
            yield Line(reader.line_num, {}, told)
        elif any(cells):
            yield Line(reader.line_num, _fields(header, cells, lists))


def _fields(header: list[str], cells: list[str], lists: Collection[str]) -> Mapping[str, Any]:
    fields: dict[str, Any] = {}
    for name, cell in zip(header, cells, strict=False):
        if not cell.strip():
            continue
        value = (
            [part.strip() for part in cell.split(";") if part.strip()] if name in lists else cell
        )
        above, _, below = name.partition(".")
        if below:
            fields.setdefault(above, {})[below] = value
        else:
            fields[name] = value
    return fields


def _delimiter(text: str, known: Collection[str]) -> str:
    """The one by which most of the header's names are known."""
    first = text.partition("\n")[0].rstrip("\r")

    def recognised(delimiter: str) -> int:
        return sum(_is_known(name.strip(' "'), known) for name in first.split(delimiter))

    return max(_DELIMITERS, key=recognised)


def _is_known(name: str, known: Collection[str]) -> bool:
    above, dot, below = name.partition(".")
    return (name in known and not name.endswith(".")) or bool(below and f"{above}{dot}" in known)


def _see_header(header: list[str], known: Collection[str]) -> None:
    if not any(header):
        raise _no_table("it has no header")
    wrong = [name for name in header if not _is_known(name, known)]
    twice = [name for name in dict.fromkeys(header) if header.count(name) > 1]
    faults = tuple(
        FieldFault(
            pointer=f"/columns/{name[:60].replace('~', '~0').replace('/', '~1')}",
            detail="there is no such field" if name in wrong else "the column comes twice",
            remedy=f"use columns of {', '.join(sorted(known))}",
        )
        for name in dict.fromkeys((*wrong, *twice))
    )
    if faults:
        raise Invalid("the header has wrong columns", faults[:100])


def _no_table(why: str) -> Invalid:
    return Invalid.field(
        "/csv", f"this is no CSV: {why}", remedy="begin with a line of column names"
    )


def _fault(detail: str, remedy: str) -> FieldFault:
    return FieldFault(pointer="", detail=detail, remedy=remedy)
