"""Decks become films: slides stand while their notes are said, and only what changed is made."""

import hashlib
import io
from pathlib import Path

import av
import numpy as np
import pytest

from reelsmith.domain.assets import FileType
from reelsmith.domain.decks import Fidelity
from reelsmith.domain.jobs import JobStatus, Stage
from reelsmith.domain.presentations import PresentationSpec
from reelsmith.errors import Invalid
from reelsmith.media import manifest
from reelsmith.usecases import dispatching, jobs, papers, places, uploads
from reelsmith.usecases.jobs import Wanted
from reelsmith.usecases.papers import Desk, ShootingScript
from tests.builders import TENANT, a_caller
from tests.media.decks import ODP_TYPE, a_pptx, an_odp
from tests.pictures import a_picture, a_tone
from tests.world import a_world

PPTX_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
SMALL = {"resolution": {"width": 320, "height": 180}, "language": "en", "seconds_per_slide": 1.0}
FRAME = 48_000 // 30
FIVE = [
    {"title": f"Slide {n}", "body": ("One", "Two"), "notes": f"This is {word}."}
    for n, word in enumerate(("first", "second", "third", "fourth", "fifth"), 1)
]


@pytest.fixture
def world():
    with a_world() as made:
        yield made


def send(world, body, *, name="deck.pptx", content_type=PPTX_TYPE):
    file = uploads.described(
        filename=name,
        content_type=content_type,
        size_bytes=len(body),
        sha256=hashlib.sha256(body).hexdigest(),
    )
    asset = places.ask(world.deps, caller=a_caller(), file=file).thing.asset
    world.deps.store.write(body, asset.key, content_type=content_type)
    return uploads.read(world.deps, caller=a_caller(), asset_id=asset.id)


def made(world, body, *, content_type=PPTX_TYPE, **spec):
    """Upload a deck, ask for its film and let the machine run; gives the job as it ended."""
    deck = send(world, body, content_type=content_type)
    asked = PresentationSpec.model_validate({"deck": deck.id} | SMALL | spec)
    wanted = Wanted(title="Third quarter", spec=asked)
    job = jobs.submit(world.deps, caller=a_caller(), wanted=wanted).thing
    dispatching.start_due(world.deps)
    world.machine.drive()
    return world.deps.jobs.get(TENANT, job.id)


def script_of(world, job):
    return papers.take(world.deps, Desk.of(job), papers.SCRIPT, ShootingScript)


def film_of(world, job):
    return world.deps.store.read(world.deps.videos.get(TENANT, job.video_id).key)


def hashes_of(folder, film):
    path = Path(folder, "film.mp4")
    path.write_bytes(film)
    return manifest.frame_hashes(path)


def cuts_of(film):
    """The frames at which the picture becomes another one, and where the sound begins again."""
    with av.open(io.BytesIO(film)) as opened:
        shown = [f.to_ndarray(format="gray").astype(int) for f in opened.decode(video=0)]
    changes = [
        n
        for n, (a, b) in enumerate(zip(shown, shown[1:], strict=False), 1)
        if np.abs(a - b).max() > 40
    ]
    return changes, len(shown)


def onsets_of(film, *, quiet_s):
    """Samples at which sound comes after so long a silence."""
    with av.open(io.BytesIO(film)) as opened:
        heard = np.concatenate(
            [np.abs(f.to_ndarray()).max(axis=0) for f in opened.decode(audio=0)]
        )
    loud = np.flatnonzero(heard > 0.02)
    gaps = np.flatnonzero(np.diff(loud) > quiet_s * 48_000)
    return [int(loud[0]), *(int(loud[gap + 1]) for gap in gaps)]


def test_a_deck_becomes_a_film_that_says_its_notes(world):
    job = made(world, a_pptx(*FIVE))

    assert job.status is JobStatus.COMPLETED, job.error
    assert job.result.slides.count == 5
    assert job.result.slides.fidelity is Fidelity.OUTLINE
    assert (job.result.width, job.result.height) == (320, 180)
    assert job.result.voice_engine
    assert any("outlines" in told for told in job.result.warnings)
    assert any("Futura PT" in told for told in job.result.warnings)
    captions = [name for name in world.deps.videos.get(TENANT, job.video_id).beside]
    assert papers.SRT in captions, "notes are told in subtitle files, whatever is on the picture"


def test_slides_begin_with_their_speech_to_the_frame_in_plan_and_in_film(world):
    job = made(world, a_pptx(*FIVE), transition="cut", padding_seconds=0.5, hold_seconds=1.0)

    timeline = script_of(world, job).timeline
    for scene, voiced in zip(timeline.scenes, timeline.narration, strict=True):
        begins = scene.first_frame * FRAME + 24_000
        assert abs(voiced.first_sample - begins) <= FRAME
        over = voiced.first_sample + voiced.samples + 48_000
        assert 0 <= scene.end_frame * FRAME - over <= FRAME
    film = film_of(world, job)
    changes, frames = cuts_of(film)
    assert changes == [scene.first_frame for scene in timeline.scenes[1:]]
    assert frames == timeline.frames
    onsets = onsets_of(film, quiet_s=1.2)
    planned = [voiced.first_sample for voiced in timeline.narration]
    assert len(onsets) == len(planned)
    lag = [heard - said for heard, said in zip(onsets, planned, strict=True)]
    assert max(lag) - min(lag) < 0.15 * 48_000, "words begin softly, and none of them drifts"


