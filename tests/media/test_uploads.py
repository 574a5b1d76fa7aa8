"""Uploaded videos: copied where that will do, coded once where not, and nothing of theirs said."""

import hashlib

import av
import numpy as np
import pytest
from PIL import Image

from reelsmith.errors import MediaError
from reelsmith.media import uploads
from tests.media.reels import a_photo, psnr

TITLE = "Ana at 40.4168 N, 3.7038 W"


def a_video(
    path, *, size=(480, 270), fps=25, frames=75, codec="libx264", pixels="yuv420p", rate=48_000,
    times=lambda n: n, keys=25, sound="aac",
):  # fmt: skip
    """A video that pans over a photo, with a tone that swells and with words inside."""
    photo = a_photo(size[0] + frames, size[1], seed=4)
    with av.open(str(path), "w") as out:
        out.metadata.update({"title": TITLE, "location": "+40.4168-003.7038/"})
        video = out.add_stream(codec, rate=fps)
        video.width, video.height, video.pix_fmt, video.gop_size = *size, pixels, keys
        video.codec_context.colorspace = video.codec_context.color_primaries = 1
        video.codec_context.color_trc = video.codec_context.color_range = 1
        heard = out.add_stream(sound, rate=rate, layout="stereo") if sound else None
        for n in range(frames):
            shown = np.ascontiguousarray(photo[:, n : n + size[0]])
            frame = av.VideoFrame.from_ndarray(shown, format="rgb24")
            frame = frame.reformat(format=pixels, dst_colorspace=1)
            frame.pts = times(n)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        for n in range(frames * rate // fps // 1024 if heard else 0):
            at = (np.arange(1024) + 1024 * n) / rate
            wave = (0.2 * np.sin(2 * np.pi * 440 * at)).astype(np.float32)
            block = av.AudioFrame.from_ndarray(np.stack((wave, wave)), "fltp", "stereo")
            block.rate, block.pts = rate, 1024 * n
            out.mux(heard.encode(block))
        if heard:
            out.mux(heard.encode(None))
    return path


def normalised(source, folder, *, name="holiday.mp4"):
    return uploads.normalise(
        source,
        folder / "out.mp4",
        name=name,
        thumbnail=folder / "thumbnail.jpg",
        sprite=folder / "sprite.jpg",
        threads=2,
    )


def pictures_of(path):
    with av.open(str(path)) as video:
        stream = video.streams.video[0]
        frames = list(video.decode(stream))
        return [f.to_ndarray() for f in frames], [f.pts * stream.time_base for f in frames]


def test_a_video_like_our_films_is_copied_frame_for_frame(tmp_path):
    source = a_video(tmp_path / "in.mp4")

    facts = normalised(source, tmp_path)

    assert facts.copied
    sent, came = pictures_of(source), pictures_of(tmp_path / "out.mp4")
    assert all(np.array_equal(*pair) for pair in zip(sent[0], came[0], strict=True))
    assert sent[1] == came[1]
    assert (facts.frames, facts.fps, facts.width, facts.height) == (75, 25, 480, 270)


@pytest.mark.parametrize("given", [{}, {"codec": "mpeg4"}])
def test_nothing_of_the_caller_s_own_words_is_left(tmp_path, given):
    source = a_video(tmp_path / "in.mp4", **given)
    assert TITLE.encode() in source.read_bytes()

    facts = normalised(source, tmp_path)

    whole = (tmp_path / "out.mp4").read_bytes()
    assert b"40.4168" not in whole
    assert facts.sha256 == hashlib.sha256(whole).hexdigest()
    assert 0 < whole.find(b"moov") < whole.find(b"mdat")


@pytest.mark.parametrize(
    "given",
    [
        {"codec": "mpeg4"},
        {"pixels": "yuv444p"},
        {"keys": 400, "frames": 300},
        {"times": lambda n: 2 * n if n < 40 else n + 40},
        {"sound": "mp3"},
        {"size": (1600, 1200), "frames": 30},
    ],
    ids=["mpeg4", "444", "few-keys", "uneven", "mp3", "large"],
)
def test_a_video_unlike_our_films_is_coded_into_one(tmp_path, given):
    source = a_video(tmp_path / "in.mp4", **given)

    facts = normalised(source, tmp_path)

    assert not facts.copied
    with av.open(str(tmp_path / "out.mp4")) as film:
        video, audio = film.streams.video[0], film.streams.audio[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (audio.codec_context.name, audio.rate) == ("aac", 48_000)
        assert (video.width, video.height) == (facts.width, facts.height)
        assert min(video.width, video.height) <= 1080
        assert video.duration * video.time_base == audio.duration * audio.time_base
    shown, times = pictures_of(tmp_path / "out.mp4")
    assert len(shown) == facts.frames
    assert all(at * round(facts.fps) == n for n, at in enumerate(times))


def test_what_is_coded_shows_what_was_sent(tmp_path):
    source = a_video(tmp_path / "in.mp4", codec="mpeg4")

    normalised(source, tmp_path)

    sent, came = pictures_of(source)[0], pictures_of(tmp_path / "out.mp4")[0]
    assert len(came) == len(sent)
    assert min(psnr(*pair) for pair in zip(sent, came, strict=True)) > 30


def test_a_silent_video_stays_silent(tmp_path):
    facts = normalised(a_video(tmp_path / "in.mp4", codec="mpeg4", sound=None), tmp_path)

    assert not facts.has_sound
    with av.open(str(tmp_path / "out.mp4")) as film:
        assert not film.streams.audio


@pytest.mark.parametrize("given", [{}, {"codec": "mpeg4"}])
def test_small_pictures_tell_what_is_seen_and_when(tmp_path, given):
    source = a_video(tmp_path / "in.mp4", **given)

    facts = normalised(source, tmp_path)

    assert facts.tiles_ms == (0, 1000, 2000)
    with Image.open(tmp_path / "sprite.jpg") as opened:
        sheet = np.asarray(opened)
    width, height = facts.tile_width, facts.tile_height
    assert sheet.shape == (height, width * facts.columns, 3)
    with av.open(str(source)) as video:
        shown = [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]
    for place, second in enumerate((0, 1, 2)):
        tile = sheet[:, place * width :][:, :width]
        small = Image.fromarray(shown[25 * second]).resize((width, height), Image.BICUBIC)
        assert psnr(tile, np.asarray(small)) > 24
    with Image.open(tmp_path / "thumbnail.jpg") as thumbnail:
        assert thumbnail.size == (480, 270)


def test_the_same_upload_makes_the_same_film(tmp_path):
    source = a_video(tmp_path / "in.mp4", codec="mpeg4")

    assert normalised(source, tmp_path) == normalised(source, tmp_path)


def test_a_damaged_video_is_refused_by_name_and_leaves_nothing(tmp_path):
    source = a_video(tmp_path / "in.mp4")
    source.write_bytes(source.read_bytes()[:3000])

    with pytest.raises(MediaError, match="holiday"):
        normalised(source, tmp_path)

    assert not (tmp_path / "out.mp4").exists()
