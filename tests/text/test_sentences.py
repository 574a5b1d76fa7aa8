"""Text into sentences, as a reader would part it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelsmith.text import sentences


def parted(text, language="es", **more):
    return list(sentences.split(text, language=language, **more))


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("es", ["El Sr. Pérez llegó a las 5 p.m. en punto.", "¡Hola!", "¿qué tal?"]),
        ("es", ["Cuesta 3.50 € o 1.299,00 € en EE. UU. desde ayer... pero no.", "Fin."]),
        ("es", ["Ver núm. 5 y pág. 12.", "Av. Libertad 3, dirige la Dra. Gil."]),
        ("es", ["Abrimos a las 9 a.m.", "Ven ya."]),
        ("es", ["«¿Vienes?» dijo él.", "“Sí.”", "(Y vino.)", "Adiós…", "Quizá."]),
        ("en", ["Dr. Smith (Ph.D.) said “Go!” and left.", "See e.g. the U.S. Army."]),
        ("en", ["No. 5 is alive.", "I said no.", "We left at 5 p.m.", "J. K. Rowling stayed."]),
        ("en", ["Wait!!", "Really?!", "yes, at reelsmith.io v2.0."]),
        ("en", ["1. Measure first.", "2. Ask for quotes."]),
        ("de", ["Am 3. Oktober feiert Hr. Meier.", "Das kostet 99 Euro.", "Prima!"]),
        ("fr", ["M. Dupont et Mme. Durand arrivent !", "C'est l'été."]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(language, expected):
    assert parted(" ".join(expected), language) == expected


def test_scripts_without_spaces_and_with_marks_of_their_own_are_parted():
    assert parted("你好。今天很好！走吧", "zh") == ["你好。", "今天很好！", "走吧"]
    assert parted("هل تريد؟ نعم. حسنا", "ar") == ["هل تريد؟", "نعم.", "حسنا"]
    assert parted("नमस्ते। आज ही खरीदें।", "hi") == ["नमस्ते।", "आज ही खरीदें।"]


def test_a_line_ends_a_sentence_unless_it_was_only_wrapped():
    text = "Oferta de verano\nCompra ya y ahorra hasta\nun 50 %\r\n\r\n- pan\n- leche"

    assert parted(text) == [
        "Oferta de verano",
        "Compra ya y ahorra hasta un 50 %",
        "- pan",
        "- leche",
    ]


def test_what_nobody_can_speak_stays_with_its_neighbour():
    assert parted("🎉 ¡Compra ya! 🎉\n---\nMañana no. …") == [
        "🎉 ¡Compra ya! 🎉 ---",
        "Mañana no. …",
    ]


def test_a_long_sentence_is_cut_at_its_clauses_into_like_parts():
    text = "Mide tu consumo, pide tres presupuestos, revisa la garantía, y asegura todo bien."

    assert parted(text, max_characters=50) == [
        "Mide tu consumo, pide tres presupuestos,",
        "revisa la garantía, y asegura todo bien.",
    ]


def test_a_word_is_never_cut_however_long():
    text = "uno " + "x" * 400 + " dos"

    assert parted(text, max_characters=40) == ["uno", "x" * 400, "dos"]


def test_nothing_is_no_sentence():
    assert parted(" \n\t ") == []


prose = st.text(
    st.sampled_from("abcáñÉ .,;!?…¿¡\"'()«»0123\n—-。！、你好مر؟🎉\u00a0") | st.characters(),
    max_size=200,
)


@settings(max_examples=300, deadline=None)
@given(prose, st.sampled_from(["es", "en", "de", "zh", "xx"]), st.integers(8, 240))
def test_no_character_is_lost_added_or_moved(text, language, most):
    parts = sentences.split(text, language=language, max_characters=most)

    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(part == part.strip() and part for part in parts)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.from_regex(r"[abcñé]{1,10}[,;]?", fullmatch=True), min_size=1, max_size=120))
def test_no_part_is_longer_than_asked_and_words_stay_whole(words):
    parts = sentences.split(" ".join(words), language="es", max_characters=60)

    assert " ".join(parts).split() == words
    assert all(len(part) <= 60 for part in parts)