def test_one_changed_note_renders_one_slide_and_the_film_is_the_same_as_a_cold_one(
    world, tmp_path
):
    made(world, a_pptx(*FIVE))
    changed = [dict(slide) for slide in FIVE]
    changed[2]["notes"] = "This one says something quite different, and for longer."
    mended = made(world, a_pptx(*changed))

    script = script_of(world, mended)
    assert mended.result.scenes_reused == 4
    assert {script.parts[n].scene for n in script.missing} == {2}
    anew = made(world, a_pptx(*changed), fresh=True)
    assert anew.result.scenes_reused == 0
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    assert hashes_of(first, film_of(world, mended)) == hashes_of(second, film_of(world, anew))


def test_arabic_chinese_tables_charts_pictures_and_hidden_slides(world):
    deck = a_pptx(
        {"title": "العرض الجديد", "notes": "مرحبا بكم."},
        {"title": "春の発表", "tables": ((("a", "b"), ("1", "2")),), "notes": "你好。"},
        {"title": "Hidden", "hidden": True, "notes": "Nobody hears this."},
        {"title": "Sales", "chart": {"2030": {"Lima": 3, "Quito": 4}}, "notes": "Lima leads."},
        {"pictures": (a_picture("teal"), b"\x89PNG broken"), "video": True},
        {"pictures": (a_picture("red"),)},
    )
    job = made(world, deck)

    assert job.status is JobStatus.COMPLETED, job.error
    assert job.result.slides.count == 5
    told = "\n".join(job.result.warnings)
    assert "slide 4: left out: the drawing of a chart, its figures are shown" in told
    assert "slide 5: left out: a video" in told
    assert 'slide 5: left out: "picture 2" ' in told
    timeline = script_of(world, job).timeline
    silent = timeline.scenes[-1]
    assert silent.frames == 30, "nothing is said of it: it stands for seconds_per_slide"


def test_a_slide_without_notes_says_its_own_words_unless_it_shall_not(world):
    deck = a_pptx({"title": "Good morning", "body": ("Everybody",)})
    spoken = script_of(world, made(world, deck)).timeline
    silent = script_of(world, made(world, deck, without_notes="silence")).timeline

    assert [word.text for cue in spoken.cues for word in cue.words][:2] == ["Good", "morning."]
    assert not silent.cues
    assert silent.frames == 30


def test_an_open_document_with_cards_music_and_captions(world):
    music = send(world, a_tone(), name="music.wav", content_type="audio/wav")
    job = made(
        world,
        an_odp(*FIVE[:2]),
        content_type=ODP_TYPE,
        intro="Welcome.",
        outro="Goodbye.",
        music=music.id,
        captions="plain",
    )

    assert job.status is JobStatus.COMPLETED, job.error
    timeline = script_of(world, job).timeline
    kinds = [scene.source.type for scene in timeline.scenes]
    assert kinds == ["card", "picture", "picture", "card"]
    assert timeline.music.sha256 == music.sha256
    assert job.result.slides.count == 2


@pytest.mark.parametrize(
    ("slides", "why"),
    [((), "has no slides"), (({"title": "x", "hidden": True},), "shows no slide")],
)
def test_a_deck_that_shows_nothing_fails_with_the_reason(world, slides, why):
    job = made(world, a_pptx(*slides))
    assert job.status is JobStatus.FAILED
    assert why in job.error.detail
    assert job.stage is Stage.PROCESSING_SLIDES


def test_a_hostile_deck_fails_with_the_reason_and_what_to_do(world):
    job = made(world, a_pptx({"title": "x"}, parts={"../x": "y"}))
    assert job.status is JobStatus.FAILED
    assert "points out of it; open it, save it again" in job.error.detail


def test_only_a_deck_is_made_into_a_presentation(world):
    picture = send(world, a_picture("teal"), name="a.png", content_type="image/png")
    asked = PresentationSpec(deck=picture.id)
    with pytest.raises(Invalid) as refused:
        jobs.submit(world.deps, caller=a_caller(), wanted=Wanted(title="x", spec=asked))
    assert refused.value.faults[0].pointer == "/deck"
    assert FileType.PPTX in refused.value.faults[0].remedy


def test_two_hundred_slides_are_one_film(world):
    deck = a_pptx(*[{"title": f"Slide {n}"} for n in range(200)])
    job = made(
        world,
        deck,
        without_notes="silence",
        seconds_per_slide=0.5,
        transition="cut",
        resolution={"width": 128, "height": 128},
    )

    assert job.status is JobStatus.COMPLETED, job.error
    assert job.result.slides.count == 200
    assert job.result.frames == 200 * 15
