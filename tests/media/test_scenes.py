"""Scenes rendered alone: right frames, the same bytes anywhere, nothing left when called off."""

from itertools import pairwise

import numpy as np
import pytest

from reelsmith.domain.layers import Move
from reelsmith.errors import Cancelled, MediaError
from reelsmith.media import coding, film, scenes
from reelsmith.media.planes import crossfade
from tests.media.reels import (
    HEIGHT,
    STANDING,
    WIDTH,
    Words,
    a_film,
    a_patch,
    a_photo,
    flat,
    frames_of,
    fresh_python,
    psnr,
    rendered,
    seen,
)


def shown(timeline, folder, **given):
    """All pictures of a film without sound, decoded."""
    parts = [rendered(timeline, n, folder, **given).path for n in range(len(timeline.scenes))]
    film.assemble(
        parts, None, folder / "film.mp4", width=timeline.width, height=timeline.height, fps=30
    )
    return frames_of(folder / "film.mp4")


def test_every_frame_of_a_moving_scene_shows_what_the_timeline_says(tmp_path):
    timeline = a_film(45)
    shot = scenes.Shot(timeline, 0, sources={0: a_photo()}, captions=None)
    canvas = seen(a_photo())

    pictures = shown(timeline, tmp_path, sources={0: a_photo()})

    assert len(pictures) == 45
    for frame in (0, 1, 22, 44):
        shot.draw(frame, canvas)
        assert psnr(pictures[frame], flat(canvas)) > 33


def test_a_picture_that_stands_still_is_bit_for_bit_the_same_in_every_frame(tmp_path):
    pictures = shown(a_film(320, move=STANDING), tmp_path)

    assert len(pictures) == 320
    assert all(np.array_equal(pictures[0], later) for later in pictures[1:])
    assert psnr(pictures[0], flat(seen(a_photo()))) > 36


def test_standing_still_costs_nothing(tmp_path):
    long = rendered(a_film(300, move=STANDING), 0, tmp_path)

    assert long.keys.nonzero()[0].tolist() == [0]
    assert long.sizes[1:].max() < 100


def test_a_player_can_start_at_least_every_ten_seconds(tmp_path):
    held = rendered(a_film(650, move=STANDING), 0, tmp_path)

    assert held.keys.nonzero()[0].tolist() == [0, 300, 600]


def test_a_crossfade_shows_both_pictures_and_the_earlier_one_goes_on_moving(tmp_path):
    timeline = a_film(30, 40, transition=10, move=Move(zoom_to=1.15))
    photos = {0: a_photo(seed=1), 1: a_photo(seed=2)}
    both_visible_for_40 = a_film(40, move=Move(zoom_to=1.15))
    under, over = seen(photos[0]), seen(photos[1])
    scenes.Shot(both_visible_for_40, 0, sources={0: photos[0]}, captions=None).draw(34, under)
    scenes.Shot(both_visible_for_40, 0, sources={0: photos[1]}, captions=None).draw(4, over)
    crossfade(under, over, 115)  # (4 + 1/2) / 10 of 256

    pictures = shown(timeline, tmp_path, sources=photos)

    assert psnr(pictures[34], flat(under)) > 33


def test_what_follows_a_transition_on_a_still_picture_is_held(tmp_path):
    timeline = a_film(40, 60, transition=10, move=STANDING)

    pictures = shown(timeline, tmp_path)

    assert all(np.array_equal(pictures[50], held) for held in pictures[50:])
    assert psnr(pictures[99], flat(seen(a_photo(seed=1)))) > 36
    assert not any(np.array_equal(*pair) for pair in pairwise(pictures[40:50]))


@pytest.mark.parametrize("move", [STANDING, Move(zoom_to=1.1)])
def test_words_stand_on_exactly_their_frames(tmp_path, move):
    timeline = a_film(20, 70, move=move)
    words = Words({(30, 37): (255, 255, 255), (37, 80): (255, 255, 0)})
    dark = {0: a_patch((20, 20, 20)), 1: a_patch((20, 20, 20))}

    pictures = shown(timeline, tmp_path, sources=dark, captions=words)

    light = [int(picture[320, 90]) for picture in pictures]
    assert [frame for frame, luma in enumerate(light) if luma > 226] == list(range(30, 37))
    assert [frame for frame, luma in enumerate(light) if luma > 120] == list(range(30, 80))


def test_a_scene_is_the_same_bytes_every_time_and_in_any_process(tmp_path):
    timeline = a_film(35, 40, transition=8)
    here = {rendered(timeline, 1, tmp_path).path.read_bytes() for _ in range(8)}
    script = (
        "import sys, pathlib; from tests.media.reels import a_film, rendered;"
        "rendered(a_film(35, 40, transition=8), 1, pathlib.Path(sys.argv[1]))"
    )
    there = tmp_path / "there"
    there.mkdir()

    fresh_python(script, there)

    assert here == {(there / "1.seg").read_bytes()}


def test_joined_scenes_show_exactly_what_each_shows_alone(tmp_path):
    timeline = a_film(45, 50, 40, transition=10)
    parts = [rendered(timeline, n, tmp_path).path for n in range(3)]
    size = {"width": WIDTH, "height": HEIGHT, "fps": 30}

    alone = []
    for part in parts:
        film.assemble([part], None, tmp_path / "alone.mp4", **size)
        alone += frames_of(tmp_path / "alone.mp4")
    film.assemble(parts, None, tmp_path / "joined.mp4", **size)

    joined = frames_of(tmp_path / "joined.mp4")
    assert len(joined) == len(alone) == 135
    assert all(np.array_equal(*pair) for pair in zip(joined, alone, strict=True))


def test_a_scene_that_is_called_off_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(coding, "_PAUSE_S", 0)
    told = []

    def stop_at_20(done):
        told.append(done)
        if done == 20:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        rendered(a_film(60), 0, tmp_path, progress=stop_at_20)

    assert told == list(range(1, 21))
    assert list(tmp_path.iterdir()) == []


def test_progress_ends_with_all_frames(tmp_path):
    told = []

    rendered(a_film(33), 0, tmp_path, progress=told.append)

    assert told[-1] == 33


def test_a_film_with_odd_sides_is_refused(tmp_path):
    with pytest.raises(MediaError, match="271x480"):
        rendered(a_film(30, move=STANDING, width=271), 0, tmp_path)
