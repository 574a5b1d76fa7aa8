"""Words that were written to hurt are drawn as letters or refused; nothing breaks on them."""

import json
import time

import pytest

from reelsmith.domain.layers import Card, TextBox
from reelsmith.domain.timelines import CaptionWord, Cue
from reelsmith.errors import Invalid
from reelsmith.media import captions, cards, overlays
from reelsmith.usecases import sidecars
from tests.unit.test_api import AD, Api
from tests.world import a_world

WIDTH, HEIGHT = 270, 480
MOST_CPU_S = 3.0  # for words that take some hundredths of a second
DRAWN = {
    "backslashes": "\\\\N",
    "a function of a text filter": "%{eif:1}",
    "an option": "a:b=c",
    "quotes": "';[x]",
    "a tag of subtitles": "{\\p1\\blur99}",
    "an override of direction": "\u202eabc\u202c",
    "five hundred overrides": "\u202e" * 500 + "x",
    "ten thousand marks on one letter": "a" + "\u0301" * 10_000,
    "marks with joiners between": "a" + "\u200d\u0301" * 5_000,
    "letters under towers": "".join("Z" + "\u0316\u0301" * 60 for _ in range(40)),
    "a line end": "a\nb",
    "other line ends": "a\u2028b\u2029c\x85d",
    "a tab": "a\tb",
    "nothing in a string of C": "a\0b",
    "a colour for a terminal": "\x1b[31mred",
    "families": "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 9,
}
NOTHING_TO_DRAW = {
    "no width": "\u200b",
    "two thousand joiners": "\u200d" * 2_000,
    "a mark of byte order": "\ufeff",
    "tags": "\U000e0041" * 300,
    "variation selectors": "\ufe0f" * 300,
    "controls": "".join(map(chr, range(1, 32))),
    "no character": "\U0010ffff",
    "isolates": "\u2066" * 1_000,
    "a word wider than any film": "x" * 10_000,
}


def a_cue(*words):
    spoken = (CaptionWord(text=word, first_frame=0, end_frame=30) for word in words)
    return Cue(words=tuple(spoken), first_frame=0, end_frame=30)


def painted(*words):
    """Coverage of a caption's canvas, (h, w) uint8, and the CPU seconds it took."""
    began = time.process_time()
    picture = captions.Setting(a_cue(*words), width=WIDTH, height=HEIGHT).paint(0)
    return picture[..., 3], time.process_time() - began


@pytest.mark.parametrize("words", DRAWN)
def test_hostile_words_in_a_caption_are_letters_like_any_other(words):
    ink, cpu_s = painted(DRAWN[words])

    assert ink.max() > 200
    assert ink.shape[0] <= HEIGHT
    assert ink.shape[1] <= 1.5 * WIDTH
    assert cpu_s < MOST_CPU_S


@pytest.mark.parametrize("words", NOTHING_TO_DRAW)
def test_words_that_cannot_be_drawn_leave_the_caption_without_them(words):
    alone, cpu_s = painted(NOTHING_TO_DRAW[words])

    assert alone.max() == 0
    assert cpu_s < MOST_CPU_S


@pytest.mark.parametrize("words", DRAWN | NOTHING_TO_DRAW)
def test_hostile_words_on_a_card_give_a_card(words):
    text = (DRAWN | NOTHING_TO_DRAW)[words]
    began = time.process_time()

    picture = cards.draw(Card(text=text, kicker=text[:80]), WIDTH, HEIGHT)

    assert picture.shape == (HEIGHT, WIDTH, 3)
    assert time.process_time() - began < MOST_CPU_S


@pytest.mark.parametrize("plate", [None, "#101010"])
@pytest.mark.parametrize("words", DRAWN | NOTHING_TO_DRAW)
def test_hostile_words_in_a_box_stay_in_the_frame(words, plate):
    text = (DRAWN | NOTHING_TO_DRAW)[words][:500]
    box = TextBox(text=text, plate=plate, first_frame=0, end_frame=30)
    began = time.process_time()

    picture = overlays.text_box(box, language="es", width=WIDTH, height=HEIGHT)

    assert picture.shape[0] <= HEIGHT
    assert picture.shape[1] <= 1.2 * WIDTH
    assert time.process_time() - began < MOST_CPU_S


