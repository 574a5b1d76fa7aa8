"""Stills under a camera: smooth, in their place, of any size."""

import numpy as np
import pytest
from PIL import Image

from reelsmith.domain.layers import Move
from reelsmith.media.planes import Planes
from reelsmith.media.stills import Still
from tests.media.reels import DRIFT, HEIGHT, STANDING, WIDTH, a_photo, flat, psnr, seen


def shots(image, move, *, frames, shown=None):
    """Pictures of a still, as luma above chroma."""
    wanted = shown or range(frames)
    still = Still(image, move, width=WIDTH, height=HEIGHT, visible_frames=frames, shown=wanted)
    canvas = Planes.black(WIDTH, HEIGHT)
    made = []
    for frame in wanted:
        still.draw(frame, canvas)
        made.append(flat(canvas))
    return made


def a_ball(*, scale=2.5, sigma=14):
    """A soft bright ball in the middle of a dark picture, larger than the frame."""
    y, x = np.mgrid[0 : int(HEIGHT * scale), 0 : int(WIDTH * scale)].astype(float)
    middle = HEIGHT * scale / 2, WIDTH * scale / 2
    ball = 40 + 180 * np.exp(-((y - middle[0]) ** 2 + (x - middle[1]) ** 2) / (2 * sigma**2))
    return np.repeat(ball.astype(np.uint8)[..., None], 3, axis=2)


def centre_of_light(picture):
    light = np.maximum(picture[:HEIGHT].astype(float) - picture[0, 0] - 6, 0)
    return (
        (light.sum(axis=0) @ np.arange(WIDTH)) / light.sum(),
        (light.sum(axis=1) @ np.arange(HEIGHT)) / light.sum(),
    )


def test_a_slow_move_does_not_tremble():
    path = np.array([centre_of_light(picture) for picture in shots(a_ball(), DRIFT, frames=60)])

    time = np.linspace(-1, 1, len(path))
    smooth = np.polynomial.chebyshev.chebval(
        time, np.polynomial.chebyshev.chebfit(time, path, 5)
    ).T
    assert np.sqrt(((path - smooth) ** 2).mean(axis=0)).max() <= 0.03


def test_a_move_ends_where_it_was_told_to():
    zoomed = shots(a_photo(540, 960), Move(zoom_from=1, zoom_to=2, x_to=0, y_to=1), frames=30)

    left_bottom = shots(a_photo(540, 960)[480:, :270], STANDING, frames=1)
    assert psnr(zoomed[0], flat(seen(a_photo(540, 960)))) > 38
    assert psnr(zoomed[-1], left_bottom[0]) > 38


def test_what_does_not_move_is_the_picture_itself():
    still = shots(a_photo(), Move(zoom_from=1, zoom_to=1, x_from=0, x_to=1), frames=3)

    assert all(np.array_equal(picture, still[0]) for picture in still)
    assert np.array_equal(
        shots(a_photo(WIDTH, HEIGHT), STANDING, frames=1)[0], flat(seen(a_photo(WIDTH, HEIGHT)))
    )


def exactly(image, move, share):
    """The picture of a moment of a move, luma by Lanczos over the exact window."""
    height, width = image.shape[:2]
    zoom = move.zoom_from + (move.zoom_to - move.zoom_from) * share
    x = move.x_from + (move.x_to - move.x_from) * share
    y = move.y_from + (move.y_to - move.y_from) * share
    left, top = (width - width / zoom) * x, (height - height / zoom) * y
    box = (left, top, left + width / zoom, top + height / zoom)
    shown = Image.fromarray(image).resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS, box=box)
    return flat(seen(np.asarray(shown)))[:HEIGHT].astype(float)


@pytest.mark.parametrize("zoom", [1.12, 1.5])
def test_a_move_is_as_sharp_as_the_picture_and_no_sharper(zoom):
    rng = np.random.default_rng(7)
    rough = Image.fromarray(rng.integers(40, 215, (240, 135, 3), dtype=np.uint8))
    photo = np.asarray(rough.resize((607, 1080), Image.Resampling.BICUBIC))
    move = Move(zoom_from=1.0, zoom_to=zoom, x_from=0.4, x_to=0.6)

    pictures = shots(photo, move, frames=30)

    for frame in (0, 9, 20, 29):
        wanted, shown = exactly(photo, move, frame / 29), pictures[frame][:HEIGHT].astype(float)
        edges = np.abs(np.diff(shown)).mean() / np.abs(np.diff(wanted)).mean()
        assert 0.92 < edges < 1.05
        assert psnr(shown, wanted) > 32


def test_any_frame_can_be_drawn_without_the_others():
    whole = shots(a_photo(), DRIFT, frames=40)

    late = shots(a_photo(), DRIFT, frames=40, shown=range(30, 40))

    assert all(np.array_equal(*pair) for pair in zip(whole[30:], late, strict=True))


@pytest.mark.parametrize(
    ("width", "height"), [(1, 1), (3, 2), (40, 40), (2000, 300), (300, 2000), (5000, 3000)]
)
@pytest.mark.parametrize("move", [STANDING, DRIFT])
def test_a_picture_of_any_size_fills_the_frame(width, height, move):
    grey = np.full((height, width, 3), 200, np.uint8)

    first, last = shots(grey, move, frames=20, shown=range(0, 20, 19))

    assert {int(v) for v in np.unique(first[:HEIGHT])} == {16 + round(219 * 200 / 255)}
    assert np.array_equal(first, last)


def test_a_wide_picture_is_cut_around_its_middle():
    wide = np.zeros((480, 900, 3), np.uint8)
    wide[:, 315:585] = a_photo(270, 480)

    assert np.array_equal(shots(wide, STANDING, frames=1)[0], flat(seen(a_photo(270, 480))))


def test_a_picture_that_is_shown_again_looks_the_same_and_another_one_does_not():
    photo, other = a_photo(seed=1), a_photo(seed=2)
    once = shots(photo, DRIFT, frames=4)

    again, different = shots(photo, DRIFT, frames=4), shots(other, DRIFT, frames=4)
    once_more = shots(photo.copy(), DRIFT, frames=4)

    assert all(map(np.array_equal, once, again))
    assert all(map(np.array_equal, once, once_more))
    assert not np.array_equal(once[0], different[0])
