"""Two cold renders of one timeline are one film, and their manifests prove it."""

import getpass
import re
import socket

import av
import pytest

from reelsmith.domain.jobs import CaptionStyle
from reelsmith.domain.layers import Picture
from reelsmith.domain.manifests import Manifest, Voice
from reelsmith.domain.speech import SpokenWord
from reelsmith.domain.timelines import Music, Timeline, content_key
from reelsmith.media import build, check, film, manifest, sound
from reelsmith.media.captions import Captions
from reelsmith.media.witness import Witness
from reelsmith.text import cues
from tests.media.reels import a_film, a_photo, rendered
from tests.media.sounds import sounding, speech

VOICE = Voice(engine="espeak", fingerprint="espeak-ng es+f3")
THREADS = 2


def said(*words, frames=20):
    """A film of as many scenes as words, cut, each word said and shown in its own."""
    seconds = frames / 30
    spoken = [
        SpokenWord(text=word, start=n * seconds + 0.1, end=(n + 1) * seconds - 0.1)
        for n, word in enumerate(words)
    ]
    length = frames * len(words)
    shown = [
        cue
        for n, word in enumerate(spoken)
        for cue in cues.make(
            [word.model_copy(update={"start": 0.1, "end": seconds - 0.1})],
            fps=30,
            frames=frames,
            first_frame=n * frames,
        )
    ]
    timeline = a_film(*[frames] * len(words), cues=tuple(shown), caption_style=CaptionStyle.POP)
    assert timeline.frames == length
    return timeline


def cold(timeline: Timeline, room, *, voice=None):
    """Render all of a film in an empty room; gives the file and its manifest."""
    room.mkdir()
    captions = Captions(timeline)
    count = len(timeline.scenes)
    parts = [rendered(timeline, n, room, captions=captions).path for n in range(count)]
    return joined(timeline, parts, room, voice=voice)


def joined(timeline, parts, room, *, voice=None):
    track = sound.master(timeline, files={voice.name: voice} if voice else {}).track
    out = room / "film.mp4"
    film.assemble(parts, track, out, width=270, height=480, fps=30)
    witness = Witness(timeline)
    measured = check.measure(out, witness=witness)
    circumstances = build.fingerprint(threads=THREADS)
    made = manifest.make(
        timeline,
        segments=[
            f"cache/t/{content_key(timeline.picture_form(scene.index), circumstances)}.seg"
            for scene in timeline.scenes
        ],
        hashes=witness.hashes(),
        film_sha256=measured.sha256,
        voice=VOICE,
        threads=THREADS,
    )
    return out, made


def test_two_cold_renders_are_equal_frame_by_frame_and_in_their_manifests(tmp_path):
    voice = speech(tmp_path / "voice.wav")
    spoken = sounding(1, (voice, 4_800)).narration
    timeline = a_film(40, 35, 30, transition=9, narration=spoken)

    one, first = cold(timeline, tmp_path / "one", voice=voice)
    other, second = cold(timeline, tmp_path / "other", voice=voice)

    assert manifest.frame_hashes(one) == manifest.frame_hashes(other)
    assert first == second
    assert one.read_bytes() == other.read_bytes()


def test_one_changed_word_of_ten_renders_one_scene_and_the_frames_of_a_cold_render(tmp_path):
    words = ["uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez"]
    before = said(*words)
    after = said(*words[:6], "sieben", *words[7:])
    (tmp_path / "warm").mkdir()

    _, old = cold(before, tmp_path / "before")
    fresh, new = cold(after, tmp_path / "after")
    changed = [n for n in range(10) if old.segments[n] != new.segments[n]]
    captions = Captions(after)
    warm = [
        rendered(after, n, tmp_path / "warm", captions=captions).path
        if n in changed
        else tmp_path / "before" / f"{n}.seg"
        for n in range(10)
    ]
    kept, same = joined(after, warm, tmp_path / "warm")

    assert changed == [6]
    assert manifest.frame_hashes(kept) == manifest.frame_hashes(fresh)
    assert same == new
    assert [n for n in range(10) if old.scenes[n] != new.scenes[n]] == [6]


