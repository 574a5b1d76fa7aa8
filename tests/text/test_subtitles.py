"""Subtitle files: whatever a stranger sends becomes plain words with times, or is refused."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelsmith.domain.jobs import CaptionStyle
from reelsmith.domain.speech import SpokenWord
from reelsmith.errors import Invalid
from reelsmith.text import cues, subtitles
from reelsmith.text.subtitles import MOST_CHARACTERS, MOST_CUES, Subtitle

SRT = b"""1
00:00:01,000 --> 00:00:02,500
Compra ya.

2
00:00:03,000 --> 00:00:05,000
Es verano.
"""
VTT = """WEBVTT - a title

STYLE
::cue { color: red }

NOTE a note

intro
00:01.000 --> 00:02.500 line:0 position:20%
<v Ana>Compra <i>ya</i>.</v>

00:00:03.000 --> 00:00:05.000
<00:00:03.000><c.loud>Es</c> <00:00:04.000>verano.
"""
BOTH = (Subtitle("Compra ya.", 1_000, 2_500), Subtitle("Es verano.", 3_000, 5_000))


def some_cues(
    text="Compra ya la mejor batería. Mañana suben de precio.", *, style=CaptionStyle.POP
):
    tokens = text.split()
    words = [
        SpokenWord(text=token, start=0.5 * n, end=0.5 * n + 0.4) for n, token in enumerate(tokens)
    ]
    return cues.make(words, fps=30, frames=15 * len(tokens) + 30, style=style)


def read(text):
    return subtitles.parse(text.encode(), name="captions.srt")


@pytest.mark.parametrize(
    "body",
    [
        SRT,
        VTT.encode(),
        b"\xef\xbb\xbf" + SRT,
        SRT.replace(b"\n", b"\r\n"),
        SRT.decode().encode("utf-16"),
        SRT.replace(b"2\n00", b"00"),
        SRT[:-1],
    ],
    ids=["srt", "vtt", "bom", "windows", "utf-16", "no numbers", "no last line end"],
)
def test_subtitles_are_read_from_either_form(body):
    assert subtitles.parse(body, name="captions") == BOTH


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r"{\an8}{\blur99999\be9999}Hola", "Hola"),
        ('<font size="9999" face="x">Hola</font>', "Hola"),
        (r"{\p1}m 0 0 l 9 9{\p0}Hola\Nya", "m 0 0 l 9 9Hola ya"),
        ("Hola &amp; adi&oacute;s &lt;script&gt;", "Hola & adiós script"),
        ("{open <open \\open", "open open open"),
        ("a\x00b\x1b[31m\u2028c", "a b [31m c"),
        ("uno\ndos\n  tres", "uno dos tres"),
        ("مرحبا 今天 🔥", "مرحبا 今天 🔥"),
    ],
)
def test_markup_and_commands_of_players_are_dropped(written, text):
    (found,) = read(f"00:00:01,000 --> 00:00:02,000\n{written}\n")

    assert found.text == text


@pytest.mark.parametrize(
    "times",
    [
        "00:00:02,000 --> 00:00:01,000",
        "00:00:01,000 --> 00:00:01,000",
        "00:61:00,000 --> 00:62:00,000",
        "99:00:00,000 --> 99:00:01,000",
        "-0:00:01,000 --> 00:00:02,000",
        "00:00:01 --> 00:00:02",
    ],
)
def test_a_subtitle_with_an_impossible_time_is_left_out(times):
    assert read(f"{times}\nHola\n\n{SRT.decode()}") == BOTH


def test_where_two_overlap_the_earlier_one_ends():
    found = read("00:00:02,000 --> 00:00:09,000\nlater\n\n00:00:01,000 --> 00:00:04,000\nfirst\n")

    assert found == (Subtitle("first", 1_000, 2_000), Subtitle("later", 2_000, 9_000))


def test_a_monster_of_a_subtitle_is_cut_short():
    (found,) = read("00:00:01,000 --> 00:00:02,000\n" + "muy largo\n" * 5_000)

    assert len(found.text) <= MOST_CHARACTERS


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            b"00:00:01,000 --> 00:00:02,000\nHola\n\n" * (MOST_CUES + 1),
            "more than 10000 subtitles",
        ),
        (b"x" * (subtitles.MOST_BYTES + 1), "bytes"),
        (b"\xff\xd8\xff\xe0", "not UTF-8"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"", "no subtitle"),
        (b"WEBVTT\n\nNOTE nothing", "no subtitle"),
        (b"-->" * 100_000, "no subtitle"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else None,
)
def test_a_file_that_is_none_is_refused_by_name(body, reason):
    with pytest.raises(Invalid, match="captions.srt") as refused:
        subtitles.parse(body, name="captions.srt")

    assert reason in refused.value.detail


@given(st.binary(max_size=300) | st.text("0123:,.->\n\r <>{}\\&;abWEBVTT", max_size=300))
@settings(deadline=None, derandomize=True)
def test_any_bytes_are_read_or_refused(body):
    raw = body if isinstance(body, bytes) else body.encode()
    try:
        found = subtitles.parse(raw + b"\n\n" + SRT, name="a.srt")
    except Invalid:
        return
    for one, after in zip(found, found[1:], strict=False):
        assert one.end_ms <= after.start_ms
    for one in found:
        assert 0 <= one.start_ms < one.end_ms
        assert 0 < len(one.text) <= MOST_CHARACTERS
        assert not set(one.text) & set("<>{}\\\n\r\x00")


def test_reading_takes_time_in_step_with_the_size():
    def seconds(count):
        body = b"00:00:01,000 --> 00:00:02,000\n<<<<{{{{\\\\&amp;" * count
        begun = time.process_time()
        with pytest.raises(Invalid):
            subtitles.parse(body, name="a.srt")
        return time.process_time() - begun

    small, large = min(seconds(400) for _ in range(3)), seconds(8_000)

    assert large < 20 * 8 * max(small, 1e-3)


def test_words_share_the_time_of_their_subtitle():
    spoken = subtitles.words(BOTH)

    assert [word.text for word in spoken] == ["Compra", "ya.", "Es", "verano."]
    assert (spoken[0].start, spoken[1].end) == (1.0, pytest.approx(2.5))
    assert (spoken[2].start, spoken[3].end) == (3.0, pytest.approx(5.0))
    assert spoken[0].end == spoken[1].start


@pytest.mark.parametrize("form", ["srt", "vtt"])
@pytest.mark.parametrize("style", [CaptionStyle.POP, CaptionStyle.PLAIN])
def test_what_is_written_can_be_read_again(form, style):
    made = some_cues(style=style)
    written = (
        subtitles.as_srt(made, fps=30)
        if form == "srt"
        else subtitles.as_vtt(made, fps=30, language="es")
    )

    found = subtitles.parse(written.encode(), name="a")

    said = " ".join(word.text for cue in made for word in cue.words)
    assert " ".join(one.text for one in found) == said
    assert found[0].start_ms == round(made[0].first_frame * 1_000 / 30)
    assert all(one.end_ms <= after.start_ms for one, after in zip(found, found[1:], strict=False))


def test_a_file_shows_whole_phrases_where_the_picture_shows_single_words():
    written = subtitles.as_srt(some_cues(), fps=30)

    assert written.startswith("1\n00:00:00,000 --> 00:00:02,")
    assert "Compra ya la mejor batería.\n" in written


def test_a_long_subtitle_is_written_in_two_lines_of_like_length():
    made = some_cues("Una batería que dura todo el día y más")

    written = subtitles.as_srt(made, fps=30)

    lines = [line for line in written.splitlines() if line and "-->" not in line]
    assert max(map(len, lines)) <= 42


def test_words_that_look_like_markup_stay_words():
    made = some_cues("<script> a --> b & {c}")

    vtt = subtitles.as_vtt(made, fps=30, language="es")
    srt = subtitles.as_srt(made, fps=30)

    assert "&lt;script&gt;" in vtt
    assert vtt.count("-->") == srt.count("-->") == vtt.count("00:00:00.000 -->")
    assert not set("<{}") & set(srt)


def test_each_word_of_a_web_file_has_its_time():
    written = subtitles.as_vtt(some_cues("Hola a todos."), fps=30, language="es")

    assert written.startswith("WEBVTT\nLanguage: es\n\n00:00:00.000 --> 00:00:01.900\n")
    assert "Hola <00:00:00.500>a <00:00:01.000>todos." in written


def test_no_cues_make_files_without_subtitles():
    assert subtitles.as_srt((), fps=30) == ""
    assert subtitles.as_vtt((), fps=30, language="es") == "WEBVTT\nLanguage: es\n"
