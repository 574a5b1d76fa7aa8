"""Cards: readable, whole, at home in the upper middle, and the same every time."""

import time
from random import Random

import numpy as np
import pytest
from PIL import Image, ImageFilter

from reelsmith.domain.layers import Card
from reelsmith.media import cards
from reelsmith.media.backdrops import PALETTES, STYLES, Ground

SIZES = {"upright": (270, 480), "wide": (480, 270), "square": (300, 300)}
TEXTS = {
    "short": "Verano",
    "sentence": "El camión eléctrico más rápido del año",
    "arabic": "مرحبا بكم في العرض الجديد",
    "one long word": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk",
    "far too long": "Había una vez un zapatero que trabajaba de sol a sol. " * 20,
}


@pytest.fixture
def chosen(monkeypatch):
    """Make the next card with this style and palette; the rest follows from its words."""

    def choose(style, palette):
        class Chosen(Random):
            def choice(self, among):
                fixed = {id(PALETTES): palette, id(STYLES): style}
                return fixed.get(id(among)) or super().choice(among)

        monkeypatch.setattr(cards, "Random", Chosen)

    return choose


def ink_of(pixels, colour):
    """Where a card has the colour of its words, give or take the noise it carries."""
    return (np.abs(pixels.astype(int) - colour) <= 3).all(axis=2)


def box_of(mask):
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return columns[0], rows[0], columns[-1], rows[-1]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("palette", PALETTES, ids=[f"palette{n}" for n in range(len(PALETTES))])
@pytest.mark.parametrize("style", STYLES)
def test_words_have_contrast_wherever_they_stand(chosen, style, palette, size):
    chosen(style, palette)
    width, height = SIZES[size]

    pixels = cards.draw(Card(text=TEXTS["sentence"], kicker="Oferta"), width, height)

    ink = ink_of(pixels, palette.ink)
    left, top, right, bottom = box_of(ink)
    near = Image.fromarray(ink.astype(np.uint8) * 255).filter(ImageFilter.MaxFilter(5))
    around = ~(np.asarray(near) == 255)[top:bottom, left:right]
    ground = pixels[top:bottom, left:right][around]
    worst = min(cards.contrast(palette.ink, tuple(colour)) for colour in np.unique(ground, axis=0))
    assert ink.sum() > 300
    assert len(ground) > 500
    assert worst >= 4.5


@pytest.mark.parametrize("palette", PALETTES)
def test_every_palette_is_readable_on_both_its_grounds(palette):
    for words in (palette.ink, palette.accent):
        assert min(cards.contrast(words, palette.deep), cards.contrast(words, palette.base)) >= 5.2


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("style", STYLES)
def test_words_keep_clear_of_the_edges_and_of_the_captions(chosen, style, text, size):
    palette = PALETTES[0]
    chosen(style, palette)
    width, height = (2 * side for side in SIZES[size])

    pixels = cards.draw(Card(text=TEXTS[text], kicker="Oferta"), width, height)

    left, top, right, bottom = box_of(ink_of(pixels, palette.ink))
    assert left >= 0.13 * width
    assert right <= 0.87 * width
    assert top >= 0.13 * height
    assert bottom <= 0.70 * height


def test_the_same_card_is_the_same_picture_and_another_seed_another():
    card = Card(text="Verano", kicker="Oferta", seed=4)

    first = cards.draw(card, 270, 480)

    assert np.array_equal(first, cards.draw(card, 270, 480))
    others = [cards.draw(card.model_copy(update={"seed": seed}), 270, 480) for seed in range(4)]
    assert not any(np.array_equal(first, other) for other in others)


def test_among_a_few_seeds_every_style_and_palette_turns_up(monkeypatch):
    seen = set()

    class Watched(Random):
        def choice(self, among):
            taken = super().choice(among)
            if among is PALETTES or among is STYLES:
                seen.add(taken)
            return taken

    monkeypatch.setattr(cards, "Random", Watched)
    for seed in range(40):
        cards.draw(Card(text="Verano", seed=seed), 128, 128)

    assert seen == {*PALETTES, *STYLES}


def test_a_card_without_words_is_a_ground():
    pixels = cards.draw(Card(text="  "), 270, 480)

    assert pixels.shape == (480, 270, 3)
    assert pixels.std() > 2


def test_a_long_text_is_cut_at_a_word_and_says_so(chosen):
    chosen(STYLES[0], PALETTES[0])

    long = cards.draw(Card(text=TEXTS["far too long"]), 540, 960)
    longer = cards.draw(Card(text=TEXTS["far too long"] * 2), 540, 960)

    ink, other = ink_of(long, PALETTES[0].ink), ink_of(longer, PALETTES[0].ink)
    assert box_of(ink) == box_of(other)
    assert (ink ^ other).sum() < 0.03 * ink.sum()


@pytest.mark.parametrize("style", STYLES)
def test_a_ground_reaches_every_edge_of_an_odd_sized_frame(style):
    picture = style(Ground(322, 178, PALETTES[1], Random(5)))

    assert picture.size == (322, 178)
    assert picture.mode == "RGB"
    assert np.asarray(picture).max(axis=2).min() > 0


def test_a_full_size_card_costs_less_than_half_a_second():
    began = time.process_time()

    for seed in range(3):
        cards.draw(Card(text=TEXTS["sentence"], kicker="Oferta", seed=seed), 1080, 1920)

    assert (time.process_time() - began) / 3 < 0.5
