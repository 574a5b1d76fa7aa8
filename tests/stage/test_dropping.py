"""A person with a folder: what they drop becomes one film, also when the power goes."""

import time

import pytest

from infra.local import scenery
from infra.local.orders import DROP_NAME
from reelsmith.media.check import measure

pytestmark = pytest.mark.stage

SIDECAR = """
title: Café
text_prompt: Café recién tostado.
language: es
resolution: {width: 270, height: 480}
"""


def wait_for(look, within_s: float = 90.0):
    until = time.monotonic() + within_s
    while not (found := look()):
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.2)
    return found


def drop(stage, name: str, sidecar: str) -> None:
    folder = stage.place.drop / "in" / name
    folder.mkdir()
    scenery.mountains(scenery.DAWN, 5).resize((300, 400)).save(folder / "-1 foto ñ.jpg")
    (folder / "reel.yaml").write_text(sidecar, "utf-8")


def jobs_of(stage, name: str) -> list[dict]:
    return [job for job in stage.api.ask("GET", "/v1/jobs")["data"] if job["drop"] == name]


def test_a_dropped_set_becomes_one_film_though_the_stage_is_killed_while_it_is_made(stage):
    drop(stage, DROP_NAME, SIDECAR)
    wait_for(lambda: [j for j in jobs_of(stage, DROP_NAME) if j["status"] == "processing"])
    stage.kill()
    stage.start()

    film = stage.place.drop / "out" / DROP_NAME / "film.mp4"
    wait_for(lambda: film.exists() and not (stage.place.drop / "in" / DROP_NAME).exists())
    [job] = jobs_of(stage, DROP_NAME)
    assert job["status"] == "completed"
    assert measure(film).sha256 == job["result"]["sha256"]
    assert (stage.place.drop / "done" / DROP_NAME / "-1 foto ñ.jpg").exists()


def test_a_set_that_cannot_be_a_film_is_given_back_with_the_reason(stage):
    drop(stage, "sin palabras", "title: nothing to say")

    error = stage.place.drop / "failed" / "sin palabras" / "error.json"
    wait_for(error.exists)
    assert "text_prompt" in error.read_text("utf-8")
    assert jobs_of(stage, "sin palabras") == []
