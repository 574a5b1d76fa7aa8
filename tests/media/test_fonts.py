"""The shipped faces draw the scripts we promise, and nothing is drawn as an empty box."""

import shutil

import pytest

from reelsmith.errors import MediaError
from reelsmith.media import cmap, fonts
from reelsmith.media.fonts import Wanted

ALPHABETS = {
    "es": "¿Qué? ¡Él, pingüino y ñandú: 100 % «sí»! — €5…",
    "de": "Größe, Äpfel, Übung, weiß „gut“",
    "fr": "Où êtes-vous, garçon? L’œuvre à l’été",
    "pl": "Zażółć gęślą jaźń",
    "cs": "Příliš žluťoučký kůň úpěl",
    "tr": "Iğdır’da şöför çok ağır",
    "vi": "Tiếng Việt rất đẹp",
    "ru": "Съешь ещё этих мягких булок",
    "el": "Ξεσκεπάζω την ψυχοφθόρα",
    "ar": "مرحبا بكم في العرض الجديد، ٢٠٢٤؟",
    "he": "שלום עולם",
    "hi": "नमस्ते दुनिया",
    "zh": "今天开始新的一天，马上购买！",
    "zh-TW": "今天開始新的一天",
    "ja": "今日から新しい一日、すぐにカートへ。",
    "ko": "오늘부터 새로운 하루를 시작하세요",
}


@pytest.fixture
def another_folder(tmp_path, monkeypatch):
    copy = tmp_path / "fonts"
    shutil.copytree(fonts.folder(), copy)
    monkeypatch.setattr(fonts, "folder", lambda: copy)
    for cached in (fonts.faces, fonts.fingerprint, fonts._in_order):
        cached.cache_clear()
    yield copy
    for cached in (fonts.faces, fonts.fingerprint, fonts._in_order):
        cached.cache_clear()


@pytest.mark.parametrize("language", ALPHABETS)
@pytest.mark.parametrize("wanted", Wanted)
def test_one_face_draws_a_sentence_of_each_language_whole(language, wanted):
    text = ALPHABETS[language]

    face = fonts.find(text, wanted=wanted)

    assert fonts.missing(text, face) == ()
    assert [run.text for run in fonts.runs(text, wanted=wanted)] == [text]


def test_the_wanted_face_is_used_where_it_has_the_letters():
    assert fonts.find("Verano", wanted=Wanted.DISPLAY).name == Wanted.DISPLAY
    assert fonts.find("Verano", wanted=Wanted.POSTER).name == Wanted.POSTER
    assert fonts.find("Лето", wanted=Wanted.DISPLAY).name == Wanted.TEXT


def test_emoji_do_not_change_the_face_of_the_words_around_them():
    cut = fonts.runs("wow🔥 2x", wanted=Wanted.DISPLAY)

    assert [(run.text, run.face.name) for run in cut] == [
        ("wow", Wanted.DISPLAY),
        ("🔥 ", "NotoEmoji-Bold"),
        ("2x", Wanted.DISPLAY),
    ]


def test_what_no_face_has_is_named_and_left_out():
    assert fonts.undrawable("a ཀ今 ก ཀ") == ("ཀ", "ก")
    assert fonts.runs("ཀ", wanted=Wanted.DISPLAY) == ()
    assert [run.text for run in fonts.runs("aཀb", wanted=Wanted.DISPLAY)] == ["ab"]


def test_the_same_hanzi_are_drawn_as_the_language_writes_them():
    drawn = {
        language: fonts.runs("直", wanted=Wanted.DISPLAY, language=language)[0].face.name
        for language in ("zh", "ja", "ja-JP", None)
    }

    assert drawn == {
        "zh": "NotoSansSC-Bold",
        "ja": "NotoSansJP-Bold",
        "ja-JP": "NotoSansJP-Bold",
        None: "NotoSansSC-Bold",
    }


def test_latin_words_among_hanzi_keep_the_wanted_face():
    cut = fonts.runs("新iPhone手机", wanted=Wanted.DISPLAY, language="zh")

    assert [(run.text, run.face.name) for run in cut] == [
        ("新", "NotoSansSC-Bold"),
        ("iPhone", Wanted.DISPLAY),
        ("手机", "NotoSansSC-Bold"),
    ]


def test_letters_and_their_accents_are_composed():
    [run] = fonts.runs("n\u0303andu\u0301", wanted=Wanted.DISPLAY)

    assert run.text == "ñandú"


def test_a_character_map_agrees_with_what_is_drawn():
    for face in fonts.faces():
        font = fonts.sized(face, 40)
        nothing = bytes(font.getmask("\U000eeeee"))
        for code in sorted(face.code_points)[100:400:23]:
            if chr(code).isalpha():
                assert bytes(font.getmask(chr(code))) != nothing, (face.name, hex(code))


def test_each_face_is_small_and_has_its_licence_beside_it():
    for face in fonts.faces():
        family = face.name.partition("-")[0]
        licence = (face.path.parent / f"OFL-{family}.txt").read_text()

        assert "SIL Open Font License, Version 1.1" in licence
        assert face.path.stat().st_size < 1_000_000


def test_a_changed_or_added_font_changes_the_fingerprint(another_folder):
    before = fonts.fingerprint()
    fonts.fingerprint.cache_clear()
    assert fonts.fingerprint() == before

    shutil.copy(another_folder / "Anton-Regular.ttf", another_folder / "Zilla.ttf")

    fonts.fingerprint.cache_clear()
    assert fonts.fingerprint() != before
    assert fonts.faces()[-2].name == "Zilla"


def test_an_installation_without_fonts_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(fonts, "_LAYER", tmp_path / "none")
    monkeypatch.setattr(fonts, "_CHECKOUT", tmp_path / "none")

    with pytest.raises(MediaError, match="no fonts"):
        fonts.folder()


def test_a_file_that_is_no_font_is_named(another_folder):
    (another_folder / "broken.ttf").write_bytes(bytes(64))

    with pytest.raises(MediaError, match="no cmap table"):
        cmap.code_points(another_folder / "broken.ttf")
