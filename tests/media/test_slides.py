"""Slides as outlines: readable, whole, the same every time, in the colours of their deck."""

import numpy as np
import pytest

from reelsmith.domain.decks import Paragraph, Slide, SlidePicture, Table, Theme
from reelsmith.domain.timelines import CaptionWord, Cue
from reelsmith.media import cards, slides
from reelsmith.media.captions import Setting
from reelsmith.media.slides import Look

RED = np.full((300, 500, 3), (200, 30, 40), np.uint8)
SIZES = {"wide": (480, 270), "upright": (270, 480), "square": (300, 300)}
SLIDES = {
    "title": Slide(title="Resultados del tercer trimestre"),
    "bullets": Slide(
        title="What we learnt",
        paragraphs=(Paragraph(text="One"), Paragraph(text="Two, a level deeper", level=1)),
    ),
    "arabic": Slide(title="العرض الجديد", paragraphs=(Paragraph(text="السعر 120 دولار"),)),
    "japanese": Slide(title="春の新製品", paragraphs=(Paragraph(text="世界中のお客様に。"),)),
    "table": Slide(tables=(Table(rows=(("", "2029"), ("Lima", "3.1"), ("Quito", "12,000"))),)),
    "all": Slide(
        title="Everything",
        paragraphs=(Paragraph(text="Words"),),
        tables=(Table(rows=(("a", "b"), ("1", "2"))),),
        pictures=(SlidePicture(file=0),),
    ),
    "nothing": Slide(),
}


def drawn(slide, size=(480, 270), theme=None, number=1):
    return slides.draw(slide, number, Look(*size, theme or Theme(), 9), {0: RED})


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", SLIDES)
def test_all_words_stand_on_the_slide_and_none_at_its_edge(kind, size):
    made = drawn(SLIDES[kind], SIZES[size])

    width, height = SIZES[size]
    assert made.pixels.shape == (height, width, 3)
    assert made.whole
    ground = made.pixels[0, 0]
    edge = round(0.02 * min(width, height))
    inner = made.pixels[edge:-edge, edge:-edge]
    assert (inner != ground).any() or kind == "nothing"
    frame = made.pixels.copy()
    frame[edge:-edge, edge:-edge] = ground
    assert (frame == ground).all()


def test_the_same_slide_is_the_same_picture_and_another_is_not():
    one, again = drawn(SLIDES["all"]), drawn(SLIDES["all"])
    assert (one.pixels == again.pixels).all()
    assert (one.pixels != drawn(SLIDES["all"], number=2).pixels).any()


def test_notes_change_no_picture_and_words_do():
    look, said = Look(480, 270, Theme(), 9), SLIDES["bullets"]
    key = slides.key(said, 1, look, ())
    assert slides.key(said.model_copy(update={"notes": "Say it"}), 1, look, ()) == key
    assert slides.key(said.model_copy(update={"title": "Else"}), 1, look, ()) != key
    assert slides.key(said, 1, look, ("0" * 64,)) != key


def test_a_picture_is_shown_whole_in_its_shape():
    made = drawn(Slide(pictures=(SlidePicture(file=0),))).pixels
    red = (np.abs(made.astype(int) - RED[0, 0]) < 12).all(axis=2)
    rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    wide, high = columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1
    assert wide / high == pytest.approx(5 / 3, rel=0.02)
    assert high > 0.7 * 270


def test_colours_of_the_theme_are_used_unless_they_cannot_be_read():
    ink, ground, accent = slides.colours(Theme(ink="#101820", ground="#ffffff", accent="#c8102e"))
    assert (ink, ground, accent) == ((16, 24, 32), (255, 255, 255), (200, 16, 46))
    for bad in (Theme(ink="#777777", ground="#888888"), Theme(accent="#fefefe"), Theme()):
        ink, ground, accent = slides.colours(bad)
        assert cards.contrast(ink, ground) >= 7
        assert cards.contrast(accent, ground) >= 3


def test_arabic_begins_on_the_right_and_so_does_what_stands_below_it():
    told = Slide(title="العرض", paragraphs=(Paragraph(text="iPhone 15 متوفر"),))
    made = drawn(told).pixels
    inked = (made != made[0, 0]).any(axis=2)[:140]
    columns = np.flatnonzero(inked.any(axis=0))
    assert columns[-1] > 0.9 * 480
    assert columns[0] > 0.4 * 480


@pytest.mark.parametrize("size", [*SIZES.values(), (1080, 1920)])
def test_captions_cover_nothing_of_a_slide_that_knows_of_them(size):
    crowded = Slide(
        title="Everything",
        paragraphs=tuple(Paragraph(text="many words " * 9) for _ in range(9)),
        pictures=(SlidePicture(file=0),),
    )
    look = Look(*size, Theme(), 9, captioned=True)
    made = slides.draw(crowded, 1, look, {0: RED}).pixels
    words = tuple(
        CaptionWord(text=text, first_frame=0, end_frame=30)
        for text in ["several", "words", "that", "take", "two", "whole", "lines"]
    )
    cue = Cue(words=words, first_frame=0, end_frame=30)
    laid = Setting(cue, width=size[0], height=size[1], language="en").laid
    left, top, right, bottom = (round(edge) for edge in laid.edges)
    assert (made[top:bottom, left:right] == made[0, 0]).all()


def test_a_slide_with_too_many_words_says_that_some_are_missing():
    flood = Slide(paragraphs=tuple(Paragraph(text="many words " * 60) for _ in range(60)))
    assert not drawn(flood).whole
