"""The stream of a film: the same pictures and the same sound, in pieces that play alone."""

import re
import shutil
import subprocess
from fractions import Fraction

import av
import numpy as np
import pytest

from reelsmith.domain.jobs import Codec
from reelsmith.media import film, stream
from reelsmith.text import hls
from tests.media.reels import HEIGHT, STANDING, WIDTH, a_film, frames_of, rendered
from tests.media.test_film import RATE, a_sound

LENGTHS = (80, 95, 400, 30, 1, 44)
SIZE = {"width": WIDTH, "height": HEIGHT, "fps": 30}


@pytest.fixture(scope="module", params=Codec)
def both(request, tmp_path_factory):
    """A film, the same film as a stream, and the facts of the stream."""
    folder = tmp_path_factory.mktemp("both")
    timeline = a_film(*LENGTHS, codec=request.param)
    still = timeline.scenes[2].model_copy(update={"move": STANDING})
    scenes = (*timeline.scenes[:2], still, *timeline.scenes[3:])
    timeline = timeline.model_copy(update={"scenes": scenes})
    parts = [rendered(timeline, n, folder).path for n in range(len(LENGTHS))]
    sound = a_sound(sum(LENGTHS) * RATE // 30)
    film.assemble(parts, sound, folder / "film.mp4", **SIZE)
    facts = stream.write(parts, sound, folder / "stream.mp4", **SIZE)
    return folder / "film.mp4", folder / "stream.mp4", facts


def heard(path):
    with av.open(str(path)) as container:
        frames = [f for f in container.decode(audio=0) if f.pts is None or f.pts >= 0]
        return np.concatenate([frame.to_ndarray() for frame in frames], axis=1)


def test_a_stream_shows_every_frame_of_the_film_at_its_time(both):
    film_path, stream_path, _ = both

    with av.open(str(stream_path)) as container:
        video = container.streams.video[0]
        times = [frame.pts * video.time_base for frame in container.decode(video)]

    assert times == [Fraction(n, 30) for n in range(sum(LENGTHS))]
    pairs = zip(frames_of(film_path), frames_of(stream_path), strict=True)
    assert all(np.array_equal(*pair) for pair in pairs)


def test_a_stream_sounds_as_the_film_does(both):
    film_path, stream_path, _ = both
    samples = sum(LENGTHS) * RATE // 30

    assert np.array_equal(heard(stream_path)[:, :samples], heard(film_path)[:, :samples])


def test_every_stretch_plays_alone_after_the_opening(both, tmp_path):
    _, stream_path, facts = both
    whole = stream_path.read_bytes()
    shown = 0

    for fragment in facts.fragments:
        piece = whole[fragment.first_byte : fragment.first_byte + fragment.size_bytes]
        (tmp_path / "piece.mp4").write_bytes(whole[: facts.opening_bytes] + piece)
        pictures = frames_of(tmp_path / "piece.mp4")
        assert len(pictures) == round(fragment.seconds * 30)
        shown += len(pictures)

    assert shown == sum(LENGTHS)


def test_stretches_follow_each_other_and_are_about_six_seconds_long(both):
    _, stream_path, facts = both

    ends = [facts.opening_bytes, *(f.first_byte + f.size_bytes for f in facts.fragments)]

    assert [fragment.first_byte for fragment in facts.fragments] == ends[:-1]
    assert ends[-1] == facts.size_bytes == stream_path.stat().st_size
    assert facts.fragments[0].seconds == pytest.approx((80 + 95) / 30)
    assert max(fragment.seconds for fragment in facts.fragments) <= 10


def test_a_playlist_names_every_stretch_by_its_bytes(both):
    _, _, facts = both

    text = hls.playlist(facts, "https://films.example/s.mp4?signed=1")

    ranges = [tuple(map(int, found)) for found in re.findall(r"BYTERANGE:(\d+)@(\d+)", text)]
    assert ranges == [(f.size_bytes, f.first_byte) for f in facts.fragments]
    lengths = [float(found) for found in re.findall(r"EXTINF:([\d.]+),", text)]
    assert sum(lengths) == pytest.approx(sum(LENGTHS) / 30)
    assert f"#EXT-X-TARGETDURATION:{int(-(-max(lengths) // 1))}" in text
    assert f'BYTERANGE="{facts.opening_bytes}@0"' in text
    assert text.endswith("#EXT-X-ENDLIST\n")


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="no ffmpeg on this machine")
def test_another_player_plays_the_playlist_without_a_complaint(both, tmp_path):
    _, stream_path, facts = both
    (tmp_path / "film.m3u8").write_text(hls.playlist(facts, str(stream_path)))
    how = ["-v", "warning", "-allowed_extensions", "ALL", "-i", tmp_path / "film.m3u8"]

    done = subprocess.run(
        ["ffmpeg", *how, "-map", "0:v", "-f", "framemd5", "-"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n0,") == sum(LENGTHS)


def test_a_stream_without_sound_has_no_sound_track(tmp_path):
    part = rendered(a_film(20), 0, tmp_path).path

    stream.write([part], None, tmp_path / "s.mp4", **SIZE)

    with av.open(str(tmp_path / "s.mp4")) as container:
        assert (len(container.streams.video), len(container.streams.audio)) == (1, 0)
        assert sum(1 for _ in container.decode(video=0)) == 20