@pytest.mark.parametrize("text", ["a\n\nb", "\n" * 500, "\n \t\n", "\r\n\r\n"])
def test_empty_lines_in_a_box_are_no_fault(text):
    box = TextBox(text=text, first_frame=0, end_frame=30)

    picture = overlays.text_box(box, language="es", width=WIDTH, height=HEIGHT)

    assert bool(picture[..., 3].max() > 200) is ("a" in text)


def test_a_tower_of_marks_does_not_reach_its_neighbours():
    one, _ = painted("a" + "\u0301" * 12)
    many, _ = painted("a" + "\u0301" * 10_000)

    assert one.shape == many.shape
    assert (one == many).all()


@pytest.fixture(scope="module")
def api():
    with a_world() as world:
        yield Api(world.deps)


def a_body(field, value):
    """An order as JSON text in which `field` is `value`, itself a piece of JSON."""
    rest = json.dumps({key: said for key, said in AD.items() if key != field})
    return f'{rest[:-1]}, "{field}": {value}}}'


LONE = '"\\ud800"'


@pytest.mark.parametrize(
    ("field", "value"),
    [(field, LONE) for field in ("text_prompt", "title", "description", "ugc_type", "voice")]
    + [(field, LONE) for field in ("language", "music", "voice_over")]
    + [
        ("images", f"[{LONE}]"),
        ("metadata", f'{{"a": {LONE}}}'),
        ("metadata", f"{{{LONE}: 1}}"),
        ("metadata", '{"a": NaN}'),
        ("metadata", '{"a": 1e999}'),
        ("metadata", f'{{"a": {"[" * 31}{"]" * 31}}}'),
        ("metadata", f'{{"a": {"[" * 900}{"]" * 900}}}'),
    ],
)
def test_what_cannot_be_told_again_is_refused_by_field(api, field, value):
    status, problem, _ = api("POST", "/v1/jobs", a_body(field, value))

    assert status == 422
    assert problem["errors"][0]["pointer"].startswith(f"/{field}")


def test_a_number_without_end_is_refused_before_it_is_read(api):
    status, problem, _ = api("POST", "/v1/jobs", a_body("metadata", f'{{"a": {"9" * 5_000}}}'))

    assert (status, problem["code"]) == (400, "invalid_request")
    assert "digits" in problem["detail"]


@pytest.mark.parametrize("words", [words for words in DRAWN if len(DRAWN[words]) < 1_000])
def test_odd_words_of_an_order_come_back_as_they_were(api, words):
    said = f"Hola {DRAWN[words]} fin."

    _, job, _ = api("POST", "/v1/jobs", AD | {"text_prompt": said, "metadata": {"said": said}})
    status, seen, _ = api("GET", f"/v1/jobs/{job['id']}")

    assert status == 200
    assert (seen["text_prompt"], seen["metadata"]) == (said, {"said": said})


def references(levels):
    """YAML in which ten to the power of `levels` words stand in a few lines."""
    lines = ["text_prompt: hi", "metadata:", "  a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, levels):
        ten = ", ".join([f"*a{level - 1}"] * 10)
        lines.append(f"  a{level}: &a{level} [{ten}]")
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    [
        references(9),
        "text_prompt: hi\nmetadata: &m {a: *m}",
        "text_prompt: hi\nmetadata: {when: 2020-01-01}",
        "text_prompt: hi\nmetadata: {what: !!binary aGVsbG8=}",
        "text_prompt: hi\nmetadata: {what: !!set {a, b}}",
        "text_prompt: hi\nmetadata: {what: .nan}",
        "text_prompt: !!python/object/apply:os.system [id]",
        "text_prompt: hi\nduration_per_image: " + "9" * 5_000,
        "text_prompt: hi\nmetadata: {a: 2020-99-99}",
        "text_prompt: hi\n? [a]\n: b",
        "text_prompt: hi\nmetadata: " + "[" * 3_000,
        "text_prompt: hi\n<<: 3",
    ],
    ids=lambda text: text.replace("\n", " ")[16:46],
)
def test_a_sidecar_that_is_a_trap_is_refused_and_at_once(text):
    began = time.process_time()

    with pytest.raises(Invalid):
        sidecars.read(text.encode(), file="order.yaml")

    assert time.process_time() - began < MOST_CPU_S
