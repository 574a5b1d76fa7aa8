"""Callers' clips of any rate, size, lie and colour show what they should, or are refused."""

from fractions import Fraction

import av
import numpy as np
import pytest

from reelsmith.domain.layers import Fit
from reelsmith.media import clips
from tests.media.filmed import (
    BLUE,
    CORNERS,
    GREEN,
    GREY,
    RED,
    a_clip,
    alike,
    at,
    colours,
    numbered,
    quartered,
    read,
    watched,
)


def due(frame, moments, *, fps=30):
    """The number of the picture that stands at the middle of a frame, or within 0.5 ms of it."""
    moment = Fraction(2 * frame + 1, 2 * fps) + Fraction(1, 2000)
    return max((n for n, time in enumerate(moments) if time <= moment), default=0)


@pytest.mark.parametrize("fps", [24, 25, 30, 50, Fraction(60_000, 1001), 60, 12])
def test_a_clip_of_any_rate_is_shown_at_its_own_speed(tmp_path, fps):
    path = a_clip(tmp_path / "c.mp4", [numbered(n) for n in range(round(fps))], fps=fps)

    shown = [read(picture) for picture in watched(path, 25)]

    moments = [n / Fraction(fps) for n in range(round(fps))]
    assert shown == [due(n, moments) for n in range(25)]


def test_a_phones_uneven_times_are_kept(tmp_path):
    steps = np.random.default_rng(7).integers(8, 90, 40)
    moments = [Fraction(int(ms), 1000) for ms in np.cumsum([0, *steps[:-1]])]
    path = a_clip(tmp_path / "c.mp4", [numbered(n) for n in range(40)], moments=moments)

    shown = [read(picture) for picture in watched(path, 50)]

    assert shown == [due(n, moments) for n in range(50)]


def test_sixty_pictures_a_second_in_whole_milliseconds_do_not_stutter(tmp_path):
    path = a_clip(tmp_path / "c.mkv", [numbered(n) for n in range(60)], fps=60)

    shown = [read(picture) for picture in watched(path, 28)]

    assert shown == [2 * n + 1 for n in range(28)]


def test_a_clip_that_is_over_leaves_its_last_picture_standing(tmp_path):
    path = a_clip(tmp_path / "c.mp4", [numbered(n) for n in range(10)])

    assert [read(p) for p in watched(path, 20)] == [*range(10), *[9] * 10]
    assert [read(p) for p in watched(path, 3, from_seconds=99)] == [9, 9, 9]


def test_a_clip_is_shown_from_the_moment_that_is_asked_for(tmp_path):
    path = a_clip(tmp_path / "c.mp4", [numbered(n) for n in range(150)], g="30")

    for begin in (0.5, 3.0, 4.2):
        first = round(begin * 30)
        shown = [read(picture) for picture in watched(path, 12, from_seconds=begin)]
        assert shown == [min(first + n, 149) for n in range(12)], begin


def test_any_part_of_a_clip_can_be_drawn_alone_and_in_any_order(tmp_path):
    path = a_clip(tmp_path / "c.mp4", [numbered(n) for n in range(100)], g="12")
    whole = watched(path, 100)

    part = watched(path, range(25, 35))
    order = [8, 9, 2, 30, 3, 97, 98]
    again = watched(path, 100, order=order)

    for n, picture in zip([*range(25, 35), *order], [*part, *again], strict=True):
        assert np.array_equal(picture.y, whole[n].y)
        assert np.array_equal(picture.u, whole[n].u)


