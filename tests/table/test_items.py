"""How entities become items and come back."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelsmith.domain.jobs import Job
from reelsmith.table import items, keys
from reelsmith.table.items import decode, encode, to_entity, to_item, upcast
from tests.builders import a_job, a_spec, a_video
from tests.table.steps import a_film, as_started

SAME_EACH_TIME = settings(derandomize=True, database=None, deadline=None)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**37), 10**37)
    | st.floats(allow_nan=False, allow_infinity=False, min_value=-1e100, max_value=1e100)
    | st.text(max_size=20)
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@SAME_EACH_TIME
@given(JSON)
def test_every_json_value_comes_back(value):
    assert decode(encode(value)) == value


@SAME_EACH_TIME
@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4))
def test_a_callers_map_comes_back_exactly(metadata):
    item = to_item(a_video(metadata=metadata), "video", keys.video("t", "v"))

    back = to_entity(type(a_video()), item).metadata

    assert json.dumps(back) == json.dumps(metadata)


def test_what_is_none_on_purpose_stays_none():
    spec = a_spec(voice=None, music=None)

    item = to_item(spec, "spec", keys.job_spec("t", "j"))

    assert "music" not in item, "None by default takes no room"
    assert to_entity(type(spec), item) == spec


def test_an_item_of_an_older_version_is_read_as_a_new_one(monkeypatch):
    def priority_was_a_number(item):
        if isinstance(item.get("priority"), int):
            item["priority"] = ("low", "normal", "high", "urgent")[item["priority"]]
        return item

    def name_became_title(item):
        return {"title": item.pop("name"), **item} if "name" in item else item

    old = to_item(a_job(title="x"), "job", keys.job("t", "j")) | {"priority": 2, "name": "Sale"}
    del old["title"]
    monkeypatch.setitem(items.UPCASTERS, ("job", 1), priority_was_a_number)
    monkeypatch.setitem(items.UPCASTERS, ("job", 2), name_became_title)

    job = to_entity(Job, old)

    assert (job.title, job.priority) == ("Sale", "high")
    assert old["priority"] == 2, "the stored item is left as it is"
    assert to_item(job, "job", keys.job("t", "j"))["sv"] == 3
    assert upcast({"et": "job", "sv": 9}) == {"et": "job", "sv": 9}, "newer rows are left alone"


def test_fields_that_newer_code_wrote_are_ignored():
    done, _ = a_film(as_started(a_job()))
    item = to_item(done, "job", keys.job("t", "j")) | {"mood": "sunny"}

    assert to_entity(Job, item) == done


def test_what_cannot_be_stored_is_refused_at_once():
    with pytest.raises(TypeError, match="set"):
        encode({1})
