"""Segment files: whole, readable, or refused."""

import pytest

from reelsmith.domain.jobs import Codec
from reelsmith.errors import MediaError
from reelsmith.media import segments
from reelsmith.media.coded import Header, Picture

RUNS = (
    [Picture(b"\0\0\0\1k", 0, True), Picture(b"\0\0\0\1p", 2, False), Picture(b"x" * 7, 1, False)],
    [Picture(b"\0\0\0\1K", 0, True)],
)


@pytest.fixture
def segment(tmp_path):
    return segments.write(
        tmp_path / "a.seg",
        RUNS,
        width=270,
        height=480,
        fps=30,
        header=Header(Codec.HEVC, b"\1record"),
    )


def test_a_segment_tells_what_was_written(segment):
    index = segments.read_index(segment.path)

    assert (index.width, index.height, index.fps, index.frames) == (270, 480, 30, 4)
    assert index.header == Header(Codec.HEVC, b"\1record")
    assert index.sizes.tolist() == [5, 5, 7, 5]
    assert index.shifts.tolist() == [0, 1, -1, 0]
    assert index.keys.tolist() == [True, False, False, True]
    body = segment.path.read_bytes()[index.body_offset :]
    assert body == b"".join(picture.data for run in RUNS for picture in run)


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda whole: b"", "not a segment"),
        (lambda whole: b"ftyp" + whole[4:], "not a segment"),
        (lambda whole: whole[:4] + b"\x63\0" + whole[6:], "version 99"),
        (lambda whole: whole.replace(b"hevc", b"mpeg"), "unknown codec"),
        (lambda whole: whole[:-1], "not whole"),
        (lambda whole: whole + b"x", "not whole"),
        (lambda whole: whole.replace(b"\5\0\0\0", b"\6\0\0\0", 1), "contradicts itself"),
    ],
)
def test_a_broken_segment_is_refused_by_name(segment, spoil, fault):
    segment.path.write_bytes(spoil(segment.path.read_bytes()))

    with pytest.raises(MediaError, match=f"a.seg.*{fault}"):
        segments.read_index(segment.path)


def test_a_single_wrong_byte_anywhere_is_noticed(segment):
    good = segment.path.read_bytes()
    assert segments.is_sound(segment.path)

    for place in range(len(good)):
        wrong = bytearray(good)
        wrong[place] ^= 0x10
        segment.path.write_bytes(wrong)
        assert not segments.is_sound(segment.path), place
