"""A long scene rendered in parts, by whoever: the film that the whole would have made."""

import numpy as np
import pytest

from reelsmith.domain.layers import Card
from reelsmith.domain.timelines import CaptionWord, Cue
from reelsmith.media import film, scenes
from tests.media.reels import (
    DRIFT,
    HEIGHT,
    STANDING,
    WIDTH,
    Words,
    a_film,
    a_photo,
    flat,
    frames_of,
    psnr,
    rendered,
    seen,
)

PARTS = (range(60), range(60, 120), range(120, 170))
LONG = 170


def in_parts(timeline, index, folder, **given):
    """The segments of a scene, each rendered with what that part needs and nothing else."""
    paths = []
    for part in PARTS:
        needed = scenes.seen(timeline, index, part)
        sources = {n: a_photo(seed=n) for n in needed}
        one = rendered(timeline, index, folder, sources=sources, part=part, **given)
        paths.append(one.path.rename(folder / f"{index}-{part.start}.seg"))
    return paths


def joined(paths, folder):
    out = folder / "film.mp4"
    film.assemble(paths, None, out, width=WIDTH, height=HEIGHT, fps=30)
    return frames_of(out)


@pytest.mark.parametrize("move", [DRIFT, STANDING])
def test_every_frame_of_every_part_shows_what_the_timeline_says(tmp_path, move):
    timeline = a_film(40, LONG, move=move, transition=12)
    shot = scenes.Shot(timeline, 1, sources={n: a_photo(seed=n) for n in range(2)}, captions=None)
    canvas = seen(a_photo())

    pictures = joined(in_parts(timeline, 1, tmp_path), tmp_path)

    assert len(pictures) == LONG
    for frame in (0, 6, 59, 60, 61, 119, 120, 169):
        shot.draw(40 + frame, canvas)
        assert psnr(pictures[frame], flat(canvas)) > 33


def test_what_stands_still_stands_still_over_the_cuts(tmp_path):
    pictures = joined(in_parts(a_film(LONG, move=STANDING), 0, tmp_path), tmp_path)
    assert all(np.array_equal(pictures[0], later) for later in pictures[1:])


def test_words_appear_on_their_frame_in_whatever_part_it_is(tmp_path):
    timeline = a_film(LONG, move=STANDING)
    words = Words({(100, 130): (250, 10, 10)})
    pictures = joined(in_parts(timeline, 0, tmp_path, captions=words), tmp_path)
    lit = [n for n, picture in enumerate(pictures) if not np.array_equal(picture, pictures[0])]
    assert (lit[0], lit[-1], len(lit)) == (100, 129, 30)


def with_word(timeline, text):
    word = CaptionWord(text=text, first_frame=100, end_frame=110)
    cue = Cue(words=(word,), first_frame=100, end_frame=110)
    return timeline.model_copy(update={"cues": (cue,)})


def forms(timeline, index):
    return [timeline.picture_form(index, part) for part in PARTS]


def changed(one, other):
    return [n for n, pair in enumerate(zip(one, other, strict=True)) if pair[0] != pair[1]]


def test_a_changed_word_changes_the_part_it_is_said_in_and_no_other():
    timeline = a_film(LONG)
    assert changed(
        forms(with_word(timeline, "now"), 0), forms(with_word(timeline, "soon"), 0)
    ) == [1]


def test_the_scene_before_shows_in_the_first_part_only():
    timeline = a_film(40, LONG, transition=12)
    other = timeline.scenes[0].model_copy(update={"source": Card(text="another")})
    before = timeline.model_copy(update={"scenes": (other, timeline.scenes[1])})
    assert changed(forms(timeline, 1), forms(before, 1)) == [0]


def test_no_two_parts_of_a_scene_have_the_same_form():
    assert len(set(forms(a_film(LONG, move=STANDING), 0))) == len(PARTS)
