"""Bits of H.264."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelsmith.errors import MediaError
from reelsmith.media import h264
from reelsmith.media.h264 import Bits, Counters

RBSP = st.lists(st.sampled_from([0, 0, 0, 1, 2, 3, 4, 128])).map(lambda b: bytes(b) + b"\x80")


@given(RBSP)
def test_an_escaped_payload_has_no_start_code_and_comes_back(rbsp):
    escaped = h264.escaped(rbsp)

    assert not any(code in escaped for code in (b"\0\0\0", b"\0\0\1", b"\0\0\2"))
    assert h264.unescaped(escaped) == rbsp


def test_numbers_are_read_as_the_standard_writes_them():
    bits = Bits(bytes([0b1_010_011_0, 0b0100_0000]))

    assert [bits.ue(), bits.ue(), bits.ue(), bits.ue()] == [0, 1, 2, 3]


def test_a_header_that_ends_too_early_is_an_error_of_ours():
    with pytest.raises(MediaError, match="ends too early"):
        Bits(b"\0").ue()


def test_only_the_slices_of_a_picture_are_kept():
    stream = b"\0\0\0\1\x67sps\0\0\0\1\x68pps\0\0\1\x06sei\0\0\1\x65one\0\0\0\1\x65two"

    assert h264.sample(stream) == b"\0\0\0\4\x65one\0\0\0\4\x65two"


def test_a_stream_that_counts_in_another_way_is_refused():
    baseline_with_order_type_2 = bytes.fromhex(
        "6742c01eda0280bfe5c044000003000400000300f03c58ba80"
    )

    with pytest.raises(MediaError, match="holds"):
        Counters.of(baseline_with_order_type_2)
