"""The film as a player meets it: counted, timed, and decoded."""

import hashlib
import shutil
import struct
import subprocess
from fractions import Fraction

import av
import numpy as np
import pytest

from reelsmith.errors import MediaError
from reelsmith.media import boxes, film, segments
from reelsmith.media.tracks import AacTrack
from tests.media.reels import HEIGHT, STANDING, WIDTH, a_film, a_patch, colours_of, rendered

RATE = 48_000


def a_sound(samples):
    """A stereo track with a click in its very first and last milliseconds."""
    codec = av.CodecContext.create("aac", "w")
    codec.sample_rate, codec.layout, codec.format, codec.bit_rate = RATE, "stereo", "fltp", 128_000
    codec.open()
    wave = np.zeros((2, samples), np.float32)
    wave[:, :96] = wave[:, -96:] = 0.8
    sizes, data = [], b""
    for start in range(0, samples, 1024):
        block = np.ascontiguousarray(wave[:, start : start + 1024])
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = RATE, start
        packets = codec.encode(frame)
        sizes += [packet.size for packet in packets]
        data += b"".join(bytes(packet) for packet in packets)
    tail = codec.encode(None)
    return AacTrack(
        config=bytes(codec.extradata),
        sizes=np.array([*sizes, *(packet.size for packet in tail)], np.uint32),
        data=data + b"".join(bytes(packet) for packet in tail),
        rate=RATE,
        channels=2,
        priming=1024,
        samples=samples,
    )


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """A moving, a held and a moving scene: 40, 75 and 50 frames."""
    folder = tmp_path_factory.mktemp("parts")
    timeline = a_film(40, 75, 50, transition=10)
    still = timeline.scenes[1].model_copy(update={"move": STANDING})
    mixed = timeline.model_copy(update={"scenes": (timeline.scenes[0], still, timeline.scenes[2])})
    return [rendered(mixed, n, folder).path for n in range(3)]


