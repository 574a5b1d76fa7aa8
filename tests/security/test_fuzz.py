"""Whatever bytes come, what reads them says yes or names the fault; nothing else comes out."""

import json
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reelsmith.domain.assets import FileType
from reelsmith.errors import BrokenPromise, Invalid, MediaError
from reelsmith.media import check, film, gate, segments
from reelsmith.text import subtitles
from reelsmith.usecases import sidecars
from tests.media.reels import STANDING, a_film, rendered
from tests.media.test_check import a_foreign_film
from tests.security.broken_films import a_film as a_clip
from tests.security.broken_pictures import noise
from tests.security.broken_sounds import a_sound
from tests.security.mutations import damaged
from tests.security.sending import use

IN_A_CHILD, IN_PROCESS = 25, 200  # examples: a child takes a tenth of a second
FORMS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP")
TIMES = ("00:00:01,000 --> 00:00:02,000", "00:01.5 --> 9:99:99.999", "99:00:00,0 --> 00:00:00,0")
LINES = st.one_of(
    st.sampled_from(
        (*TIMES, "1", "", "WEBVTT", "NOTE x", "STYLE", "{\\p1}m 0 0", "<c.red>", "\\N")
    ),
    st.text(max_size=80),
)
YAML = ("text_prompt: hi", "metadata:", "  a: &a [1, 2]", "  b: *a", "images: [a.png]", "? [x]")
YAML += (
    "  c: 2020-01-01",
    "priority: high",
    "<<: *a",
    "- a",
    "!!set {a}",
    "title: |",
    "  x: .inf",
)


def fuzzed(examples):
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@fuzzed(IN_PROCESS)
@given(st.binary(max_size=600), st.sampled_from((FileType.IMAGE, FileType.AUDIO, FileType.VIDEO)))
def test_the_gate_knows_a_file_or_refuses_it(head, wanted):
    try:
        form = gate.check(head, name="upload", wanted=wanted, size_bytes=len(head))
    except MediaError as refused:
        assert refused.detail.startswith('"upload" ')
    else:
        assert form is gate.sniff(head)


def sent_damaged(room, kind, body):
    path = room / "upload"
    path.write_bytes(body)
    try:
        use(kind, path, "upload")
    except MediaError as refused:
        assert refused.detail.startswith('"upload" ')
        assert refused.detail.isprintable()


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@fuzzed(IN_A_CHILD)
@given(st.sampled_from(FORMS).flatmap(lambda form: damaged(noise(form, 24), behind=12)))
def test_a_damaged_picture_is_shown_or_refused_by_name(room, body):
    sent_damaged(room, FileType.IMAGE, body)


@fuzzed(IN_A_CHILD)
@given(
    st.sampled_from(("mp3", "flac", "ogg", "ipod")).flatmap(
        lambda form: damaged(a_sound(form, 0.2), behind=12)
    )
)
def test_a_damaged_sound_is_heard_or_refused_by_name(room, body):
    sent_damaged(room, FileType.AUDIO, body)


@fuzzed(IN_A_CHILD)
@given(st.sampled_from(("mp4", "matroska")).flatmap(lambda form: damaged(a_clip(form), behind=40)))
def test_a_damaged_clip_is_shown_or_refused_by_name(room, body):
    sent_damaged(room, FileType.VIDEO, body)


@fuzzed(IN_PROCESS)
@given(st.lists(LINES, max_size=30).map("\n".join))
def test_subtitles_are_plain_words_in_order_or_refused(text):
    try:
        found = subtitles.parse(text.encode(errors="replace"), name="a.srt")
    except Invalid:
        return
    for one, following in zip(found, [*found[1:], None], strict=True):
        assert one.start_ms < one.end_ms
        assert following is None or one.end_ms <= following.start_ms
        assert not {"Cc", "Cs", "Zl", "Zp"} & {unicodedata.category(mark) for mark in one.text}
        assert not set("<>{}\\") & set(one.text)
    assert subtitles.words(found)


@fuzzed(IN_PROCESS)
@given(st.binary(max_size=400))
def test_subtitles_of_any_bytes_are_read_or_refused(body):
    try:
        assert subtitles.parse(body, name="a.vtt")
    except Invalid as refused:
        assert "a.vtt" in str(refused.faults)


@fuzzed(IN_PROCESS)
@given(
    st.lists(st.one_of(st.sampled_from(YAML), st.text(max_size=30)), max_size=9).map("\n".join),
    st.sampled_from(("order.yaml", "order.json")),
)
def test_a_sidecar_is_an_order_that_json_can_say_or_is_refused(text, name):
    try:
        order = sidecars.read(text.encode(errors="replace"), file=name)
    except Invalid:
        return
    assert json.loads(order.model_dump_json())


@pytest.fixture(scope="module")
def segment(room):
    path = rendered(a_film(12, move=STANDING), 0, room).path
    return path.read_bytes()


@fuzzed(IN_PROCESS)
@given(data=st.data())
def test_a_damaged_segment_is_never_joined_unless_its_index_is_whole(room, segment, data):
    body = data.draw(damaged(segment))
    (room / "0.seg").write_bytes(body)

    try:
        facts = film.assemble(
            [room / "0.seg"], None, room / "a.mp4", width=270, height=480, fps=30
        )
    except MediaError:
        pass
    else:
        assert facts.frames == 12
    assert segments.is_sound(room / "0.seg") is (body == segment)


@pytest.fixture(scope="module")
def finished(room):
    return a_foreign_film(room / "whole.mp4", frames=12, seconds=0.4).read_bytes()


@fuzzed(IN_PROCESS)
@given(data=st.data())
def test_a_damaged_film_is_measured_or_breaks_its_promise(room, finished, data):
    path = room / "damaged.mp4"
    path.write_bytes(data.draw(damaged(finished)))

    try:
        found = check.measure(path)
    except BrokenPromise as broken:
        assert broken.detail.isprintable()
    else:
        assert found.frames > 0
