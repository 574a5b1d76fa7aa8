"""Colours, blending and overlays, measured on the pixels."""

import av
import numpy as np
import pytest

from reelsmith.media.planes import Overlay, Planes, crossfade, from_rgb
from tests.media.reels import a_patch, a_photo, a_plate, flat, seen


def bt709(colour):
    """ITU-R BT.709-6 sections 3 and 4, 8 bit limited range."""
    red, green, blue = (part / 255 for part in colour)
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 16 + 219 * luma, 128 + 224 * (blue - luma) / 1.8556, 128 + 224 * (red - luma) / 1.5748


@pytest.mark.parametrize(
    "colour",
    [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (200, 30, 90)],
)
def test_colours_become_what_bt709_says(colour):
    planes = from_rgb(a_patch(colour, width=31, height=17), width=64, height=48)

    shown = [plane.mean() for plane in planes.all]

    assert shown == pytest.approx(bt709(colour), abs=0.6)
    assert all(plane.std() == 0 for plane in planes.all)


def test_chroma_stands_level_with_the_left_column_of_its_pair():
    ramp = np.zeros((64, 128, 3), np.uint8)
    ramp[..., 2] = 2 * np.arange(128)

    blue = from_rgb(ramp, width=128, height=64).u[16].astype(float)

    column = (blue - 128) / 224 * 2 * 255 / 2
    assert np.mean(column[8:56] - 2 * np.arange(64)[8:56]) == pytest.approx(0, abs=0.1)


def test_a_crossfade_passes_through_the_middle():
    under, over = seen(a_photo(seed=1)), seen(a_photo(seed=2))
    middle = (flat(under).astype(int) + flat(over) + 1) // 2

    crossfade(under, over, 128)

    assert np.array_equal(flat(under), middle)


@pytest.mark.parametrize(("weight", "left"), [(0, 1), (256, 2)])
def test_a_crossfade_begins_with_one_picture_and_ends_with_the_other(weight, left):
    under = seen(a_photo(seed=1))

    crossfade(under, seen(a_photo(seed=2)), weight)

    assert np.array_equal(flat(under), flat(seen(a_photo(seed=left))))


@pytest.mark.parametrize(("x", "y"), [(40, 20), (41, 21)])
def test_an_opaque_overlay_covers_its_rectangle_and_nothing_else(x, y):
    picture = seen(a_photo())
    before = picture.y.copy()

    Overlay.from_rgba(a_plate((255, 255, 0), 60, 30), x=x, y=y).draw(picture)

    inside = np.zeros_like(before, bool)
    inside[y : y + 30, x : x + 60] = True
    assert np.ptp(picture.y[inside]) == 0
    assert picture.y[y, x] == pytest.approx(bt709((255, 255, 0))[0], abs=1)
    assert np.array_equal(picture.y[~inside], before[~inside])
    assert picture.u[y // 2 + 5, x // 2 + 5] == pytest.approx(bt709((255, 255, 0))[1], abs=1)


def test_half_an_overlay_is_half_of_each():
    picture = seen(a_patch((0, 0, 0)))

    Overlay.from_rgba(a_plate((255, 255, 255), 60, 30, alpha=128), x=10, y=10).draw(picture)

    assert picture.y[20, 20] == pytest.approx(16 + 219 * 128 / 255, abs=1)


@pytest.mark.parametrize(("x", "y"), [(-30, -16), (240, 470), (-300, 0), (0, 600)])
def test_an_overlay_may_reach_over_the_edges(x, y):
    picture = seen(a_patch((0, 0, 0)))

    Overlay.from_rgba(a_plate((255, 255, 255), 60, 30), x=x, y=y).draw(picture)

    wanted = np.full((480, 270), 16)
    wanted[max(0, y) : max(0, y + 30), max(0, x) : max(0, x + 60)] = 235
    assert np.array_equal(picture.y, wanted)


def test_an_overlay_without_alpha_changes_nothing():
    picture = seen(a_photo())

    Overlay.from_rgba(a_plate((255, 0, 0), alpha=0), x=3, y=3).draw(picture)

    assert np.array_equal(flat(picture), flat(seen(a_photo())))


def test_what_is_drawn_on_a_frame_stands_in_the_frame():
    frame = av.VideoFrame(270, 480, "yuv420p")

    Planes.of(frame).show(seen(a_photo()))

    assert np.array_equal(frame.to_ndarray(), flat(seen(a_photo())))
