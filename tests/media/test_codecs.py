"""Every codec and preset: ten scenes rendered apart make one exact film."""

import shutil
import subprocess
from fractions import Fraction

import av
import numpy as np
import pytest

from reelsmith.domain.jobs import Codec, Preset
from reelsmith.media import build, check, film
from reelsmith.media.encode import profile
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

WAYS = [(codec, preset) for codec in Codec for preset in Preset]
LENGTHS = (14, 33, 1, 9, 40, 12, 3, 31, 8, 20)  # held where 30 or more, moving elsewhere


def made(folder, *, codec, preset, lengths=LENGTHS):
    """A film of scenes that drift and scenes that stand."""
    timeline = a_film(*lengths, codec=codec, preset=preset)
    scenes = [
        scene.model_copy(update={"move": STANDING}) if scene.frames >= 30 else scene
        for scene in timeline.scenes
    ]
    timeline = timeline.model_copy(update={"scenes": tuple(scenes)})
    photos = {n: a_photo(seed=n) for n in range(len(lengths))}
    parts = [rendered(timeline, n, folder, sources=photos).path for n in range(len(lengths))]
    film.assemble(parts, None, folder / "film.mp4", width=WIDTH, height=HEIGHT, fps=30)
    return folder / "film.mp4", parts, timeline


@pytest.fixture(scope="module", params=WAYS, ids="-".join)
def reel(request, tmp_path_factory):
    codec, preset = request.param
    return made(tmp_path_factory.mktemp("reel"), codec=codec, preset=preset)


def test_ten_scenes_join_into_a_film_that_keeps_its_promise(reel):
    path, _, timeline = reel

    measured = check.measure(path)

    silent = {"audio_codec": "aac", "sample_rate": 48_000}
    assert check.verify(measured.model_copy(update=silent), timeline) == ()
    assert measured.frames == sum(LENGTHS)


def test_every_frame_decodes_at_its_time_and_shows_its_scene(reel):
    path, _, timeline = reel

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        times = [frame.pts * stream.time_base for frame in frames]
        pictures = [frame.to_ndarray() for frame in frames]

    assert times == [Fraction(n, 30) for n in range(timeline.frames)]
    for scene in timeline.scenes:
        if scene.frames >= 30:
            wanted = flat(seen(a_photo(seed=scene.index)))
            assert psnr(pictures[scene.first_frame], wanted) > 29
            assert psnr(pictures[scene.end_frame - 1], wanted) > 29


def test_a_player_can_start_at_every_scene_in_every_codec(reel):
    path, _, timeline = reel

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        starts = Fraction(timeline.scenes[7].first_frame, 30)
        container.seek(int(starts / stream.time_base), stream=stream)
        first = next(container.decode(stream))

    assert first.pts * stream.time_base == starts


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="no ffmpeg on this machine")
def test_another_decoder_finds_no_fault_in_any_codec(reel):
    path, _, timeline = reel
    how = ["-v", "warning", "-err_detect", "explode", "-i", path, "-f", "framemd5", "-"]

    done = subprocess.run(["ffmpeg", *how], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n0,") == timeline.frames


def test_two_cold_renders_give_the_same_bytes(reel, tmp_path):
    path, _, timeline = reel

    again, _, _ = made(tmp_path, codec=timeline.codec, preset=timeline.preset)

    assert again.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("preset", Preset)
def test_a_hold_in_h264_is_bit_for_bit_the_same_whatever_the_preset(preset, tmp_path):
    path, _, _ = made(tmp_path, codec=Codec.H264, preset=preset, lengths=(10, 310, 9))

    held = frames_of(path)[10:320]

    assert all(np.array_equal(held[0], later) for later in held[1:])


def test_every_way_of_coding_has_scenes_of_its_own():
    names = {build.fingerprint(threads=2, codec=c, preset=p) for c, p in WAYS}
    texts = {profile(c, p).text(threads=2) for c, p in WAYS}

    assert len(names) == len(texts) == len(WAYS)
