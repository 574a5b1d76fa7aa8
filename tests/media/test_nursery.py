"""Many files of one job decoded in turn, each in a confined process of its own."""

import json
from pathlib import Path

import numpy as np
import pytest

from reelsmith.errors import MediaError
from reelsmith.media import pictures
from reelsmith.media.nursery import Nursery
from reelsmith.media.run import Limits
from tests.pictures import a_picture

MOODY, LIMITS = "tests.media.moody", Limits(memory_bytes=1 << 30)


@pytest.fixture
def nursery():
    with Nursery() as made:
        yield made


@pytest.fixture
def ask(nursery, tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"anything")

    def run(mood, timeout_s=20.0):
        with file.open("rb") as opened:
            done = nursery.run(
                MOODY, [mood], cwd=tmp_path, timeout_s=timeout_s, limits=LIMITS, stdin=opened
            )
        return json.loads(done.stdout)

    return run


def children():
    tasks = Path("/proc/self/task").iterdir()
    return {pid for task in tasks for pid in (task / "children").read_text().split()}


def test_a_picture_is_the_same_as_when_it_is_decoded_alone(nursery, tmp_path):
    for n, colour in enumerate([(200, 30, 30), (30, 30, 200)]):
        file = tmp_path / f"{n}.png"
        file.write_bytes(a_picture(colour))
        alone = pictures.load(file, name="a", longest_side=200)
        together = pictures.load(file, name="a", longest_side=200, run=nursery.run)
        assert np.array_equal(alone, together)


def test_each_file_has_a_process_of_its_own_that_sees_nothing_of_ours(ask, monkeypatch):
    monkeypatch.setenv("REELSMITH_SECRET", "pepper")
    one, other = ask("tell"), ask("tell")
    assert one["pid"] != other["pid"]
    assert "REELSMITH_SECRET" not in one["environment"]


def test_a_damaged_file_is_named_and_the_next_one_is_decoded(nursery, tmp_path):
    bad, good = tmp_path / "bad.png", tmp_path / "good.png"
    bad.write_bytes(a_picture((1, 2, 3))[:60])
    good.write_bytes(a_picture((1, 2, 3)))
    with pytest.raises(MediaError, match=r"playa\.png"):
        pictures.load(bad, name="playa.png", run=nursery.run)
    assert pictures.load(good, name="good.png", run=nursery.run).shape == (600, 400, 3)


def test_a_decoder_that_dies_takes_no_other_with_it(ask):
    with pytest.raises(MediaError, match="ended by SIGSEGV"):
        ask("die")
    assert ask("tell")["pid"]


def test_a_decoder_that_lingers_is_stopped_and_the_next_file_is_decoded(ask):
    with pytest.raises(MediaError, match=r"took longer than 0\.5 s"):
        ask("linger", timeout_s=0.5)
    assert ask("tell")["pid"]


def test_nothing_is_left_running_at_the_end(tmp_path):
    file = tmp_path / "a.png"
    file.write_bytes(a_picture((1, 2, 3)))
    before = children()
    with Nursery() as nursery:
        pictures.inspect(file, name="a", run=nursery.run)
        assert children() > before
    assert children() == before