def test_a_changed_picture_shows_in_the_hash_of_its_scene_alone(tmp_path):
    timeline = a_film(30, 30)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    stills = {0: a_photo(seed=0), 1: a_photo(seed=1)}
    other = stills | {1: a_photo(seed=9)}

    _, one = joined(
        timeline,
        [rendered(timeline, n, tmp_path / "a", sources=stills).path for n in (0, 1)],
        tmp_path / "a",
    )
    _, two = joined(
        timeline,
        [rendered(timeline, n, tmp_path / "b", sources=other).path for n in (0, 1)],
        tmp_path / "b",
    )

    assert one.scenes[0] == two.scenes[0]
    assert one.scenes[1] != two.scenes[1]
    assert one.sound_sha256 == two.sound_sha256


def test_a_manifest_lists_every_input_once_and_what_made_the_film(tmp_path):
    timeline = a_film(30, 30)
    picture = Picture(key="media/t/1", sha256="1" * 64, name="playa.jpg")
    scenes = [scene.model_copy(update={"source": picture}) for scene in timeline.scenes]
    full = timeline.model_copy(
        update={
            "scenes": tuple(scenes),
            "music": Music(key="media/t/2", sha256="2" * 64, name="canción.mp3"),
        }
    )
    _, empty = cold(timeline, tmp_path / "one")

    made = manifest.make(
        full,
        segments=["cache/t/segments/abc.seg"],
        hashes=Witness(full).hashes(),
        film_sha256=empty.film_sha256,
        voice=VOICE,
        threads=3,
    )

    assert [(one.part, one.name, one.sha256[0]) for one in made.inputs] == [
        ("picture", "playa.jpg", "1"),
        ("music", "canción.mp3", "2"),
    ]
    assert made.segments == ("abc",)
    assert made.voice == VOICE
    assert {"av", "ffmpeg", "numpy", "pillow", "fonts", "renderer", "machine"} <= set(made.build)
    assert "crf" in made.encoder["pictures"]
    assert "160000 bit/s" in made.encoder["sound"]
    read = Manifest.model_validate_json(made.model_dump_json())
    assert read.model_dump(mode="json") == made.model_dump(mode="json")


@pytest.mark.parametrize("key", ["media/t/1", "media/another-tenant/1"])
def test_where_a_file_lies_and_what_it_is_called_is_no_part_of_a_film(key):
    def hashed(key, name):
        picture = Picture(key=key, sha256="1" * 64, name=name)
        timeline = a_film(30)
        scene = timeline.scenes[0].model_copy(update={"source": picture})
        made = manifest.make(
            timeline.model_copy(update={"scenes": (scene,)}),
            segments=[],
            hashes=Witness(timeline).hashes(),
            film_sha256="0" * 64,
            voice=None,
            threads=THREADS,
        )
        return made.timeline_sha256

    assert hashed(key, "a.jpg") == hashed("media/t/1", "b.jpg")


def test_film_and_manifest_name_no_time_machine_or_person(tmp_path):
    path, made = cold(a_film(30, 30), tmp_path / "one")
    body = path.read_bytes()
    names = {socket.gethostname(), getpass.getuser(), str(tmp_path)}
    names = {name for name in names if len(name) > 5}  # a shorter one stands there by chance

    told = made.model_dump_json()

    assert not re.search(r"20\d\d-\d\d-\d\d", told)
    for name in names:
        assert name.encode() not in body
        assert name not in told
    with av.open(str(path)) as film_:
        tags = dict(film_.metadata) | {
            name: value for stream in film_.streams for name, value in stream.metadata.items()
        }
        assert film_.duration == 2_000_000
    assert set(tags) <= {
        "major_brand",
        "minor_version",
        "compatible_brands",
        "language",
        "handler_name",
        "vendor_id",
    }
    assert tags.get("handler_name", "") in {"Picture", "Sound"}
