"""Presentations over HTTPS: asked for, read back, refused with the field that is wrong."""

import pytest

from reelsmith.domain.assets import FileType
from reelsmith.domain.presentations import PresentationSpec
from tests.builders import an_asset, an_entry
from tests.calling import Api
from tests.table.steps import arrived
from tests.world import a_world


@pytest.fixture
def world():
    with a_world() as made:
        yield made


@pytest.fixture
def api(world):
    return Api(world.deps)


def a_deck_in(world, **changes):
    deck = an_asset(**{"original_filename": "talk.pptx", "file_type": FileType.PPTX} | changes)
    world.deps.assets.add(deck, entry=an_entry(resource=deck.id))
    arrived(world.deps.assets, deck)
    return deck.id


def test_a_deck_is_asked_for_and_all_of_it_can_be_seen_again(world, api):
    asked = {
        "deck": a_deck_in(world),
        "language": "en",
        "hold_seconds": 2.5,
        "include_hidden": True,
        "intro": "Welcome.",
        "metadata": {"quarter": 3},
    }
    status, job, head = api("POST", "/v1/presentations", {"title": "Third quarter"} | asked)
    assert (status, job["kind"], job["status"]) == (202, "presentation", "queued")

    status, seen, _ = api("GET", head["Location"])
    assert status == 200
    assert {name: seen[name] for name in asked} == asked
    assert PresentationSpec.model_fields.keys() <= seen.keys()
    assert (seen["slides_count"], seen["fidelity"], seen["video_url"]) == (None, None, None)
    assert seen["resolution"] == {"width": 1920, "height": 1080}
    (listed,) = api("GET", "/v1/jobs", query={"kind": "presentation"})[1]["data"]
    assert listed["id"] == job["id"]


def test_asking_twice_with_one_key_is_one_job(world, api):
    asked = {"title": "Third quarter", "deck": a_deck_in(world)}
    first = api("POST", "/v1/presentations", asked, headers={"idempotency-key": "q3"})
    again = api("POST", "/v1/presentations", asked, headers={"idempotency-key": "q3"})
    assert first[1]["id"] == again[1]["id"]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"deck": "ast_nobody"}, "/deck"),
        ({"hold_seconds": -1}, "/hold_seconds"),
        ({"text_prompt": "Buy"}, "/text_prompt"),
        ({"without_notes": "sing"}, "/without_notes"),
    ],
)
def test_a_wrong_field_is_named(world, api, wrong, pointer):
    asked = {"title": "Third quarter", "deck": a_deck_in(world)} | wrong
    status, told, _ = api("POST", "/v1/presentations", asked)
    assert status == 422
    assert told["errors"][0]["pointer"] == pointer
