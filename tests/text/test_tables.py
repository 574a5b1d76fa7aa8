"""Rows out of CSV and JSON lines: whatever a cell holds comes out as it went in."""

import csv
import io
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelsmith.errors import Invalid
from reelsmith.text import tables

KNOWN = {"title", "text_prompt", "images", "metadata.", "resolution.width"}
HOSTILE = ("=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2", '"; DROP TABLE', "{{7*7}}", "\u202eabc")
CELLS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1)
WORDS = CELLS.filter(str.strip) | st.sampled_from(HOSTILE)


def written(rows, *, delimiter=",", end="\r\n"):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue()


def read(text):
    return [line.fields for line in tables.csv_rows(text, known=KNOWN, lists={"images"})]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(WORDS, WORDS), max_size=6),
    st.sampled_from(",;\t"),
    st.sampled_from(["\n", "\r\n"]),
)
def test_any_cells_survive_any_dialect(rows, delimiter, end):
    text = "\ufeff" + written([("title", "text_prompt"), *rows], delimiter=delimiter, end=end)
    assert read(text) == [{"title": a, "text_prompt": b} for a, b in rows]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from(["title", "text_prompt"]), WORDS), max_size=6))
def test_any_objects_survive_as_lines(rows):
    text = "\n".join(json.dumps(row) for row in rows)
    assert [line.fields for line in tables.json_rows(text)] == rows


def test_lists_and_fields_of_fields_have_their_columns():
    text = "images,metadata.sku,resolution.width,title\nast_1; ast_2,17,720,\n"
    assert read(text) == [
        {"images": ["ast_1", "ast_2"], "metadata": {"sku": "17"}, "resolution": {"width": "720"}}
    ]


@pytest.mark.parametrize("header", ["", "colour,title", "title,title", "metadata.", 'ti"tle'])
def test_a_header_that_is_none_is_refused(header):
    with pytest.raises(Invalid):
        read(f"{header}\nx,y\n")


def test_a_row_that_is_none_is_told_with_its_line():
    found = list(tables.csv_rows("title\na\nb,c\n", known=KNOWN, lists=()))
    assert [(line.number, line.fault is None) for line in found] == [(2, True), (3, False)]
    found = list(tables.json_rows('{"title": "a"}\n[]\n{"a": \n'))
    assert [(line.number, line.fault is None) for line in found] == [
        (1, True),
        (2, False),
        (3, False),
    ]


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_of_spreadsheets_are_read(code):
    assert tables.decoded("título".encode(code)) == "título"


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(Invalid, match="UTF-8"):
        tables.decoded(b"\xff\xfa\x00")


def test_ten_times_the_rows_take_about_ten_times_as_long():
    def cpu_s(rows):
        text = "title,text_prompt\n" + "Summer,Buy now.\n" * rows
        begun = time.process_time()
        assert len(read(text)) == rows
        return time.process_time() - begun

    cpu_s(1_000)
    assert cpu_s(10_000) < 30 * max(cpu_s(1_000), 0.002)
