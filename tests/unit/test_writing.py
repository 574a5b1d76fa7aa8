"""Scripts that part no words break between characters, and where a reader expects it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelsmith.domain import writing


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("Verano", ["Verano"]),
        ("오늘부터", ["오늘부터"]),
        ("今天开始", ["今", "天", "开", "始"]),
        ("今天，开始！", ["今", "天，", "开", "始！"]),
        ("「今天」", ["「今", "天」"]),
        ("ちょっと", ["ちょっ", "と"]),
        ("新iPhone手机", ["新", "iPhone", "手", "机"]),
        ("2026年。", ["2026", "年。"]),
    ],
)
def test_a_line_may_break_between_hanzi_but_not_before_a_closing_mark(word, parts):
    assert list(writing.pieces(word)) == parts


@given(st.text(alphabet="今天、。「」aB,.!（）ー\u3000 ✓…", min_size=1, max_size=12))
def test_no_character_is_lost_between_pieces(word):
    assert "".join(writing.pieces(word)) == word


def test_words_join_with_spaces_and_hanzi_without():
    assert writing.joined(["Compra", "ya."]) == "Compra ya."
    assert writing.joined(["今", "天", "iPhone", "Pro", "手机"]) == "今天iPhone Pro手机"


def test_a_hanzi_takes_the_room_of_two_letters():
    assert writing.columns("今天ok") == 6
