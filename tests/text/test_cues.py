"""Words on the picture: parted where a reader expects it, in whole frames, never two at once."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelsmith.domain.jobs import CaptionStyle
from reelsmith.domain.speech import SpokenWord
from reelsmith.text import cues


def spoken(text, *, each=0.3, pause=0.4):
    """The words of a text, said evenly; after a sentence comes a pause."""
    words, at = [], 0.0
    for token in text.split():
        words.append(SpokenWord(text=token, start=at, end=at + each))
        at += each + (pause if token[-1] in ".!?" else 0)
    return words


def shown(text, style=CaptionStyle.POP, **more):
    made = cues.make(spoken(text, **more), fps=30, frames=3_000, style=style)
    return [" ".join(word.text for word in cue.words) for cue in made]


def test_pop_shows_a_few_words_at_a_time_and_breaks_after_a_sentence():
    text = "¡Hola, año nuevo! Compra ya las mejores baterías de litio del mercado. Adiós."

    assert shown(text) == [
        "¡Hola, año nuevo!",
        "Compra ya las mejores",
        "baterías de litio",
        "del mercado.",
        "Adiós.",
    ]


def test_plain_shows_about_two_lines():
    text = (
        "Hoy los mejores paneles comerciales alcanzan el veintitrés por ciento, y cuestan menos."
    )

    assert shown(text, CaptionStyle.PLAIN) == [
        "Hoy los mejores paneles comerciales alcanzan",
        "el veintitrés por ciento, y cuestan menos.",
    ]


def test_no_style_shows_nothing():
    assert shown("Hola.", CaptionStyle.NONE) == []


def test_a_pause_breaks_even_without_a_mark():
    words = spoken("compra ahora") + [SpokenWord(text="mañana", start=2.0, end=2.4)]

    made = cues.make(words, fps=30, frames=90)

    assert [len(cue.words) for cue in made] == [2, 1]


def test_a_word_too_long_for_a_cue_stands_alone_and_whole():
    assert shown("La otorrinolaringología-contemporánea hoy") == [
        "La",
        "otorrinolaringología-contemporánea",
        "hoy",
    ]


def test_a_cue_holds_over_a_tiny_gap_and_goes_when_the_gap_is_long():
    words = spoken("Sí. No. Adiós.", each=0.5, pause=0.4)
    words[2] = words[2].model_copy(update={"start": 5.0, "end": 5.5})

    first, second, last = cues.make(words, fps=30, frames=300)

    assert (first.first_frame, first.end_frame) == (0, 27)
    assert (second.first_frame, second.end_frame) == (27, 27 + 15 + 15)  # its word, half a second
    assert (last.first_frame, last.end_frame) == (150, 180)


def test_the_spoken_word_is_lit_from_the_frame_on_which_it_is_heard():
    (cue,) = cues.make(spoken("uno dos tres", each=0.5), fps=30, frames=60)

    assert [(w.text, w.first_frame, w.end_frame) for w in cue.words] == [
        ("uno", 0, 15),
        ("dos", 15, 30),
        ("tres", 30, 60),
    ]


def test_words_can_be_placed_later_in_a_film():
    (cue,) = cues.make(spoken("uno"), fps=30, first_frame=900, frames=60)

    assert (cue.first_frame, cue.words[0].first_frame, cue.end_frame) == (900, 900, 924)


def test_words_on_one_frame_are_lit_together():
    words = [
        SpokenWord(text="hoy", start=0.0, end=0.4),
        SpokenWord(text="—", start=0.4, end=0.41),
        SpokenWord(text="no", start=0.41, end=0.8),
    ]

    (cue,) = cues.make(words, fps=30, frames=60)

    assert [word.text for word in cue.words] == ["hoy", "— no"]


times = st.lists(st.tuples(st.floats(0.01, 1.2), st.floats(0, 1.5)), min_size=1, max_size=25)
tokens = st.lists(
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["", "¡", "«"]),
        st.text("abcñ", min_size=1, max_size=14),
        st.sampled_from(["", "", ",", ".", "!", "?»"]),
    ),
    min_size=25,
    max_size=25,
)


@settings(max_examples=100, deadline=None)
@given(times, tokens, st.integers(1, 3_000), st.sampled_from(["pop", "plain"]))
def test_cues_tile_their_words_and_never_overlap(lengths, texts, frames, style):
    words, at = [], 0.0
    for (length, gap), text in zip(lengths, texts, strict=False):
        words.append(SpokenWord(text=text, start=at, end=at + length))
        at += length + gap

    made = cues.make(words, fps=30, first_frame=7, frames=frames, style=CaptionStyle(style))

    told = " ".join(word.text for cue in made for word in cue.words)
    assert told == " ".join(word.text for word in words)
    assert all(a.end_frame <= b.first_frame for a, b in pairwise(made))
    assert made[0].first_frame >= 7
    assert made[-1].end_frame <= 7 + frames
    for cue in made:
        edges = [cue.first_frame, *(word.end_frame for word in cue.words)]
        assert edges == [*(word.first_frame for word in cue.words), cue.end_frame]
        assert edges == sorted(set(edges))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0.2, 0.8), min_size=1, max_size=25), tokens)
def test_at_a_speaking_pace_every_cue_can_be_read(lengths, texts):
    words, at = [], 0.0
    for length, text in zip(lengths, texts, strict=False):
        words.append(SpokenWord(text=text, start=at, end=at + length))
        at += length

    made = cues.make(words, fps=30, frames=round(at * 30) + 30)

    assert all(len(cue.words) <= 4 for cue in made)
    assert all(
        len(" ".join(word.text for word in cue.words)) <= 24 for cue in made if len(cue.words) > 1
    )


@pytest.mark.parametrize(("style", "seconds"), [("pop", 0.5), ("plain", 1.0)])
def test_short_sentences_share_a_cue_rather_than_flash(style, seconds):
    words = spoken("No. Sí. Ya. Hoy. Eso. Tú.", each=0.2, pause=0.05)

    made = cues.make(words, fps=30, frames=90, style=CaptionStyle(style))

    assert all(cue.end_frame - cue.first_frame >= seconds * 30 for cue in made)


def test_a_sentence_without_spaces_is_shown_in_parts_of_a_few_characters():
    text = "今天开始新的一天，马上购买我们的咖啡，享受每一个早晨。"
    (word,) = (SpokenWord(text=text, start=0.0, end=6.0),)

    made = cues.make([word], fps=30, frames=200)

    shown = ["".join(w.text for w in cue.words) for cue in made]
    assert "".join(shown) == text
    assert len(shown) > 2
    assert max(map(len, shown)) <= 12
    assert all(not part.startswith(("，", "。")) for part in shown)
