from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reelsmith.domain import ids
from reelsmith.domain.ids import Kind

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@given(st.binary(min_size=10, max_size=10), st.sampled_from(Kind))
def test_an_id_is_a_prefix_and_a_version_7_uuid(randomness, kind):
    made = ids.at(kind, NOON, randomness)
    assert ids.is_id(kind, made)
    assert len(made) == 36
    assert made[16] == "7"
    assert made[20] in "89ab"


@given(st.binary(min_size=10, max_size=10), st.binary(min_size=10, max_size=10))
def test_ids_sort_by_time(one, other):
    later = NOON + timedelta(milliseconds=1)
    assert ids.at(Kind.JOB, NOON, one) < ids.at(Kind.JOB, later, other)


def test_the_same_work_has_the_same_id_and_other_work_another():
    first = ids.derived(Kind.EVENT, NOON, "job", "started-1")
    assert first == ids.derived(Kind.EVENT, NOON, "job", "started-1")
    assert first != ids.derived(Kind.EVENT, NOON, "job", "started-2")
    assert first != ids.derived(Kind.EVENT, NOON, "jobstarted-1", "")


def test_what_is_no_id_is_told_apart():
    assert not ids.is_id(Kind.JOB, "vid_" + "0" * 32)
    assert not ids.is_id(Kind.JOB, "job_" + "0" * 31)
    assert not ids.is_id(Kind.JOB, "job_" + "G" * 32)