@pytest.fixture(scope="module")
def reel(parts, tmp_path_factory):
    """The film of these parts with sound, and what was said of it."""
    out = tmp_path_factory.mktemp("film") / "film.mp4"
    sound = a_sound(165 * RATE // 30)
    return out, film.assemble(parts, sound, out, width=WIDTH, height=HEIGHT, fps=30)


def test_every_frame_is_there_and_stands_at_its_time(reel):
    path, facts = reel

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        times = [frame.pts * stream.time_base for frame in container.decode(stream)]

    assert times == [Fraction(n, 30) for n in range(165)]
    assert facts.frames == 165


def test_sound_and_picture_begin_and_end_together(reel):
    path, facts = reel

    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        lengths = {stream.duration * stream.time_base for stream in (video, audio)}
        begins = {stream.start_time for stream in (video, audio)}
        frames = [frame for frame in container.decode(audio) if frame.pts >= 0]
        heard = np.concatenate([frame.to_ndarray() for frame in frames], axis=1)[0]

    assert lengths == {Fraction(165, 30)} == {facts.video_seconds, facts.audio_seconds}
    assert begins == {0}
    loud = np.flatnonzero(np.abs(heard) > 0.3)
    assert loud[0] < 48
    assert abs(loud[-1] - (165 * RATE // 30 - 1)) < 48


def test_the_index_stands_in_front_and_the_facts_are_those_of_the_file(reel):
    path, facts = reel
    whole = path.read_bytes()

    assert 0 < whole.find(b"moov") < whole.find(b"mdat")
    assert facts.size_bytes == len(whole)
    assert facts.sha256 == hashlib.sha256(whole).hexdigest()


def test_the_same_parts_make_the_same_film(reel, parts, tmp_path):
    _, facts = reel

    sound = a_sound(165 * RATE // 30)
    again = film.assemble(parts, sound, tmp_path / "again.mp4", width=WIDTH, height=HEIGHT, fps=30)

    assert again == facts


def test_a_player_can_start_at_every_scene(reel):
    path, facts = reel

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        keys = [p.pts for p in container.demux(stream) if p.dts is not None and p.is_keyframe]
        tick = stream.time_base

    assert {0, 40, 115} <= {round(pts * tick * 30) for pts in keys}
    assert facts.key_frames == len(keys)


def test_the_film_says_how_to_show_it(reel):
    path, _ = reel

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        codec = stream.codec_context
        assert (codec.width, codec.height, codec.pix_fmt) == (WIDTH, HEIGHT, "yuv420p")
        assert (stream.average_rate, stream.base_rate) == (30, 30)
        assert (codec.colorspace, codec.color_range, codec.color_trc) == (1, 1, 1)
        assert stream.sample_aspect_ratio == 1
        sound = container.streams.audio[0].codec_context
        assert (sound.name, sound.sample_rate, sound.layout.name) == ("aac", RATE, "stereo")


@pytest.mark.parametrize("colour", [(230, 40, 60), (20, 160, 90), (250, 250, 245), (10, 30, 200)])
def test_colours_come_out_as_they_went_in(colour, tmp_path):
    part = rendered(a_film(30, move=STANDING), 0, tmp_path, sources={0: a_patch(colour)}).path
    film.assemble([part], None, tmp_path / "f.mp4", width=WIDTH, height=HEIGHT, fps=30)

    first = next(colours_of(tmp_path / "f.mp4"))

    assert np.abs(first[240, 135].astype(int) - colour).max() <= 2


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="no ffmpeg on this machine")
def test_another_decoder_finds_no_fault(reel):
    path, _ = reel

    done = subprocess.run(
        ["ffmpeg", "-v", "warning", "-err_detect", "explode", "-i", path, "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not shutil.which("ffprobe"), reason="no ffprobe on this machine")
def test_another_reader_counts_the_same(reel):
    path, _ = reel
    asked = "stream=codec_type,nb_read_frames,start_time,duration"
    how = ["-v", "error", "-count_frames", "-of", "csv=p=0", "-show_entries", asked]

    said = subprocess.run(
        ["ffprobe", *how, path],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert said[0] == "video,0.000000,5.500000,165"
    assert said[1].startswith("audio,0.000000,5.500000,")


def test_a_part_of_another_film_is_refused(parts, tmp_path):
    other = a_film(30, width=320, height=240)
    (tmp_path / "other").mkdir()
    foreign = rendered(other, 0, tmp_path / "other").path

    with pytest.raises(MediaError, match=r"0\.seg is of another size"):
        film.assemble(
            [*parts, foreign], None, tmp_path / "f.mp4", width=WIDTH, height=HEIGHT, fps=30
        )

    assert not (tmp_path / "f.mp4").exists()


def test_a_part_coded_another_way_is_refused(parts, tmp_path):
    whole, record = parts[0].read_bytes(), segments.read_index(parts[0]).header.record
    changed = tmp_path / "changed.seg"
    changed.write_bytes(whole.replace(record, record[:-1] + bytes([record[-1] ^ 1])))

    with pytest.raises(MediaError, match=r"changed\.seg was coded under another header"):
        film.assemble(
            [*parts, changed], None, tmp_path / "f.mp4", width=WIDTH, height=HEIGHT, fps=30
        )


def test_sound_of_another_length_is_refused(parts, tmp_path):
    with pytest.raises(MediaError, match=r"the sound takes 5\.000 s, the pictures 5\.500 s"):
        film.assemble(
            parts, a_sound(5 * RATE), tmp_path / "f.mp4", width=WIDTH, height=HEIGHT, fps=30
        )


def test_sound_and_pictures_alternate_about_every_second(reel):
    path, _ = reel

    with av.open(str(path)) as container:
        spots = sorted(
            (packet.pos, packet.stream.type)
            for packet in container.demux()
            if packet.pos is not None
        )

    kinds = "".join("v" if kind == "video" else "a" for _, kind in spots)
    assert max(len(run) for run in kinds.split("a")) <= 30


def test_a_film_beyond_four_gigabytes_gets_wide_offsets():
    sizes = np.array([5, 5], np.int64)
    offsets = {"narrow": [1000, 2**32 - 1], "wide": [1000, 2**32]}

    tracks = {
        name: boxes.video_track(
            boxes.Samples(sizes, sizes, np.ones(2, np.int64), np.array(starts)),
            boxes.Span(shown=10, skipped=0, media=10, rate=30),
            delays=np.zeros(2, np.int64),
            keys=np.array([True, False]),
            entry=b"avc1",
            size=(WIDTH, HEIGHT),
        )
        for name, starts in offsets.items()
    }

    assert struct.pack(">4sIIII", b"stco", 0, 2, *offsets["narrow"]) in tracks["narrow"]
    assert struct.pack(">4sIIQQ", b"co64", 0, 2, *offsets["wide"]) in tracks["wide"]
    assert boxes.mdat_head(2**32) == struct.pack(">I4sQ", 1, b"mdat", 2**32 + 16)
