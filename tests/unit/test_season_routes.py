"""Jobs of kind `batch` as callers see them."""

import pytest

from reelsmith.usecases import seasons
from tests.calling import Api
from tests.world import a_world

SEASON = {
    "kind": "batch",
    "title": "Season 1",
    "urls": ["https://example.com/1.mp4", "https://example.com/2.mp4"],
    "data": {"show": "X"},
}


@pytest.fixture
def world():
    with a_world() as made:
        yield made


@pytest.fixture
def api(world):
    return Api(world.deps)


def test_a_season_is_accepted_and_shows_its_downloads(api, world):
    status, job, head = api("POST", "/v1/jobs", SEASON)
    assert (status, job["kind"], job["status"]) == (202, "batch", "queued")
    seasons.advance(world.deps, seconds=60)

    _, seen, _ = api("GET", head["Location"])
    assert (seen["stage"], seen["batch_type"], seen["data"]) == (
        "downloading",
        "season",
        {"show": "X"},
    )
    assert [task["task_type"] for task in seen["tasks"]] == ["download", "download"]
    assert (seen["urls"], seen["assets"], seen["warnings"]) == (SEASON["urls"], [], [])


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"urls": []}, "/urls"),
        ({"urls": ["ftp://example.com/x"]}, "/urls/0"),
        ({"batch_type": "film"}, "/batch_type"),
        ({"kind": "opera"}, "/kind"),
        ({"kind": ["x"]}, "/kind"),
        ({"text_prompt": "Hi"}, "/text_prompt"),
    ],
)
def test_what_is_wrong_is_named_without_the_kind(api, wrong, pointer):
    status, problem, _ = api("POST", "/v1/jobs", SEASON | wrong)
    assert status == 422
    assert pointer in [fault["pointer"] for fault in problem["errors"]]
