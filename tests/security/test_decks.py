"""Decks made to harm are refused, quickly, and tell nothing of what is beside them."""

import io
import struct
import time
import warnings
import zipfile

import pytest

from reelsmith.domain.assets import FileType
from reelsmith.errors import MediaError
from reelsmith.media import decks
from tests.media.decks import a_pptx, an_odp, pptx_parts, relations, zipped

SLIDE = "ppt/slides/slide1.xml"
XXE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file://{path}">]><a>&x;</a>'
LAUGHS = (
    '<!DOCTYPE a [<!ENTITY l0 "lol">'
    + "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    + "]><a>&l9;</a>"
)


def with_part(name, body):
    return a_pptx({"title": "x"}, parts={name: body})


def many_entries():
    parts = pptx_parts({"title": "x"})
    return zipped(parts | {f"ppt/{n}": "" for n in range(60_000)}, method=zipfile.ZIP_STORED)


def declared(size):
    """A deck one of whose parts says that it unpacks to this size."""
    made = bytearray(with_part("ppt/media/a.bin", b"0" * 5_000))
    at = made.rindex(b"ppt/media/a.bin") - 46  # APPNOTE.TXT 4.3.12
    made[at + 24 : at + 28] = struct.pack("<I", size)
    return bytes(made)


def encrypted():
    made = bytearray(a_pptx({"title": "x"}))
    at = made.index(b"PK\x01\x02")
    made[at + 8] |= 1
    return bytes(made)


def twice():
    out = io.BytesIO(a_pptx({"title": "x"}))
    with warnings.catch_warnings(), zipfile.ZipFile(out, "a") as made:
        warnings.simplefilter("ignore")
        made.writestr(SLIDE.upper(), "<a/>")
    return out.getvalue()


HOSTILE = {
    "an entity that reads a file": (lambda: with_part(SLIDE, XXE), "document type"),
    "an entity in UTF-16": (lambda: with_part(SLIDE, XXE.encode("utf-16")), "document type"),
    "an entity in a part nobody reads": (lambda: with_part("x/y.xml", XXE), "document type"),
    "a billion laughs": (lambda: with_part(SLIDE, LAUGHS), "document type"),
    "a picture elsewhere": (
        lambda: with_part(
            "ppt/slides/_rels/slide1.xml.rels",
            relations({"r": ("image", "http://169.254.169.254/", "External")}),
        ),
        "needs files that are not in it",
    ),
    "a part above the archive": (lambda: with_part("../../etc/x", "x"), "points out of it"),
    "a part at the root": (lambda: with_part("/etc/x", "x"), "points out of it"),
    "60,000 parts": (many_entries, "more than 5000 parts"),
    "two gigabytes in one part": (lambda: declared(2 << 30), "more than 64 MB"),
    "30 MB of nothing": (
        lambda: with_part("ppt/media/a.bin", bytes(30 << 20)),
        "far more than it is",
    ),
    "a part that is not what it says": (lambda: with_part(SLIDE, "<p:sld"), "cannot be read"),
    "a part 100,000 deep": (
        lambda: with_part(SLIDE, "<a>" * 100_000 + "</a>" * 100_000),
        "nested deeper",
    ),
    "encryption": (encrypted, "is encrypted"),
    "a name twice": (twice, "two parts of one name"),
    "a program in an archive": (lambda: zipped({"setup.exe": "MZ"}), "no presentation"),
    "a cut": (lambda: a_pptx({"title": "x"})[:-30], "cut short or damaged"),
}


@pytest.mark.parametrize("how", HOSTILE)
def test_a_hostile_deck_is_refused_before_it_costs_anything(tmp_path, how):
    make, fault = HOSTILE[how]
    secret = tmp_path / "secret"
    secret.write_text("the-secret-of-another")
    deck = tmp_path / "deck"
    deck.write_bytes(make().replace(b"{path}", str(secret).encode()))

    began = time.process_time()
    with pytest.raises(MediaError, match=fault) as refused:
        decks.read(deck, name="a.pptx", wanted=FileType.PPTX, into=tmp_path)

    assert "the-secret" not in str(refused.value)
    assert time.process_time() - began < 5


def test_an_entity_in_an_open_document_is_refused(tmp_path):
    deck = tmp_path / "deck"
    deck.write_bytes(an_odp({"title": "x"}, parts={"content.xml": XXE}))
    with pytest.raises(MediaError, match="document type"):
        decks.read(deck, name="a.odp", wanted=FileType.ODP, into=tmp_path)


def test_a_part_that_unpacks_to_more_than_it_says_is_not_believed(tmp_path):
    deck = tmp_path / "deck"
    deck.write_bytes(declared(10))
    read = decks.read(deck, name="a.pptx", wanted=FileType.PPTX, into=tmp_path)
    assert len(read.slides) == 1, "a part that nobody reads does no harm"


def test_links_to_be_clicked_are_no_reason_to_refuse(tmp_path):
    deck = tmp_path / "deck"
    deck.write_bytes(a_pptx({"title": "x", "links": ("https://example.com/",)}))
    assert decks.read(deck, name="a.pptx", wanted=FileType.PPTX, into=tmp_path).slides
