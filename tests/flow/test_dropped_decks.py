"""A deck in a drop folder, with a sidecar beside it, becomes a film."""

import pytest

from reelsmith.domain.assets import FileType
from reelsmith.domain.jobs import JobKind, JobStatus
from reelsmith.usecases import dispatching
from tests.builders import TENANT
from tests.dropping import box, deliver, put, receipt, the_jobs
from tests.media.decks import a_pptx, an_odp
from tests.world import a_world

DECK = a_pptx({"title": "Third quarter", "notes": "We sold more."})
ASKED = b"kind: presentation\nlanguage: en\nresolution: {width: 320, height: 180}\n"


@pytest.fixture
def world():
    with a_world() as made:
        yield made


def test_a_deck_with_a_sidecar_becomes_a_film(world):
    put(world, "talk.pptx", DECK)
    deliver(world, put(world, "reel.yaml", ASKED))
    dispatching.start_due(world.deps)
    world.machine.drive()

    (job,) = the_jobs(world)
    assert (job.kind, job.status) == (JobKind.PRESENTATION, JobStatus.COMPLETED)
    deck = world.deps.assets.get(TENANT, world.deps.jobs.spec(TENANT, job.id).deck)
    assert (deck.file_type, deck.original_filename) == (FileType.PPTX, "talk.pptx")
    assert deck.content_type.endswith("presentationml.presentation")
    assert "film.mp4" in box(world, "out")


def test_a_named_deck_is_taken_among_several_and_no_picture_beside_it(world):
    put(world, "one.pptx", DECK)
    put(world, "two.odp", an_odp({"title": "x"}))
    put(world, "logo.png", b"no picture at all")
    deliver(world, put(world, "reel.yaml", b"deck: two.odp\nlanguage: en\n"))

    (job,) = the_jobs(world)
    deck = world.deps.assets.get(TENANT, world.deps.jobs.spec(TENANT, job.id).deck)
    assert deck.file_type is FileType.ODP


@pytest.mark.parametrize(
    ("files", "sidecar", "why"),
    [
        (("a.pptx", "b.pptx"), ASKED, "several decks are in the folder"),
        ((), ASKED, "there is no deck in the folder"),
        (("a.pptx",), ASKED + b"text_prompt: Buy now.\n", "there is no such field"),
        (("a.pptx",), ASKED + b"hold_seconds: 900\n", "less than or equal to 60"),
    ],
)
def test_what_is_wrong_with_a_set_is_told_in_its_folder(world, files, sidecar, why):
    for file in files:
        put(world, file, DECK)
    deliver(world, put(world, "reel.yaml", sidecar))

    assert the_jobs(world) == ()
    assert why in receipt(world)["errors"][0]["detail"]
