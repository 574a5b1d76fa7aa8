"""Boxes with words and badges: in their place, in their time, readable, never cut."""

import numpy as np
import pytest

from reelsmith.domain.layers import Badge, TextBox
from reelsmith.errors import MediaError
from reelsmith.media import film, scenes
from reelsmith.media.overlays import Overlays
from tests.media.filmed import GREEN, GREY, RED, SHA, alike, at
from tests.media.reels import (
    HEIGHT,
    STANDING,
    WIDTH,
    Words,
    a_film,
    a_patch,
    colours_of,
    rendered,
)

DARK, LIGHT, WHITE = (20, 24, 32), (240, 240, 236), (255, 255, 255)


def a_box(text="Solo hoy", **given):
    return TextBox(**{"text": text, "first_frame": 0, "end_frame": 60} | given)


def a_badge(**given):
    values = {"key": "logo", "sha256": SHA, "x": 0.5, "y": 0.5, "width": 0.4}
    return Badge(**values | {"first_frame": 0, "end_frame": 60} | given)


def a_logo():
    """A green square with a hole in it, and nothing around."""
    logo = np.zeros((80, 80, 4), np.uint8)
    logo[10:70, 10:70] = (*GREEN, 255)
    logo[30:50, 30:50] = 0
    return logo


def pictures(folder, *overs, ground=GREY, frames=60, captions=None):
    """All pictures of a film of one colour with these overlays, as a player shows them."""
    timeline = a_film(frames, move=STANDING, overlays=overs)
    part = rendered(
        timeline,
        0,
        folder,
        sources={0: a_patch(ground)},
        overlays=Overlays(timeline, badges={"logo": a_logo()}),
        captions=captions,
    )
    film.assemble([part.path], None, folder / "film.mp4", width=WIDTH, height=HEIGHT, fps=30)
    return list(colours_of(folder / "film.mp4"))


def inked(picture, ground, *, beyond=40):
    """Left, top, right and bottom of all that is not the ground, in pixels."""
    marks = np.abs(picture.astype(int) - ground).max(axis=2) > beyond
    rows, columns = np.flatnonzero(marks.any(axis=1)), np.flatnonzero(marks.any(axis=0))
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def test_an_overlay_is_seen_exactly_while_it_is_wanted(tmp_path):
    seen = pictures(tmp_path, a_badge(first_frame=12, end_frame=47))

    shown = [n for n, picture in enumerate(seen) if alike(at(picture, 0.4, 0.5), GREEN, within=20)]

    assert shown == list(range(12, 47))


def test_a_badge_keeps_its_transparency_its_size_and_its_place(tmp_path):
    picture = pictures(tmp_path, a_badge(), frames=2)[1]

    assert alike(at(picture, 0.5, 0.5), GREY)
    assert alike(at(picture, 0.4, 0.5), GREEN)
    left, top, right, bottom = inked(picture, GREY)
    assert abs((left + right) / 2 - WIDTH / 2) <= 1
    assert abs((top + bottom) / 2 - HEIGHT / 2) <= 1
    assert abs((right - left) - 0.4 * WIDTH * 60 / 80) <= 2


def test_a_faint_badge_lets_the_picture_through(tmp_path):
    picture = pictures(tmp_path, a_badge(opacity=0.5), frames=2)[1]

    halfway = tuple((a + b) // 2 for a, b in zip(GREEN, GREY, strict=True))
    assert alike(at(picture, 0.4, 0.5), halfway, within=10)


@pytest.mark.parametrize("ground", [DARK, GREY, LIGHT, RED])
@pytest.mark.parametrize("colour", ["#ffffff", "#101010", "#ffd60a"])
def test_words_without_a_plate_are_readable_on_anything(tmp_path, ground, colour):
    picture = pictures(tmp_path, a_box(colour=colour, size=0.12), ground=ground, frames=2)[1]

    left, top, right, bottom = inked(picture, ground, beyond=25)
    luma = picture[top:bottom, left:right].astype(float) @ (0.2126, 0.7152, 0.0722)
    assert luma.max() - luma.min() > 110  # letters against their rim, whatever lies below


def test_words_on_a_plate_stand_on_its_colour_with_room_and_round_corners(tmp_path):
    box = a_box(colour="#000000", plate="#ffffff", y=0.5, size=0.1)

    picture = pictures(tmp_path, box, ground=DARK, frames=2)[1]

    left, top, right, bottom = inked(picture, DARK)
    middle = (top + bottom) // 2
    assert min(picture[middle, left + 2]) > 200
    assert max(picture[top, left]) < 80
    letters = picture[middle - 6 : middle + 6, left:right].max(axis=2) < 60
    dark = np.flatnonzero(letters.any(axis=0))
    assert dark[0] > 5
    assert dark[-1] < right - left - 6


def test_too_many_words_are_set_smaller_and_stay_in_the_frame(tmp_path):
    box = a_box(
        "Una oferta que no cabe de ninguna manera " * 12, size=0.2, y=0.98, plate="#ffffff"
    )

    picture = pictures(tmp_path, box, ground=DARK, frames=2)[1]

    left, top, right, bottom = inked(picture, DARK)
    assert left > 0
    assert right < WIDTH
    assert top > 0
    assert HEIGHT - 2 <= bottom <= HEIGHT


def test_lines_are_broken_where_their_writer_broke_them(tmp_path):
    one, two = (
        pictures(tmp_path, a_box(text, size=0.08), ground=DARK, frames=2)[1]
        for text in ("Solo hoy", "Solo\nhoy")
    )

    assert inked(two, DARK)[3] - inked(two, DARK)[1] > 1.6 * (
        inked(one, DARK)[3] - inked(one, DARK)[1]
    )


def test_captions_are_never_covered(tmp_path):
    words = Words({(0, 60): RED}, x=80, y=210, width=100, height=60)

    picture = pictures(tmp_path, a_badge(), captions=words, frames=2)[1]

    assert alike(at(picture, 0.5, 0.5), RED)


def test_a_still_scene_is_held_between_the_changes_of_its_overlays():
    timeline = a_film(
        120, move=STANDING, overlays=(a_box(first_frame=40, end_frame=80), a_badge(end_frame=200))
    )
    shot = scenes.Shot(
        timeline,
        0,
        sources={0: a_patch(GREY)},
        captions=None,
        overlays=Overlays(timeline, badges={"logo": a_logo()}),
    )

    assert [(run.first, run.end, run.held) for run in shot.runs()] == [
        (0, 40, True),
        (40, 80, True),
        (80, 120, True),
    ]


def test_what_stands_is_painted_once():
    timeline = a_film(90, overlays=(a_box(end_frame=50), a_badge(first_frame=20, end_frame=70)))
    overlays = Overlays(timeline, badges={"logo": a_logo()})

    seen = [overlays.at(n) for n in (0, 19, 20, 49, 50, 69, 70)]

    assert [len(above) for above in seen] == [1, 1, 2, 2, 1, 1, 0]
    assert seen[0] == seen[1] == seen[3][:1]
    assert seen[2] == seen[3]
    assert seen[4][0] is seen[3][1]


def test_a_badge_without_a_picture_is_an_error_at_once():
    timeline = a_film(30, overlays=(a_badge(name="logo.png"),))

    with pytest.raises(MediaError, match=r"logo\.png"):
        Overlays(timeline, badges={})
