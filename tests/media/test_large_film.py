"""A film of more than four gigabytes: its index points to where its pictures are."""

import av
import numpy as np

from reelsmith.media import film
from reelsmith.media.parts import Parts
from tests.media.reels import HEIGHT, STANDING, WIDTH, a_film, a_photo, rendered

FRAMES, EACH = 600, 8_000_000  # bytes of a picture


def test_a_reader_finds_the_last_picture_of_a_film_of_five_gigabytes(tmp_path):
    timeline = a_film(FRAMES, move=STANDING)
    segment = rendered(timeline, 0, tmp_path, sources={0: a_photo()})
    parts = Parts([segment.path], None, width=WIDTH, height=HEIGHT, fps=30)
    parts.sizes = np.full(FRAMES, EACH, np.int64)

    opening = next(film.Layout(parts).pieces())
    path = tmp_path / "film.mp4"
    path.write_bytes(opening)
    with path.open("r+b") as file:
        file.truncate(len(opening) + FRAMES * EACH)  # the pictures are a hole

    with av.open(str(path)) as opened:
        pictures = opened.streams.video[0]
        places = [(entry.pos, entry.size) for entry in pictures.index_entries]
    assert path.stat().st_size > 2**32
    assert places == [(len(opening) + number * EACH, EACH) for number in range(FRAMES)]
