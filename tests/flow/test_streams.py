"""Films in every codec, and films that are streamed: from the request to what a player sees."""

import io
import json
import re

import av
import numpy as np
import pytest

from reelsmith.domain.ids import Kind
from reelsmith.domain.jobs import Codec, JobStatus, Preset
from reelsmith.domain.people import Role
from reelsmith.http.app import build_app
from reelsmith.http.caller import context_of
from reelsmith.storage import keys
from tests.builders import TENANT, a_caller, an_id
from tests.flow.test_films import film_of, frames_of, made
from tests.world import a_world

SHORT = {"text_prompt": "Buy now.", "voice": None, "captions": "none"}


@pytest.fixture
def world():
    with a_world() as made_world:
        yield made_world


def asked(world, path, *, who=None):
    """An answer of the API to a caller: status, content type and body."""
    event = {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "queryStringParameters": {},
        "headers": {},
        "requestContext": {
            "requestId": "req-1",
            "http": {"method": "GET", "path": path, "sourceIp": "10.0.0.1", "userAgent": "t"},
            "stage": "$default",
            "authorizer": {"lambda": context_of(who or a_caller())},
        },
        "body": None,
        "isBase64Encoded": False,
    }
    answer = build_app(world.deps).resolve(event, None)
    head = answer.get("headers") or {}
    head |= {k: v[0] for k, v in (answer.get("multiValueHeaders") or {}).items()}
    return answer["statusCode"], head["Content-Type"], answer["body"]


@pytest.mark.parametrize("codec", Codec)
def test_a_film_comes_in_the_codec_that_was_asked_for(world, codec):
    job = made(world, **SHORT, codec=codec, quality=Preset.DRAFT)

    assert job.status is JobStatus.COMPLETED, job.error
    with av.open(io.BytesIO(film_of(world, job))) as film:
        assert film.streams.video[0].codec_context.codec.canonical_name == codec


def test_a_streamed_film_is_found_by_its_playlist_and_shows_the_same_frames(world):
    job = made(world, **SHORT, hls=True)

    _, _, body = asked(world, f"/v1/videos/{job.video_id}")
    status, kind, playlist = asked(world, json.loads(body)["playlist"])

    assert (status, kind) == (200, "application/vnd.apple.mpegurl")
    urls = set(re.findall(r"https?://\S+?(?=[\"\s])", playlist))
    assert len(urls) == 1
    assert f"videos/{TENANT}/{job.video_id}/stream.mp4" in urls.pop()
    video = world.deps.videos.get(TENANT, job.video_id)
    streamed = frames_of(world.deps.store.read(keys.beside(video.key, "stream.mp4")))
    pairs = zip(streamed, frames_of(film_of(world, job)), strict=True)
    assert all(np.array_equal(*pair) for pair in pairs)


def test_a_film_without_a_stream_has_no_playlist(world):
    job = made(world, **SHORT)

    _, _, body = asked(world, f"/v1/videos/{job.video_id}")
    status, _, problem = asked(world, f"/v1/videos/{job.video_id}/playlist.m3u8")

    assert json.loads(body)["playlist"] is None
    assert status == 404
    assert "hls" in json.loads(problem)["detail"]


def test_a_stranger_cannot_tell_a_stream_from_none(world):
    job = made(world, **SHORT, hls=True)
    stranger = a_caller(tenant=an_id(Kind.TENANT), role=Role.ADMIN)

    theirs = asked(world, f"/v1/videos/{job.video_id}/playlist.m3u8", who=stranger)
    missing = asked(world, f"/v1/videos/{an_id(Kind.VIDEO)}/playlist.m3u8", who=stranger)

    assert theirs[0] == missing[0] == 404
    assert set(json.loads(theirs[2])) == set(json.loads(missing[2]))
    assert "hls" not in theirs[2]
