import json

import pytest

from infra.cli import demo
from infra.local.client import Answer, Refused
from infra.local.progress import Progress
from reelsmith.domain.measures import Measured

SHA = "a" * 64
JOB = {"result": {"frames": 300, "sha256": SHA}}


def a_film(**changes) -> Measured:
    good = {
        "duration_seconds": 10.0,
        "frames": 300,
        "frames_indexed": 300,
        "key_frames": 4,
        "key_frames_decoded": 4,
        "width": 1080,
        "height": 1920,
        "fps": 30.0,
        "regular": True,
        "video_codec": "h264",
        "pixel_format": "yuv420p",
        "audio_codec": "aac",
        "sample_rate": 48_000,
        "channels": 2,
        "audio_seconds": 10.0,
        "audio_regular": True,
        "loudness_lufs": -14.2,
        "true_peak_dbtp": -1.5,
        "av_offset_ms": 0.0,
        "size_bytes": 2_000_000,
        "sha256": SHA,
        "moov_first": True,
    }
    return Measured(**good | changes)


def test_a_good_film_passes():
    assert list(demo._faults(a_film(), JOB)) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"video_codec": "hevc"}, "codec"),
        ({"pixel_format": "yuv444p"}, "pixels"),
        ({"width": 1920, "height": 1080}, "size"),
        ({"fps": 29.97}, "frames a second"),
        ({"audio_codec": None}, "sound"),
        ({"frames": 299}, "frames"),
        ({"sha256": "b" * 64}, "checksum"),
        ({"av_offset_ms": -10.0}, "10.0 ms off"),
        ({"loudness_lufs": -14.6}, "loudness"),
        ({"loudness_lufs": None}, "loudness"),
    ],
)
def test_a_film_with_a_fault_does_not_pass(wrong, said):
    [fault] = demo._faults(a_film(**wrong), JOB)

    assert said in fault


def test_a_log_gets_a_line_per_step_and_not_one_per_look(capsys):
    progress = Progress(["First", "Second"])
    for share in (0.0, 0.1, 0.2, 0.2, 0.3):
        progress.show(1, {"status": "processing", "stage": "rendering", "progress": share * 100})
    progress.show(1, {"status": "completed", "stage": "publishing", "progress": 98.0})

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert all("Second" in line for line in lines)
    assert lines[0].endswith("rendering")
    assert "100%  completed" in lines[-1]


def test_a_refusal_shows_each_wrong_field_with_its_remedy():
    problem = {
        "detail": "the request is wrong",
        "errors": [{"pointer": "/title", "detail": "is missing", "remedy": "name the film"}],
    }
    refused = Refused("POST /v1/jobs", Answer(422, {}, json.dumps(problem).encode()))

    assert "POST /v1/jobs: 422 the request is wrong" in str(refused)
    assert "/title: is missing (name the film)" in str(refused)
