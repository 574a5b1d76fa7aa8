"""A finished film is believed only after it was measured."""

import hashlib
import json
import shutil
import subprocess

import av
import numpy as np
import pytest

from reelsmith.errors import BrokenPromise
from reelsmith.media import check, film, sound
from tests.media.reels import STANDING, a_film, rendered
from tests.media.sounds import RATE, a_tone, sounding, speech

FRAMES = 60


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    """A film as the product makes it, and its timeline."""
    room = tmp_path_factory.mktemp("ours")
    voice = speech(room / "voice.wav")
    spoken = sounding(1, (voice, 4_800)).narration
    timeline = a_film(45, 75, 30, transition=9, move=STANDING, narration=spoken)
    track = sound.master(timeline, files={voice.name: voice}).track
    parts = [rendered(timeline, n, room).path for n in range(3)]
    film.assemble(parts, track, room / "film.mp4", width=270, height=480, fps=30)
    return room / "film.mp4", timeline


def a_foreign_film(
    path,
    *,
    frames=FRAMES,
    fps=30,
    codec="libx264",
    pixels="yuv420p",
    audio="aac",
    rate=RATE,
    seconds=2.0,
    late=0,
    gap=0,
    dbfs=-14.0,
    first=True,
    times=lambda frame: frame,
):
    """A film by FFmpeg's muxer: two seconds of grey and a tone, wrong in what is asked for."""
    options = {"movflags": "+faststart"} if first else {}
    with av.open(str(path), "w", options=options) as out:
        video = out.add_stream(codec, rate=fps)
        video.width, video.height, video.pix_fmt = 270, 480, pixels
        heard = out.add_stream(audio, rate=rate, layout="stereo") if audio else None
        for n in range(frames):
            picture = np.full((480, 270, 3), 3 * n % 255, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = times(n)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if heard:
            tone = np.stack([a_tone(997, seconds * rate / RATE, dbfs=dbfs)] * 2)
            for at in range(0, tone.shape[1], 1_024):
                block = np.ascontiguousarray(tone[:, at : at + 1_024])
                frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
                frame.sample_rate = rate
                frame.pts = at + late + (gap if at > RATE // 2 else 0)
                out.mux(heard.encode(frame))
            out.mux(heard.encode(None))
    return path


def test_our_own_film_keeps_every_promise(ours):
    path, timeline = ours

    found = check.measure(path)

    assert check.verify(found, timeline) == ()
    assert (found.frames, found.width, found.height, found.fps) == (150, 270, 480, 30.0)
    assert found.key_frames == found.key_frames_decoded >= 3
    assert found.duration_seconds == found.audio_seconds == 5.0
    assert found.av_offset_ms == 0.0
    assert found.loudness_lufs == pytest.approx(-14, abs=0.25)
    assert found.true_peak_dbtp <= -1
    assert found.size_bytes == path.stat().st_size
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_foreign_film_that_is_right_is_right(tmp_path):
    found = check.measure(a_foreign_film(tmp_path / "a.mp4", dbfs=-14.0))

    assert check.verify(found, sounding(FRAMES)) == ()
    assert found.av_offset_ms == 0.0


@pytest.mark.parametrize(
    ("wrong", "promise"),
    [
        ({"frames": 59}, "frames: promised 60, measured 59"),
        ({"fps": 25}, "frames a second: promised 30, measured 25"),
        ({"times": lambda n: n + (n > 40)}, "evenly timed pictures"),
        ({"codec": "mpeg4"}, "picture codec: promised h264, measured mpeg4"),
        ({"pixels": "yuv444p"}, "pixel format: promised yuv420p, measured yuv444p"),
        ({"audio": None}, "sound codec: promised aac, measured None"),
        ({"audio": "ac3"}, "sound codec: promised aac, measured ac3"),
        ({"rate": 44_100}, "sound rate: promised 48000, measured 44100"),
        ({"late": 2_400}, "sound with picture: promised less than 10 ms, measured"),
        ({"late": -2_400}, "sound with picture: promised less than 10 ms, measured -50.0 ms"),
        ({"seconds": 1.9}, "sound with picture: promised less than 10 ms, measured -100.0 ms"),
        ({"seconds": 2.02}, "sound with picture: promised less than 10 ms, measured 20.0 ms"),
        ({"gap": 4_800, "seconds": 1.9}, "sound without gaps"),
        ({"dbfs": -13.3}, "loudness: promised -14 LUFS, measured -13.3"),
        ({"dbfs": -14.8}, "loudness: promised -14 LUFS, measured -14.8"),
        ({"first": False}, "index first: promised True, measured False"),
    ],
    ids=lambda value: None if isinstance(value, dict) else value,
)
def test_each_broken_promise_is_named_with_what_was_measured(tmp_path, wrong, promise):
    found = check.measure(a_foreign_film(tmp_path / "a.mp4", **wrong))

    with pytest.raises(BrokenPromise) as broken:
        check.verify(found, sounding(FRAMES))

    assert promise in broken.value.detail


def test_all_broken_promises_are_told_at_once(tmp_path):
    found = check.measure(a_foreign_film(tmp_path / "a.mp4", fps=25, dbfs=-30, seconds=2.4))

    with pytest.raises(BrokenPromise, match="frames a second.*loudness"):
        check.verify(found, sounding(FRAMES))


@pytest.mark.parametrize("kept", [0.0, 0.02, 0.4, 0.9, 0.999])
def test_a_film_cut_short_is_found_out(ours, tmp_path, kept):
    path, timeline = ours
    whole = path.read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: int(len(whole) * kept)])

    with pytest.raises(BrokenPromise):
        check.verify(check.measure(tmp_path / "cut.mp4"), timeline)


