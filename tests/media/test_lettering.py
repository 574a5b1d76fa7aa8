"""Words are set as large as the box allows, evenly, and in the order in which people read."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelsmith.domain import writing
from reelsmith.domain.layers import TextBox
from reelsmith.media import breaks, lettering, overlays
from reelsmith.media.fonts import Wanted
from reelsmith.media.lettering import Box

WORDS = st.lists(st.text("abcdefgñáWM.,", min_size=1, max_size=12), min_size=1, max_size=14)


def a_box(**changes):
    given_ = {"width": 800, "height": 600, "largest": 90, "smallest": 4, "max_lines": 5}
    return Box(**given_ | {"leading": 1.15, "centred": True} | changes)


def fitted(text, **changes):
    words = [lettering.word(each, wanted=Wanted.DISPLAY) for each in text.split()]
    return lettering.fit(words, a_box(**changes))


def lines(block):
    """The numbers of the words of each line, from left to right."""
    rows = {}
    for word in block.words:
        rows.setdefault(word.baseline, []).append(word)
    ordered = [sorted(rows[at], key=lambda word: word.x) for at in sorted(rows)]
    return [[word.index for word in row] for row in ordered]


@settings(max_examples=40, deadline=None)
@given(WORDS)
def test_every_word_stands_once_in_the_box_and_none_upon_another(texts):
    words = [lettering.word(text, wanted=Wanted.DISPLAY) for text in texts]

    block = lettering.fit(words, a_box())

    assert sorted(word.index for word in block.words) == list(range(len(texts)))
    assert block.width <= 800
    assert block.height <= 600
    for one, other in pairwise(sorted(block.words, key=lambda word: (word.baseline, word.x))):
        assert other.baseline > one.baseline or other.x > one.x + one.width


def test_a_long_word_is_made_smaller_and_a_short_one_stays_at_the_largest_size():
    assert fitted("sí").size == 90
    assert fitted("Donaudampfschifffahrtsgesellschaft").size < 50
    assert fitted("W" * 400, smallest=20) is None


def test_lines_are_broken_evenly():
    assert lines(fitted("aaaa bbbb cccc dddd", width=560, max_lines=2)) == [[0, 1], [2, 3]]
    assert lines(fitted("a bb a bb aaaaaa", width=330, max_lines=2)) == [[0, 1, 2, 3], [4]]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("buy it now", [0, 1, 2]),
        ("اشتر الآن فقط", [2, 1, 0]),
        ("שלום iPhone 15 עולם", [3, 1, 2, 0]),
        ("now اشتر الآن here", [0, 2, 1, 3]),
        ("שלום 15 — עולם", [3, 2, 1, 0]),
        ("100 % off", [0, 1, 2]),
    ],
    ids=["latin", "arabic", "latin in hebrew", "arabic in latin", "number in hebrew", "number"],
)
def test_words_stand_in_the_order_in_which_people_read(text, seen):
    block = fitted(text, width=5000, max_lines=1)

    assert lines(block) == [seen]


def test_lines_that_are_not_centred_begin_where_reading_begins():
    latin = fitted("Una frase bastante larga. Sí", width=420, max_lines=3, centred=False)
    arabic = fitted("مرحبا بكم في العرض الجديد", width=420, max_lines=3, centred=False)

    assert not latin.begins_right
    assert {min(w.x for w in latin.words if w.baseline == at) for at in rows(latin)} == {0}
    assert arabic.begins_right
    for at in rows(arabic):
        edge = max(w.x + w.width for w in arabic.words if w.baseline == at)
        assert edge == pytest.approx(arabic.width)


def rows(block):
    return {word.baseline for word in block.words}


def test_a_further_line_must_be_worth_it():
    words = "pequeño y grande"

    assert len(lines(fitted(words, width=900, largest=200, line_cost=1.0))) > len(
        lines(fitted(words, width=900, largest=200, line_cost=0.3))
    )


def test_hanzi_stand_without_spaces_and_break_into_lines():
    text = writing.pieces("今天开始新的一天马上购买我们的咖啡")
    words = lettering.words(text, wanted=Wanted.DISPLAY, language="zh")
    box = Box(800, 400, 90, 40, max_lines=2, leading=1.2, centred=True, space=0.4)

    block = lettering.fit(words, box)

    baselines = sorted({word.baseline for word in block.words})
    first = [word for word in block.words if word.baseline == baselines[0]]
    assert len(baselines) == 2
    assert block.size > 80
    for left, right in pairwise(first):
        assert right.x == pytest.approx(left.x + left.width)


def test_a_text_that_is_set_ever_smaller_is_broken_into_lines_once():
    long = TextBox(text="ab " * 166, size=0.2, first_frame=0, end_frame=1)
    breaks.best.cache_clear()

    (block,) = overlays.paragraphs(long, None, 540, 960)

    assert block.size < 0.2 * 540 / 4
    assert breaks.best.cache_info().misses == 1
