"""The decoder of a clip is ahead of the film; it may be through before the film is."""

import time

from bench import inputs
from reelsmith.domain.layers import Clip
from reelsmith.media import clips
from reelsmith.media.planes import Planes


def test_a_slow_film_gets_the_last_pictures_of_a_decoder_that_is_done(tmp_path):
    path = tmp_path / "clip.mp4"
    inputs.clip(path, width=320, height=240, fps=30, seconds=1, seed=1)
    clip = Clip(key="clip", sha256="0" * 64, name="clip.mp4")
    canvas = Planes.black(320, 240)

    wanted = range(24, 30)
    with clips.open(
        path, name="clip.mp4", clip=clip, width=320, height=240, fps=30, frames=wanted
    ) as footage:
        means = []
        for frame in wanted:
            footage.draw(frame, canvas)
            means.append(canvas.y.mean())
            time.sleep(0.3)

    assert len(set(means)) == len(wanted)