@pytest.mark.parametrize(("at", "length"), [(0, 600), (60, 600), (300, 40)])
def test_a_key_frame_of_rubbish_is_found_out(ours, tmp_path, at, length):
    path, timeline = ours
    body = bytearray(path.read_bytes())
    start = body.find(b"mdat") + 4 + at
    body[start : start + length] = bytes(length)
    (tmp_path / "bad.mp4").write_bytes(body)

    with pytest.raises(BrokenPromise):
        check.verify(check.measure(tmp_path / "bad.mp4"), timeline)


@pytest.mark.parametrize("body", [b"not a film", b"<html></html>" * 100, b"\x00" * 4_096])
def test_what_is_no_film_is_refused(tmp_path, body):
    (tmp_path / "a.mp4").write_bytes(body)

    with pytest.raises(BrokenPromise, match="cannot be read"):
        check.measure(tmp_path / "a.mp4")


def test_sound_that_its_peaks_keep_quiet_is_remarked_on_and_no_fault(ours):
    path, timeline = ours
    found = check.measure(path).model_copy(update={"loudness_lufs": -21.4, "true_peak_dbtp": -1.6})

    assert check.verify(found, timeline) == (
        "the sound stays at -21.4 LUFS: its peaks do not allow more",
    )


def test_silence_where_speech_was_planned_is_remarked_on(ours):
    path, timeline = ours
    found = check.measure(path).model_copy(update={"loudness_lufs": None, "true_peak_dbtp": None})

    (remark,) = check.verify(found, timeline)

    assert "silent" in remark
    assert check.verify(found, timeline.model_copy(update={"narration": ()})) == ()


@pytest.mark.skipif(not shutil.which("ffprobe"), reason="compares with ffprobe where it is found")
def test_another_program_measures_the_same(ours):
    path, _ = ours
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-count_packets", "-show_streams", "-of", "json", str(path)],
        capture_output=True,
        check=True,
    )
    picture, heard = json.loads(told.stdout)["streams"]

    found = check.measure(path)

    assert int(picture["nb_read_packets"]) == found.frames
    assert float(picture["duration"]) == found.duration_seconds
    assert float(heard["duration"]) == found.audio_seconds
    assert (picture["codec_name"], heard["codec_name"]) == (found.video_codec, found.audio_codec)
