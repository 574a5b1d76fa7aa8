"""Two hundred scenes in one film: every frame in its place, sound and picture together."""

import shutil
import subprocess
from fractions import Fraction
from itertools import accumulate

import av
import numpy as np
import pytest

from reelsmith.media import aac, film
from tests.media.reels import (
    HEIGHT,
    STANDING,
    WIDTH,
    a_film,
    a_photo,
    flat,
    frames_of,
    psnr,
    rendered,
    seen,
)

RATE = 48_000
SIZE = {"width": WIDTH, "height": HEIGHT, "fps": 30}
SCENES = 200
LENGTHS = (33, 12, 1, 40, 7, 18, 31, 2, 9, 25)  # of ten kinds of scene, over and over


def the_kind(scene):
    return scene % len(LENGTHS)


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    """Ten segments: those of 30 frames and more stand, the others drift."""
    folder = tmp_path_factory.mktemp("kinds")
    timeline = a_film(*LENGTHS)
    scenes = [
        scene.model_copy(update={"move": STANDING}) if scene.frames >= 30 else scene
        for scene in timeline.scenes
    ]
    timeline = timeline.model_copy(update={"scenes": tuple(scenes)})
    return [rendered(timeline, n, folder).path for n in range(len(LENGTHS))]


@pytest.fixture(scope="module")
def long_film(kinds, tmp_path_factory):
    """A film of 200 scenes, a click at the start of each, and where they start."""
    lengths = [LENGTHS[the_kind(scene)] for scene in range(SCENES)]
    starts = [0, *accumulate(lengths)][:-1]
    wave = np.zeros((sum(lengths) * RATE // 30, 2), np.float32)
    for start in starts:
        wave[start * RATE // 30 :][:24] = 0.8
    blocks = (wave[at : at + RATE // 1024 * 1024] for at in range(0, len(wave), 47_104))
    track = aac.encode(blocks, bit_rate=160_000)
    out = tmp_path_factory.mktemp("long") / "film.mp4"
    parts = [kinds[the_kind(scene)] for scene in range(SCENES)]
    film.assemble(parts, track, out, **SIZE)
    return out, starts, lengths


def test_no_frame_is_lost_or_late_over_two_hundred_scenes(long_film):
    path, _, lengths = long_film

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        times = [frame.pts * stream.time_base for frame in container.decode(stream)]

    assert times == [Fraction(n, 30) for n in range(sum(lengths))]


def test_every_scene_shows_what_it_shows_alone_and_holds_stand_still(long_film, kinds, tmp_path):
    path, starts, lengths = long_film
    alone = []
    for number, part in enumerate(kinds):
        film.assemble([part], None, tmp_path / f"{number}.mp4", **SIZE)
        alone.append(frames_of(tmp_path / f"{number}.mp4"))

    pictures = iter(frames_of(path))

    for scene, length in enumerate(lengths):
        shown = [next(pictures) for _ in range(length)]
        own = alone[the_kind(scene)]
        assert all(np.array_equal(*pair) for pair in zip(shown, own, strict=True))
        if length >= 30:
            assert all(np.array_equal(shown[0], later) for later in shown)
    assert next(pictures, None) is None


def test_sound_is_within_a_millisecond_of_its_picture_at_every_join(long_film):
    path, starts, _ = long_film

    with av.open(str(path)) as container:
        frames = [frame for frame in container.decode(audio=0) if frame.pts >= 0]
        heard = np.concatenate([frame.to_ndarray() for frame in frames], axis=1)[0]

    for start in starts:
        due = start * RATE // 30
        before = max(0, due - 480)
        clicked = before + int(np.argmax(np.abs(heard[before : due + 480]) > 0.3))
        assert abs(clicked - due) <= RATE // 1000


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="no ffmpeg on this machine")
def test_key_frames_that_follow_each_other_are_told_apart(tmp_path):
    timeline = a_film(*[1] * 10, move=STANDING)
    photos = {n: a_photo(seed=n) for n in range(10)}
    parts = [rendered(timeline, n, tmp_path, sources=photos).path for n in range(10)]
    film.assemble(parts, None, tmp_path / "film.mp4", **SIZE)

    done = subprocess.run(
        ["ffmpeg", "-v", "warning", "-err_detect", "explode", "-i", tmp_path / "film.mp4"]
        + ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-"],
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, b"")
    pictures = np.frombuffer(done.stdout, np.uint8).reshape(-1, HEIGHT * 3 // 2 * WIDTH)
    assert len(pictures) == 10
    for number, picture in enumerate(pictures):
        wanted = np.concatenate([plane.ravel() for plane in seen(photos[number]).all])
        assert psnr(picture, wanted) > 30
    assert all(psnr(flat(seen(photos[0])), flat(seen(photos[n]))) < 20 for n in range(1, 10))
