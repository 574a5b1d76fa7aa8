"""Who narrates where the first voice cannot: another does, in all of the film, and is named."""

from dataclasses import dataclass, replace

import pytest

from reelsmith.domain.jobs import JobStatus
from reelsmith.engines.espeak import EspeakSpeaker
from reelsmith.errors import Invalid, Unavailable
from tests.flow.test_films import made
from tests.world import a_world


@dataclass
class Star:
    """A voice of a service: it has Lucia and speaks Spanish, and fails from its n-th line on."""

    fails_at: int = 99
    lines: int = 0
    name = "star"

    def fingerprint(self, *, language, voice):
        if not language.startswith("es"):
            raise Invalid.field("/language", f"no {language}", remedy="use es")
        if voice not in {None, "Lucia"}:
            raise Invalid.field("/voice", f"no voice {voice}", remedy="use Lucia")
        return f"star/{voice}"

    def speak(self, text, *, language, voice, out):
        self.lines += 1
        if self.lines >= self.fails_at:
            raise Unavailable("the service is busy")
        said = EspeakSpeaker().speak(text, language=language, voice="m3", out=out)
        return said.model_copy(update={"engine": self.name})


@pytest.fixture
def stage():
    """A world whose first voice is a service's, with espeak as its understudy."""
    with a_world() as world:

        def cast(star):
            world.deps = replace(world.deps, speaker=star, understudies=(EspeakSpeaker(),))
            world.machine.deps = world.deps
            return world

        yield cast


TWO_LINES = "Compra ya. Mañana sube."


def test_the_first_voice_narrates_where_it_can(stage):
    job = made(stage(Star()), text_prompt=TWO_LINES, voice="Lucia", language="es")
    assert (job.status, job.result.voice_engine) == (JobStatus.COMPLETED, "star")
    assert not any("narrates instead" in warning for warning in job.result.warnings)


def test_a_voice_that_fails_half_way_is_replaced_in_the_whole_film_and_the_result_says_why(stage):
    star = Star(fails_at=2)
    job = made(stage(star), text_prompt=TWO_LINES, voice="Lucia", language="es")
    assert (job.status, job.result.voice_engine) == (JobStatus.COMPLETED, "espeak")
    assert star.lines == 2
    told = "star did not narrate: the service is busy; espeak narrates instead"
    assert told in job.result.warnings


def test_a_language_that_the_first_voice_has_not_is_narrated_by_the_next(stage):
    job = made(stage(Star()), text_prompt="Buy now.", language="en")
    assert job.result.voice_engine == "espeak"
    assert any("no en; espeak narrates instead" in warning for warning in job.result.warnings)


def test_a_voice_that_is_asked_for_by_its_name_is_no_fallback(stage):
    job = made(stage(Star()), text_prompt="Compra ya.", voice="f5", language="es")
    assert job.result.voice_engine == "espeak"
    assert not any("narrates instead" in warning for warning in job.result.warnings)


def test_a_voice_that_nobody_has_fails_the_job_with_a_remedy(stage):
    job = made(stage(Star()), text_prompt="Compra ya.", voice="Nobody", language="es")
    assert (job.status, job.error.code) == (JobStatus.FAILED, "invalid_request")
    assert "Nobody" in job.error.detail
