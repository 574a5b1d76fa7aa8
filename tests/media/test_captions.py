"""Captions: readable on anything, whole, in their place, and with the right word lit."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from reelsmith.domain.jobs import CaptionStyle
from reelsmith.domain.timelines import CaptionWord, Cue
from reelsmith.media.captions import LIT, Captions, Setting
from reelsmith.media.cards import contrast
from reelsmith.media.planes import Planes
from tests.builders import a_timeline

TEXTS = {
    "plain": "verano más fresco",
    "accents": "¿Ñandú, ÁÉÍ: «¡qué!»",
    "arabic": "مرحبا بكم في العرض الجديد",
    "hebrew": "שלום iPhone 15 עולם",
    "hindi": "नमस्ते दुनिया कैसे हो",
    "emoji": "wow 🔥 genial 👍🏽",
    "long word": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk",
    "many words": "uno dos tres cuatro cinco seis siete ocho nueve diez once doce",
}
SIZES = {"upright": (1080, 1920), "wide": (1920, 1080), "square": (1080, 1080), "tiny": (128, 128)}


def a_cue(text, *, first_frame=0, frames=10, gap=0):
    """A cue whose words are lit for `frames` each, with `gap` frames between them."""
    step = frames + gap
    words = tuple(
        CaptionWord(
            text=word,
            first_frame=first_frame + n * step,
            end_frame=first_frame + n * step + frames,
        )
        for n, word in enumerate(text.split())
    )
    return Cue(words=words, first_frame=first_frame, end_frame=words[-1].end_frame + gap)


def painted(text, *, lit=0, size="upright"):
    width, height = SIZES[size]
    setting = Setting(a_cue(text), width=width, height=height)
    return setting, setting.paint(lit)


def lit_columns(image):
    yellow = (image[..., 0] > 200) & (image[..., 2] < 90)
    return np.flatnonzero(yellow.any(axis=0))


def backgrounds(width, height):
    busy = np.random.default_rng(3).integers(0, 256, (height // 12 + 1, width // 12 + 1, 3))
    return {
        "white": Image.new("RGB", (width, height), "white"),
        "black": Image.new("RGB", (width, height), "black"),
        "yellow": Image.new("RGB", (width, height), LIT),
        "busy": Image.fromarray(busy.astype(np.uint8)).resize((width, height), 0),
    }


@pytest.mark.parametrize("text", TEXTS)
def test_every_letter_has_an_opaque_dark_rim_on_every_side(text):
    _, image = painted(TEXTS[text])
    letters = Image.fromarray(np.where(image[..., 0] > 128, 255, 0).astype(np.uint8))

    reach = np.asarray(letters.filter(ImageFilter.MaxFilter(5))) == 255
    outside = np.asarray(letters.filter(ImageFilter.MaxFilter(3))) == 0

    assert (np.asarray(letters) == 255).sum() > 500
    assert image[..., 3][reach].min() > 150
    assert np.percentile(image[..., 3][reach], 1) == 255
    assert image[..., :3][reach & outside].max() < 60


@pytest.mark.parametrize("ground", ["white", "black", "yellow", "busy"])
def test_words_are_readable_on_any_picture(ground):
    _, image = painted("verano más fresco", lit=1)
    overlay = Image.fromarray(image)
    picture = backgrounds(*overlay.size)[ground]
    picture.paste(overlay, mask=overlay)
    pixels = np.asarray(picture)

    inside = Image.fromarray((image[..., 0] > 250).astype(np.uint8) * 255)
    near = np.asarray(inside.filter(ImageFilter.MaxFilter(9))) == 255
    rim = pixels[near & (image[..., 0] < 10)]
    for letters in (image[..., 2] > 250, (image[..., 0] > 250) & (image[..., 2] < 20)):
        darkest = pixels[letters].min(axis=0)
        brightest_rim = np.percentile(rim, 95, axis=0).astype(int)
        assert contrast(tuple(darkest), tuple(brightest_rim)) > 7


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", TEXTS)
def test_nothing_is_cut_off_and_all_of_it_is_within_the_frame(text, size):
    setting, image = painted(TEXTS[text], size=size)
    alpha = image[..., 3]
    width, height = SIZES[size]

    border = (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1])
    assert max(edge.max() for edge in border) <= 2  # the shadow's last breath
    rows, columns = np.nonzero(alpha > 200)
    assert setting.x + columns.min() >= 0
    assert setting.x + columns.max() < width
    assert setting.y + rows.max() < height


@pytest.mark.parametrize("text", TEXTS)
def test_in_an_upright_film_captions_keep_to_their_band_of_the_lower_third(text):
    setting, image = painted(TEXTS[text])
    rows = np.flatnonzero((image[..., 3] > 200).any(axis=1)) + setting.y

    assert rows.min() > 0.64 * 1920
    assert rows.max() < 0.84 * 1920


def test_the_lit_word_is_where_it_is_read():
    _, latin_first = painted("uno dos tres", lit=0)
    _, latin_last = painted("uno dos tres", lit=2)
    _, arabic_first = painted("مرحبا بكم هنا", lit=0)
    _, arabic_last = painted("مرحبا بكم هنا", lit=2)

    assert lit_columns(latin_first).max() < lit_columns(latin_last).min()
    assert lit_columns(arabic_first).min() > lit_columns(arabic_last).max()


def test_a_word_is_lit_exactly_while_it_is_spoken():
    cue = a_cue("uno dos", first_frame=30, frames=10, gap=5)
    captions = Captions(a_timeline(cues=(cue,)))

    shown = {frame: captions.at(frame) for frame in range(28, 62)}

    assert [frame for frame in shown if shown[frame] is None] == [28, 29, 60, 61]
    first, second, neither = shown[30], shown[45], shown[40]
    assert [frame for frame in shown if shown[frame] is first] == list(range(30, 40))
    assert [frame for frame in shown if shown[frame] is second] == list(range(45, 55))
    rest = [*range(40, 45), *range(55, 60)]
    assert [frame for frame in shown if shown[frame] is neither] == rest


def test_a_fresh_renderer_in_the_middle_of_a_film_paints_the_same():
    cues = (a_cue("uno dos"), a_cue("tres cuatro", first_frame=40))
    timeline = a_timeline(cues=cues)
    running = Captions(timeline)
    for frame in range(55):
        running.at(frame)

    assert same(running.at(55), Captions(timeline).at(55))
    assert same(running.at(5), Captions(timeline).at(5))
    assert not same(running.at(5), running.at(15))


def same(one, other):
    place = (one.x, one.y) == (other.x, other.y)
    pairs = zip((*one.luma, *one.blue), (*other.luma, *other.blue), strict=True)
    return place and all(np.array_equal(a, b) for a, b in pairs)


def test_plain_captions_stand_still_and_none_are_none():
    cue = a_cue("uno dos tres")

    plain = Captions(a_timeline(cues=(cue,), caption_style=CaptionStyle.PLAIN))
    none = Captions(a_timeline(cues=(cue,), caption_style=CaptionStyle.NONE))

    assert plain.at(0) is not None
    assert plain.at(29) is plain.at(0)
    assert none.at(5) is None


def test_words_that_no_font_has_leave_no_boxes_behind():
    _, mixed = painted("ཀཁ verano", lit=0)
    _, only_latin = painted("verano", lit=None)
    picture = Planes.black(270, 480)

    Captions(a_timeline(cues=(a_cue("ཀཁ གང"),))).at(3).draw(picture)

    assert np.array_equal(mixed, only_latin)
    assert picture.y.max() == 16
