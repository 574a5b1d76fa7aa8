"""FFmpeg, where it is found, decodes our films and streams without a word of complaint."""

import shutil
import subprocess

import pytest

from reelsmith.domain.jobs import Codec
from tests.players.numbered import a_numbered_film

FFMPEG = shutil.which("ffmpeg")
pytestmark = pytest.mark.skipif(not FFMPEG, reason="decodes with FFmpeg where it is found")


@pytest.fixture(scope="module", params=Codec)
def made(request, tmp_path_factory):
    return a_numbered_film(tmp_path_factory.mktemp("films"), request.param)


def decoded(path):
    """What FFmpeg complains of at its strictest, and the hashes of all that it decodes."""
    done = subprocess.run(
        [FFMPEG, "-nostdin", "-v", "warning", "-err_detect", "explode", "-xerror", "-i", path]
        + ["-map", "0", "-fps_mode", "passthrough", "-f", "framehash", "-hash", "md5", "-"],
        capture_output=True,
        check=False,
        text=True,
    )
    lines = [line.split(",") for line in done.stdout.splitlines() if not line.startswith("#")]
    assert done.returncode == 0
    return done.stderr, [(int(line[0]), int(line[2]), line[-1].strip()) for line in lines]


def test_a_film_is_decoded_without_a_warning_and_whole(made):
    complaints, hashes = decoded(made.film)

    pictures = [(at, picture) for stream, at, picture in hashes if stream == 0]
    assert complaints == ""
    assert [at for at, _ in pictures] == list(range(made.frames))


@pytest.mark.parametrize("made", [Codec.H264], indirect=True)
def test_what_stands_still_is_the_same_picture_to_the_bit(made):
    _, hashes = decoded(made.film)

    held = [picture for stream, at, picture in hashes if stream == 0 and 30 <= at < 70]
    assert len(held) == 40
    assert len(set(held)) == 1


def test_the_stream_decodes_to_the_very_pictures_and_sound_of_the_film(made):
    complaints, hashes = decoded(made.stream)

    assert complaints == ""
    of_film = decoded(made.film)[1]
    assert hashes_of(hashes, 0) == hashes_of(of_film, 0)
    heard, of_film = hashes_of(hashes, 1), hashes_of(of_film, 1)
    # older FFmpegs play the coder's run-up of a stream, newer ones the last unit to its end
    assert heard[-len(of_film) : -1] == of_film[:-1]
    assert len(heard) <= len(of_film) + 1


def hashes_of(hashes, stream):
    return [found for number, _, found in hashes if number == stream]
