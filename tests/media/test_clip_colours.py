"""Clips of every codec, colour space and scan look the same on an ordinary screen."""

import av
import numpy as np
import pytest

from reelsmith.media import clips
from tests.media.filmed import (
    BLUE,
    CORNERS,
    GREEN,
    GREY,
    RED,
    SIZE,
    a_clip,
    alike,
    at,
    colours,
    quartered,
    watched,
)


@pytest.mark.parametrize(
    ("given", "suffix"),
    [
        ({"codec": "libx264"}, "mp4"),
        ({"codec": "libx264"}, "mov"),
        ({"codec": "libx264", "pixels": "yuv422p"}, "mp4"),
        ({"codec": "libx264", "pixels": "yuv444p"}, "mkv"),
        ({"codec": "libx264", "pixels": "yuv420p10le"}, "mp4"),
        ({"codec": "libx264", "full_range": True}, "mp4"),
        ({"codec": "libx264", "matrix": 6}, "mp4"),
        ({"codec": "libx264", "matrix": 6, "full_range": True}, "mov"),
        ({"codec": "libx264", "matrix": 9}, "mp4"),
        ({"codec": "libx264", "matrix": 2, "tags": False}, "mp4"),
        ({"codec": "libx265", "pixels": "yuv420p10le"}, "mp4"),
        ({"codec": "libsvtav1", "pixels": "yuv420p10le"}, "mp4"),
        ({"codec": "libvpx-vp9"}, "webm"),
        ({"codec": "mpeg4", "b": "4000000"}, "mp4"),
        ({"codec": "mjpeg", "pixels": "yuvj420p", "matrix": 5, "full_range": True}, "mov"),
        ({"codec": "prores_ks", "pixels": "yuv422p10le"}, "mov"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(map(str, value.values())),
)
def test_every_codec_and_way_of_writing_colours_shows_the_same_colours(tmp_path, given, suffix):
    path = a_clip(tmp_path / f"c.{suffix}", [quartered()] * 3, **given)

    picture = colours(watched(path, 3)[2])

    for place, colour in zip(CORNERS, (RED, GREEN, BLUE, GREY), strict=True):
        assert alike(at(picture, *place), colour, within=9), (place, at(picture, *place))


def test_colours_that_say_nothing_are_those_of_high_definition_when_the_picture_is(tmp_path):
    size = (1280, 720)
    path = a_clip(tmp_path / "c.mp4", [quartered(size)], tags=False)

    picture = colours(watched(path, 1)[0])

    assert alike(at(picture, 0.25, 0.25), RED)


def a_bright_scene(transfer):
    """Grey steps of 0.1 to 1,000 cd/m2, and red of 200 below, as an HDR camera writes them."""
    steps = np.geomspace(0.1, 1000, 8)
    frame = av.VideoFrame(*SIZE, "yuv420p10le")
    code = _pq(steps) if transfer == 16 else _hlg(steps / 1000)
    luma = np.repeat(np.round(64 + 876 * code).astype(np.uint16), SIZE[0] // 8)
    red = _pq(np.array([200.0, 5.0])) if transfer == 16 else _hlg(np.array([0.2, 0.005]))
    y = 0.2627 * red[0] + 0.7373 * red[1]
    chroma = (red[1] - y) / 1.8814, (red[0] - y) / 1.4746
    for plane, colour in zip(frame.planes, (y, *chroma), strict=True):
        whole = np.frombuffer(memoryview(plane), np.uint16).reshape(-1, plane.line_size // 2)
        half = plane.height // 2
        is_luma = plane.width == SIZE[0]
        whole[:half, : plane.width] = luma[: plane.width] if is_luma else 512
        whole[half:] = round(64 + 876 * colour) if is_luma else round(512 + 896 * colour)
    return frame


def _pq(nits):
    """SMPTE ST 2084, the inverse EOTF."""
    share = (np.asarray(nits) / 10_000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * share) / (1 + 18.6875 * share)) ** 78.84375


def _hlg(light):
    """ARIB STD-B67, the OETF."""
    light = np.asarray(light)
    root = np.sqrt(3 * light)
    return np.where(
        light <= 1 / 12,
        root,
        0.17883277 * np.log(np.maximum(12 * light - 0.28466892, 1e-6)) + 0.55991073,
    )


@pytest.mark.parametrize("transfer", [16, 18], ids=["PQ", "HLG"])
def test_hdr_keeps_its_lights_and_its_colours_on_an_ordinary_screen(tmp_path, transfer):
    path = a_clip(
        tmp_path / "c.mp4",
        [a_bright_scene(transfer)] * 2,
        pixels="yuv420p10le",
        matrix=9,
        transfer=transfer,
        primaries=9,
    )

    picture = watched(path, 1)[0]

    assert clips.inspect(path, name="c.mp4").hdr
    steps = picture.y[40, 20::40].astype(int)
    assert (np.diff(steps) > 0).all(), steps
    assert steps[0] < 40
    assert 185 < steps[-1] <= 235
    red, green, blue = at(colours(picture), 0.5, 0.75)
    assert red > 110
    assert max(green, blue) < 0.5 * red


def combs(luma):
    """How much neighbouring lines differ beyond what they have in common with the next but one."""
    rows = luma.astype(int)
    return np.abs(rows[2:-2:1] * 2 - rows[1:-3] - rows[3:-1]).mean()


def test_interlaced_pictures_lose_their_combs(tmp_path):
    def half(moment):
        picture = np.full((180, 320, 3), 40, np.uint8)
        picture[:, 40 + 8 * moment : 120 + 8 * moment] = 210
        return picture

    woven = []
    for n in range(12):
        picture = half(2 * n)
        picture[1::2] = half(2 * n + 1)[1::2]
        woven.append(picture)
    plain = a_clip(tmp_path / "p.mp4", woven, pixels="yuv422p")
    path = a_clip(tmp_path / "c.mp4", woven, pixels="yuv422p", flags="+ildct+ilme")

    shown, combed = watched(path, range(3, 9)), watched(plain, range(3, 9))

    assert clips.inspect(path, name="c.mp4").interlaced
    for picture, woven_picture in zip(shown, combed, strict=True):
        assert combs(picture.y) < 0.2 * combs(woven_picture.y)
