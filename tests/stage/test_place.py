import socket
import stat

import pytest

from infra.local.place import HOST, Place, read_json, write_secret
from infra.local.stage import AlreadyRunning, hold, runs


@pytest.fixture
def place(tmp_path):
    made = Place.at(tmp_path / "data")
    made.make()
    return made


def test_a_stage_keeps_its_port_as_long_as_it_is_free(place):
    port = place.port()

    assert place.port() == port
    with socket.socket() as other:
        other.bind((HOST, port))
        other.listen()
        assert place.port() != port


def test_two_places_have_two_ports(tmp_path):
    first, second = (Place.at(tmp_path / name) for name in ("one", "two"))
    first.make()
    second.make()
    with socket.socket() as running:
        running.bind((HOST, first.port()))
        assert second.port() != running.getsockname()[1]


def test_one_place_has_one_stage(place):
    with hold(place):
        assert runs(place)
        with pytest.raises(AlreadyRunning):
            hold(place)
    assert not runs(place)


def test_the_process_id_that_a_dead_stage_left_behind_counts_for_nothing(place):
    place.lock.write_text("1")

    assert not runs(place)


def test_a_secret_is_written_whole_and_for_its_owner_only(place):
    write_secret(place.card, {"api_key": "first"})
    write_secret(place.card, {"api_key": "second"})

    assert read_json(place.card) == {"api_key": "second"}
    assert stat.S_IMODE(place.card.stat().st_mode) == 0o600
    assert [file.name for file in place.root.glob(".stage.json*")] == []


def test_a_torn_file_is_as_good_as_none(place):
    place.card.write_text('{"api_key": "fir')

    assert read_json(place.card) is None
