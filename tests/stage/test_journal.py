import asyncio
from contextlib import closing

import pytest

from infra.local.journal import Change, Damaged, Journal

TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/films"


def a_change(sort: str, **item) -> Change:
    return Change(TABLE, "O#ana", sort, item or None)


def written(folder, *records: list[Change]) -> None:
    """Write records as a run does that then ends without a word."""

    async def run() -> None:
        with closing(Journal(folder)) as journal:
            for record in records:
                journal.append(record)
            await journal.durable()

    asyncio.run(run())


def read_back(folder) -> list[list[Change]]:
    with closing(Journal(folder)) as journal:
        return list(journal.replay())


def test_what_was_written_is_read_back_in_order(tmp_path):
    first = [a_change("J#1", status={"S": "queued"}), a_change("J#2", title={"S": "Verão ☀"})]
    written(tmp_path, first, [a_change("J#2")])

    assert read_back(tmp_path) == [first, [a_change("J#2")]]


def test_runs_follow_each_other_and_nothing_of_the_earlier_ones_is_lost(tmp_path):
    written(tmp_path, [a_change("J#1", n={"N": "1"})])
    written(tmp_path, [a_change("J#1", n={"N": "2"})])

    assert [change.item["n"]["N"] for [change] in read_back(tmp_path)] == ["1", "2"]


@pytest.mark.parametrize("lost", [1, 7, 30])
def test_a_record_torn_by_a_crash_is_cut_off_and_the_ones_before_it_stand(tmp_path, lost):
    written(tmp_path, [a_change("J#1", n={"N": "1"})], [a_change("J#2", n={"N": "2"})])
    [file] = tmp_path.glob("*.journal")
    file.write_bytes(file.read_bytes()[:-lost])

    assert read_back(tmp_path) == [[a_change("J#1", n={"N": "1"})]]
    written(tmp_path, [a_change("J#3", n={"N": "3"})])
    assert [change.sort for [change] in read_back(tmp_path)] == ["J#1", "J#3"]


def test_a_flipped_bit_is_noticed(tmp_path):
    written(tmp_path, [a_change("J#1", n={"N": "1"})])
    [file] = tmp_path.glob("*.journal")
    body = bytearray(file.read_bytes())
    body[-3] ^= 1
    file.write_bytes(body)

    assert read_back(tmp_path) == []


def test_a_torn_file_in_the_middle_stops_the_start(tmp_path):
    written(tmp_path, [a_change("J#1", n={"N": "1"})])
    written(tmp_path, [a_change("J#2", n={"N": "2"})])
    oldest = min(tmp_path.glob("*.journal"))
    oldest.write_bytes(oldest.read_bytes()[:-1])

    with pytest.raises(Damaged, match="torn"):
        read_back(tmp_path)


def test_a_snapshot_forgets_what_came_before_it_and_keeps_what_comes_after(tmp_path):
    async def run() -> None:
        with closing(Journal(tmp_path)) as journal:
            journal.append([a_change("J#1", n={"N": "1"})])
            covered = await journal.begin_next()
            journal.append([a_change("J#2", n={"N": "2"})])
            journal.forget(covered)
            await journal.durable()

    asyncio.run(run())

    assert read_back(tmp_path) == [[a_change("J#2", n={"N": "2"})]]


def test_nobody_is_answered_before_the_disk_has_it(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr("infra.local.journal.os.fsync", synced.append)

    async def run() -> None:
        with closing(Journal(tmp_path)) as journal:
            synced.clear()
            journal.append([a_change("J#1", n={"N": "1"})])
            await asyncio.gather(*(journal.durable() for _ in range(20)))
            await journal.durable()

    asyncio.run(run())

    assert len(synced) == 1, "twenty that wait for one record share its fsync"