@pytest.mark.parametrize(
    ("turned", "expected"),
    [
        ({"degrees": 0}, (RED, GREEN, BLUE, GREY)),
        ({"degrees": 90}, (GREEN, GREY, RED, BLUE)),
        ({"degrees": 180}, (GREY, BLUE, GREEN, RED)),
        ({"degrees": -90}, (BLUE, RED, GREY, GREEN)),
        ({"degrees": 0, "hflip": True}, (GREEN, RED, GREY, BLUE)),
        ({"degrees": 0, "vflip": True}, (BLUE, GREY, RED, GREEN)),
        ({"degrees": 90, "hflip": True}, (GREY, GREEN, BLUE, RED)),
    ],
)
@pytest.mark.parametrize("size", [(320, 180), (180, 320)])
def test_a_clip_stands_upright_however_the_camera_was_held(tmp_path, turned, expected, size):
    path = a_clip(tmp_path / "c.mp4", [quartered()], turned=turned)

    picture = colours(watched(path, 1, size=size)[0])

    for place, colour in zip(CORNERS, expected, strict=True):
        assert alike(at(picture, *place), colour)


def test_pixels_that_are_not_square_are_seen_in_their_shape(tmp_path):
    ball = np.full((180, 240, 3), 30, np.uint8)
    y, x = np.mgrid[:180, :240]
    ball[((x - 120) * 4 / 3) ** 2 + (y - 90) ** 2 < 60**2] = 220
    path = a_clip(tmp_path / "c.mp4", [ball], pixel_shape=Fraction(4, 3))

    [picture] = watched(path, 1)

    facts = clips.inspect(path, name="c.mp4")
    assert (facts.width, facts.height) == (320, 180)
    bright = picture.y > 128
    assert abs(bright.any(axis=0).sum() - bright.any(axis=1).sum()) <= 2


def test_a_clip_of_another_shape_is_cut_around_its_middle(tmp_path):
    wide = np.full((90, 320, 3), GREY, np.uint8)
    wide[:, :60], wide[:, -60:] = RED, BLUE
    wide[:, 155:165] = GREEN
    path = a_clip(tmp_path / "c.mp4", [wide])

    picture = colours(watched(path, 1, size=(100, 180))[0])

    assert alike(at(picture, 0.5, 0.5), GREEN)
    assert alike(at(picture, 0.02, 0.5), GREY)
    assert alike(at(picture, 0.98, 0.5), GREY)


@pytest.mark.parametrize(
    ("size", "seen"),
    [((180, 320), (0.0, 0.342, 1.0, 0.658)), ((640, 180), (0.25, 0.0, 0.75, 1.0))],
)
def test_a_clip_shown_whole_stands_before_a_dim_copy_of_itself(tmp_path, size, seen):
    path = a_clip(tmp_path / "c.mp4", [quartered()])

    picture = colours(watched(path, 1, size=size, fit=Fit.CONTAIN)[0])

    left, top, right, bottom = seen
    for (x, y), colour in zip(CORNERS, (RED, GREEN, BLUE, GREY), strict=True):
        assert alike(at(picture, left + x * (right - left), top + y * (bottom - top)), colour)
    backdrop = at(picture, left / 2 if left else 0.2, top / 2 if top else 0.2)
    assert backdrop[0] == max(backdrop)  # red, as the picture is there
    assert sum(backdrop) < 0.7 * sum(RED)


def test_a_clip_of_the_films_own_shape_is_shown_untouched(tmp_path):
    rng = np.random.default_rng(3)
    path = a_clip(tmp_path / "c.mp4", [rng.integers(0, 255, (180, 320, 3), np.uint8)] * 2)
    with av.open(str(path)) as film:
        frame = next(film.decode(video=0))

    [shown] = watched(path, 1)

    for plane, mine in zip(frame.planes, shown.all, strict=True):
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        assert np.array_equal(rows[: plane.height, : plane.width], mine)


def test_facts_are_those_of_the_clip_as_it_is_seen(tmp_path):
    path = a_clip(
        tmp_path / "c.mov",
        [numbered(n) for n in range(50)],
        fps=25,
        turned={"degrees": -90},
        sound=np.zeros(48_000),
    )

    facts = clips.inspect(path, name="c.mov")

    assert (facts.width, facts.height, facts.turned) == (180, 320, True)
    assert facts.seconds == pytest.approx(2.0, abs=0.05)
    assert facts.fps == pytest.approx(25)
    assert (facts.video_codec, facts.has_sound) == ("h264", True)
    assert not facts.hdr
    assert not facts.interlaced
