import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelsmith.domain.jobs import JobStatus, Priority, UgcSpec
from reelsmith.errors import Conflict
from tests.builders import EPOCH, a_job

FINAL = {JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED}


@given(st.sampled_from(sorted(FINAL)), st.sampled_from(JobStatus))
def test_an_ended_job_never_moves_again(status, target):
    with pytest.raises(Conflict, match=f"is {status}, it cannot become"):
        a_job(status=status).moved_to(target, at=EPOCH)


def test_a_job_goes_from_queued_through_processing_to_its_end():
    running = a_job().moved_to(JobStatus.PROCESSING, at=EPOCH, attempt=1)
    assert running.moved_to(JobStatus.COMPLETED, at=EPOCH).status.final


def test_a_queued_job_cannot_be_completed_by_anybody():
    with pytest.raises(Conflict):
        a_job().moved_to(JobStatus.COMPLETED, at=EPOCH)


def test_each_attempt_has_a_run_of_its_own_name():
    job = a_job()
    names = [job.model_copy(update={"attempt": n}).run for n in (1, 2, 3)]
    assert names == [job.id, f"{job.id}-r2", f"{job.id}-r3"]


def test_the_most_urgent_lane_comes_first():
    assert sorted(Priority, key=lambda lane: lane.rank)[0] is Priority.URGENT


def test_a_spec_has_the_defaults_that_the_product_promises():
    spec = UgcSpec(text_prompt="Hola")
    assert (spec.language, spec.duration_per_image, spec.ugc_type) == ("es", 3.0, "ugc_video_ad")
    assert (spec.resolution.width, spec.resolution.height) == (1080, 1920)
    assert spec.metadata == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"text_prompt": "  "},
        {"duration_per_image": 0},
        {"resolution": {"width": 1081, "height": 1920}},
        {"language": "klingon!"},
        {"metadata": {"long": "x" * 20_000}},
    ],
)
def test_a_spec_that_makes_no_film_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        UgcSpec.model_validate({"text_prompt": "Hola"} | wrong)
