"""What stands in a deck is read as its author wrote it, and in no process of ours."""

import pytest

from reelsmith.domain.assets import FileType
from reelsmith.domain.decks import Paragraph
from reelsmith.errors import MediaError
from reelsmith.media import decks, pictures
from tests.media.decks import a_pptx, an_odp
from tests.pictures import a_picture

PNG = a_picture("teal")
WRITERS = {FileType.PPTX: a_pptx, FileType.ODP: an_odp}


def read(folder, body, wanted=FileType.PPTX):
    path = folder / "deck"
    path.write_bytes(body)
    return decks.read(path, name="deck.pptx", wanted=wanted, into=folder)


@pytest.mark.parametrize("wanted", WRITERS)
def test_words_levels_tables_pictures_and_notes_are_read(tmp_path, wanted):
    deck = read(
        tmp_path,
        WRITERS[wanted](
            {
                "title": "Año nuevo",
                "body": ("One", "\tTwo", "\t\tThree & more"),
                "notes": "Say this.\nAnd that.",
            },
            {"title": "مرحبا", "hidden": True},
            {"body": ("春天",), "tables": ((("a", "b"), ("1", "2")),), "pictures": (PNG,)},
        ),
        wanted,
    )

    first, second, third = deck.slides
    assert (first.title, first.notes) == ("Año nuevo", "Say this.\nAnd that.")
    assert first.paragraphs == (
        Paragraph(text="One"),
        Paragraph(text="Two", level=1),
        Paragraph(text="Three & more", level=2),
    )
    assert (second.title, second.hidden, first.hidden) == ("مرحبا", True, False)
    assert third.tables[0].rows == (("a", "b"), ("1", "2"))
    assert third.words == ("春天",)
    assert deck.files == 1
    assert third.pictures[0].file == 0
    drawn = decks.picture(tmp_path, 0)
    assert drawn.read_bytes() == PNG
    assert pictures.inspect(drawn, name="0").format == "PNG"
    assert round(deck.width / deck.height, 2) == 1.78


def test_a_chart_gives_its_figures_and_what_is_left_out_is_named(tmp_path):
    deck = read(
        tmp_path,
        a_pptx(
            {
                "chart": {"2029": {"Lima": 3, "Quito": 4.5}, "2030": {"Lima": 5, "Quito": 6}},
                "pictures": (PNG,),
                "video": True,
                "links": ("https://example.com/",),
            },
            {"pictures": (b"\x01\0\0\0 a metafile",)},
        ),
    )

    assert deck.slides[0].tables[0].rows == (
        ("", "2029", "2030"),
        ("Lima", "3", "5"),
        ("Quito", "4.5", "6"),
    )
    assert "a video" in deck.slides[0].left_out
    assert "the drawing of a chart, its figures are shown" in deck.slides[0].left_out
    assert deck.slides[1].left_out == ("a picture of a kind that we do not draw",)


def test_fonts_and_colours_of_the_deck_are_told(tmp_path):
    deck = read(tmp_path, a_pptx({"title": "x", "body": ("y",), "font": "Comic Sans MS"}))

    assert deck.fonts == ("Comic Sans MS", "Futura PT")
    assert (deck.theme.accent, deck.theme.ink) == ("#c8102e", "#101820")


def test_a_slide_that_holds_more_than_a_picture_can_show_says_so(tmp_path):
    deck = read(tmp_path, a_pptx({"body": [f"line {n}" for n in range(100)]}))

    assert len(deck.slides[0].paragraphs) == 60
    assert deck.slides[0].left_out == ("some of its text",)


def test_a_deck_of_more_slides_than_a_film_has_is_refused(tmp_path):
    with pytest.raises(MediaError, match="has more than 300 slides"):
        read(tmp_path, a_pptx(*[{"title": f"{n}"} for n in range(301)]))


def test_an_empty_deck_has_no_slides(tmp_path):
    assert read(tmp_path, a_pptx()).slides == ()


@pytest.mark.parametrize("wanted", WRITERS)
def test_one_format_is_not_taken_for_the_other(tmp_path, wanted):
    other = next(one for one in WRITERS if one is not wanted)
    with pytest.raises(MediaError, match="deck.pptx"):
        read(tmp_path, WRITERS[wanted]({"title": "x"}), other)
