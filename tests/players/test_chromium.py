"""Films play and seek in Chromium, picture by picture: holds, motion, joins; file and stream."""

import os
from random import Random

import pytest

from reelsmith.domain.jobs import Codec
from reelsmith.media.segments import read_index
from tests.media.reels import HEIGHT, WIDTH
from tests.players.browser import CHROMIUM, watched
from tests.players.numbered import BITS, BLOCK, FPS, LEFT, TOP, a_numbered_film, code

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="plays films in Chromium where it is found")

RATES = (1, 0.3, 0.1)  # the later ones for a machine too busy to show every picture before
FORWARD_AND_BACK = (0, 150, 1, 69, 70, 29, 30, 31, 89, 90, 149, 92, 93, 45, 152, 88)


@pytest.fixture(scope="module", params=[Codec.H264, Codec.AV1])
def made(request, tmp_path_factory):
    return a_numbered_film(tmp_path_factory.mktemp("films"), request.param)


def middle(frame):
    """The moment in the middle of a picture, in seconds."""
    return (frame + 0.5) / FPS


def asked(made, *, rate=0.0, seeks=(), **more):
    where = {"width": WIDTH, "height": HEIGHT, "bits": BITS, "block": BLOCK}
    where |= {"left": LEFT, "top": TOP, "film": made.film.name, "rate": rate}
    return where | {"seeks": [middle(frame) for frame in seeks]} | more


def as_stream(made, *, order):
    """What a player has to know of the stream, its fragments loaded in some order."""
    pieces = [(part.first_byte, part.size_bytes) for part in made.facts.fragments]
    record = read_index(made.film.parent / "0.seg").header
    opening = (0, made.facts.opening_bytes)
    kind = f'video/mp4; codecs="{codecs_of(record)},mp4a.40.2"'
    return {"film": made.stream.name, "pieces": [opening, *order(pieces)], "type": kind}


def codecs_of(header):
    """RFC 6381 name of how pictures are coded, by the decoder configuration record."""
    record = header.record
    if header.codec is Codec.H264:
        return f"avc1.{record[1:4].hex()}"
    profile, level, tier = record[1] >> 5, record[1] & 31, "MH"[record[2] >> 7]
    return f"av01.{profile}.{level:02}{tier}.08"


def shown_while_playing(made, tmp_path, **more):
    """Plays a film to its end until every picture was shown; gives what was seen, and frames.

    The page looks at a picture after it was told of it. When the next one came sooner, it cannot
    tell that the one it was told of was there.
    """
    for rate in RATES:
        seen = watched(made.film.parent, tmp_path / str(rate), asked(made, rate=rate, **more))
        assert "error" not in seen
        told = [(round(time * FPS), number) for time, number in seen["played"]]
        assert [(frame, number) for frame, number in told if number < code(frame)] == []
        assert told == sorted(set(told))
        assert seen["corrupted"] == 0
        shown = [frame for frame, number in told if number == code(frame)]
        if len(shown) >= made.frames - 1:  # the first one may stand there before we look
            break
    return seen, shown


def assert_every_picture_shown(shown, frames):
    """Each was shown at its time; pictures left out by a busy machine prove nothing."""
    left_out = sorted(set(range(1, frames)) - set(shown))
    if left_out and os.getloadavg()[0] > (os.cpu_count() or 1):
        pytest.skip(f"this machine was too busy to show pictures {left_out}")
    assert left_out == []


def test_a_film_plays_to_its_end_with_every_picture_in_its_place(made, tmp_path):
    seen, shown = shown_while_playing(made, tmp_path)

    assert_every_picture_shown(shown, made.frames)
    assert seen["size"] == [WIDTH, HEIGHT]
    assert seen["seconds"] == pytest.approx(made.frames / FPS, abs=0.001)


def test_every_picture_is_found_wherever_one_comes_from(made, tmp_path):
    anyhow = Random(1).sample(range(made.frames), made.frames)

    seen = watched(made.film.parent, tmp_path, asked(made, seeks=anyhow))

    assert seen["sought"] == [code(frame) for frame in anyhow]


def test_the_stream_plays_like_the_film(made, tmp_path):
    as_told = as_stream(made, order=list)
    assert len(as_told["pieces"]) >= 4

    seen, shown = shown_while_playing(made, tmp_path, **as_told)

    assert_every_picture_shown(shown, made.frames)
    assert seen["seconds"] == pytest.approx(made.frames / FPS, abs=0.001)


def test_the_stream_can_be_entered_at_any_fragment(made, tmp_path):
    backwards = as_stream(made, order=lambda pieces: pieces[::-1])

    seen = watched(made.film.parent, tmp_path, asked(made, seeks=FORWARD_AND_BACK, **backwards))

    assert seen["sought"] == [code(frame) for frame in FORWARD_AND_BACK]


def test_a_film_with_a_picture_gone_would_be_noticed(made, tmp_path):
    body = made.film.read_bytes()
    held = read_index(made.film.parent / "1.seg")
    first = held.path.read_bytes()[held.body_offset :][: int(held.sizes[0])]
    assert first in body
    (tmp_path / "film.mp4").write_bytes(body.replace(first, bytes(len(first))))

    seen = watched(tmp_path, tmp_path / "profile", asked(made, seeks=(45,)))

    assert seen.get("sought") != [code(45)]  # the player gave up, or shows something else
