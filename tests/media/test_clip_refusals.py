"""Clips that cannot be shown are refused by name, and a decoder that lies is not believed."""

import os
import time
from fractions import Fraction
from io import FileIO
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest

from reelsmith.domain.layers import Clip
from reelsmith.errors import Cancelled, MediaError
from reelsmith.media import clips, ring
from reelsmith.media.clip_feed import ClipFeed, View
from reelsmith.media.planes import Planes
from tests.media.filmed import (
    SIZE,
    a_clip,
    numbered,
    quartered,
    watched,
)
from tests.media.reels import fresh_python


def many_tracks(path):
    with av.open(str(path), "w") as film:
        tracks = [film.add_stream("mpeg4", rate=25) for _ in range(40)]
        for track in tracks:
            track.width, track.height, track.pix_fmt = 32, 32, "yuv420p"
        for track in tracks:
            frame = av.VideoFrame(32, 32, "yuv420p")
            frame.pts = 0
            film.mux(track.encode(frame))
            film.mux(track.encode(None))


def only_sound(path):
    with av.open(str(path), "w") as film:
        track = film.add_stream("aac", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 48_000
        film.mux(track.encode(frame))
        film.mux(track.encode(None))


def cut_short(path):
    a_clip(path, [numbered(n) for n in range(40)], faststart=True)
    os.truncate(path, path.stat().st_size * 2 // 3)


def without_its_end(path):
    a_clip(path, [numbered(n) for n in range(40)])
    os.truncate(path, path.stat().st_size * 2 // 3)


def too_long(path):
    a_clip(path, [numbered(n) for n in range(2)], moments=[0, Fraction(20_000)])


def a_lossless_one(path):
    a_clip(path, [quartered()], codec="ffv1")


def scrambled(path):
    a_clip(path, [numbered(n) for n in range(40)], g="1")
    body = bytearray(path.read_bytes())
    begin = body.index(b"mdat") + 4
    body[begin:-4000] = np.random.default_rng(1).bytes(len(body) - begin - 4000)
    path.write_bytes(body)


def a_drawing(path):
    path.write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda path: a_clip(path, [np.zeros((16, 8208, 3), np.uint8)]), "is larger than 36 mega"),
        (lambda path: a_clip(path, [np.zeros((8, 8, 3), np.uint8)], codec="mpeg4"), "is smaller"),
        (
            lambda path: a_clip(path, [numbered(0)] * 20, fps=1000),
            "has more than 250 pictures a second",
        ),
        (many_tracks, "has more than 32 tracks"),
        (only_sound, "has no moving pictures"),
        (cut_short, "is cut short"),
        (without_its_end, "has a broken header or is cut short"),
        (too_long, "is longer than 4 hours"),
        (a_drawing, "is an SVG drawing, not a video we take"),
    ],
    ids=["wide", "tiny", "fast", "tracks", "sound", "cut", "headless", "long", "svg"],
)
def test_what_we_cannot_show_is_refused_by_name(tmp_path, make, fault):
    path = tmp_path / "c.mp4"
    make(path)

    with pytest.raises(MediaError, match=rf'^"my film\.mp4" {fault}.*; (send|save|open)'):
        clips.inspect(path, name="my film.mp4")


def test_codecs_and_damage_are_refused_by_name_too(tmp_path):
    a_lossless_one(tmp_path / "c.mkv")
    scrambled(tmp_path / "s.mp4")

    with pytest.raises(MediaError, match=r'^"a\.mkv" has pictures in a codec that we do not take'):
        clips.inspect(tmp_path / "c.mkv", name="a.mkv")
    with pytest.raises(MediaError, match=r'^"c\.mp4" (is damaged|holds no picture)'):
        watched(tmp_path / "s.mp4", 40)


def test_a_rate_that_the_header_hides_is_found_out_while_it_plays(tmp_path):
    moments = [Fraction(n, 2000) for n in range(700)] + [Fraction(100)]
    path = a_clip(tmp_path / "c.mp4", [numbered(0)] * 701, moments=moments)
    assert clips.inspect(path, name="c.mp4").fps < 250

    with pytest.raises(MediaError, match="has more than 250 pictures a second"):
        watched(path, 30)


@pytest.fixture
def feed():
    """The parent's end of a decoder that says what the test lets it say."""
    said, say = os.pipe()
    freed, give_back = os.pipe()
    memory = ring.create(*SIZE)
    view = View(width=SIZE[0], height=SIZE[1], fps=30, shown=range(9))
    with FileIO(said) as stdout:
        running = SimpleNamespace(stdout=stdout, failure=lambda: MediaError("it died"))
        pictures = ring.mapped(memory, writable=False)
        yield (
            ClipFeed(running, pictures, give_back, name="c.mp4", view=view, first=0),
            lambda line: os.write(say, line + b"\n"),
            lambda: os.close(say),
        )
    for descriptor in (freed, give_back, memory):
        os.close(descriptor)


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense",
        b"[]",
        b'{"stands": 0, "strides": [320, 160, 160]}',
        b'{"stands": 1, "strides": [320, 160]}',
        b'{"stands": 1, "strides": [320, 160, 159]}',
        b'{"stands": 1, "strides": [320, 160, 99999999]}',
        b'{"stands": -5, "strides": [320, 160, 160]}',
        b"x" * 5000,
    ],
)
def test_a_decoder_that_was_taken_over_is_not_believed(feed, line):
    decoder, say, end = feed
    say(line)
    end()

    with pytest.raises(MediaError, match=r'^"c\.mp4" (broke its decoder|cannot be decoded); open'):
        decoder.picture(0, meanwhile=lambda: None)


def test_a_decoder_that_dies_is_told_from_a_clip_that_is_over(feed):
    decoder, say, end = feed
    say(b'{"stands": 2, "strides": [320, 160, 160]}')
    end()
    decoder.picture(1, meanwhile=lambda: None)

    with pytest.raises(MediaError, match=r'^"c\.mp4" cannot be decoded; open it'):
        decoder.picture(2, meanwhile=lambda: None)


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="only Linux seals memory")
def test_a_decoder_cannot_take_memory_away_from_its_parent():
    memory = ring.create(*SIZE)

    with pytest.raises(PermissionError):
        os.ftruncate(memory, 0)
    os.close(memory)


def test_the_decoder_starts_without_the_heavy_rooms():
    code = "import sys; import reelsmith.media.decode_clip;"
    code += "print(sorted({'numpy', 'pydantic', 'boto3', 'subprocess'} & set(sys.modules)))"

    assert fresh_python(code) == "[]"


def test_an_abandoned_clip_leaves_no_process_behind(tmp_path):
    path = a_clip(tmp_path / "c.mp4", [numbered(n) for n in range(60)])
    clip = Clip(key="k", sha256="0" * 64)
    before = children()

    with clips.open(
        path, name="c", clip=clip, width=SIZE[0], height=SIZE[1], fps=30, frames=range(60)
    ) as footage:
        footage.draw(0, Planes.black(*SIZE))
        assert children() > before

    assert children() == before


def children():
    """The processes that this one started and has not buried; other tests may keep some."""
    tasks = Path("/proc/self/task").iterdir()
    return {pid for task in tasks for pid in (task / "children").read_text().split()}


def test_who_waits_for_a_decoder_can_be_called_off(feed):
    decoder, _say, _end = feed
    began = time.monotonic()

    def call_off():
        raise Cancelled("nobody wants it any more")

    with pytest.raises(Cancelled):
        decoder.picture(0, meanwhile=call_off)
    assert time.monotonic() - began < 5
