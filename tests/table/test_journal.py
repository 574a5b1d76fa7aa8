"""The journal in the table: read in three orders, sealed once per number, forged at its rows."""

from datetime import datetime, timedelta
from threading import Thread

import pytest

from reelsmith.domain import seals
from reelsmith.domain.audit import RETENTION
from reelsmith.domain.seals import SealedEntry
from reelsmith.table import keys
from reelsmith.table.database import Refused, key_of
from reelsmith.table.items import encode_item
from reelsmith.usecases import sealing, verifying
from reelsmith.usecases.verifying import Fault
from tests.builders import EPOCH, TENANT, a_tenant, an_entry, an_id
from tests.desks import Desk

ANA, BEN = "usr_ana", "usr_ben"
SALE, BEACH = "job_sale", "ast_beach"


@pytest.fixture
def journal(table):
    return table.repositories.journal


def later(minutes):
    return EPOCH + timedelta(minutes=minutes)


def written(journal, *told):
    """Entries of (actor, resource), a minute after each other."""
    made = [
        an_entry(at=later(n + 1), resource=resource, n=n).model_copy(update={"actor": actor})
        for n, (actor, resource) in enumerate(told)
    ]
    for entry in made:
        journal.note(entry)
    return made


def desk(table, *, at):
    """The use-cases' desk with the journal of a real table on it."""
    made = Desk(table.repositories.journal)
    made.at = at
    return made


def test_the_journal_is_read_by_time_by_actor_and_by_thing(journal):
    one, two, three = written(journal, (ANA, SALE), (BEN, SALE), (ANA, BEACH))

    assert journal.page(TENANT, limit=3).entries == (three, two, one)
    assert journal.page(TENANT, actor=ANA, limit=9).entries == (three, one)
    assert journal.page(TENANT, resource=SALE, limit=9).entries == (two, one)
    assert journal.page(TENANT, actor="usr_nobody", limit=9).entries == ()


@pytest.mark.parametrize("order", [{}, {"actor": ANA}, {"resource": SALE}])
def test_pages_neither_skip_nor_repeat_in_any_order(journal, order):
    made = written(journal, *[(ANA, SALE)] * 7)
    span = {"since": later(1), "until": later(8)}
    found, after = [], None
    while True:
        page = journal.page(TENANT, **order, **span, after=after, limit=3)
        found += page.entries
        after = page.after
        if after is None:
            break
    assert found == made[::-1]


def test_a_span_begins_with_its_first_moment_and_ends_before_its_last(journal):
    made = written(journal, *[(ANA, SALE)] * 4)

    page = journal.page(TENANT, since=later(2), until=later(4), limit=9)

    assert page.entries == (made[2], made[1])
    assert journal.page(TENANT, since=later(4), until=later(2), limit=9).entries == ()


def test_an_id_that_no_key_can_hold_has_no_history(journal):
    assert journal.page(TENANT, actor="u" * 3000, limit=9).entries == ()


def test_another_tenants_entries_are_in_no_order_of_ours(table, journal):
    other = a_tenant(id=an_id("ten"))
    theirs = an_entry(tenant=other.id, resource=SALE, at=later(1))
    journal.note(theirs.model_copy(update={"actor": ANA}))

    assert journal.page(TENANT, actor=ANA, limit=9).entries == ()
    assert journal.page(TENANT, resource=SALE, limit=9).entries == ()


def test_noting_the_same_entry_twice_is_once_and_another_in_its_place_is_refused(journal):
    entry = an_entry(at=later(1))
    journal.note(entry)
    journal.note(entry)

    with pytest.raises(Refused):
        journal.note(entry.model_copy(update={"actor": BEN}))
    assert journal.page(TENANT, since=later(1), limit=9).entries == (entry,)


def test_rows_and_links_go_by_themselves_after_the_same_time(table, journal):
    journal.note(an_entry(at=later(1)))
    sealing.seal_due(desk(table, at=later(60)))

    rows = [item for item in table.items() if item.get("et") in ("event", "seal")]
    assert {row["et"] for row in rows} == {"event", "seal"}
    for row in rows:
        since = datetime.fromisoformat(row.get("sealed_at") or row["at"])
        assert row["ttl"] == int((since + RETENTION).timestamp())


def test_of_links_made_at_once_one_is_stored_and_told_of(table, journal):
    entries = (SealedEntry(place="0#evt", digest="d"),)
    links = [
        seals.link(TENANT, None, entries, until=EPOCH, at=EPOCH + timedelta(seconds=n))
        for n in range(6)
    ]
    stored = {}

    def add(link):
        entry = an_entry(resource=link.digest, at=later(9))
        stored[link.digest] = journal.add_seal(link, entry=entry)

    threads = [Thread(target=add, args=(link,)) for link in links]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (won,) = (digest for digest, first in stored.items() if first)
    assert journal.last_seal(TENANT).digest == won
    told = journal.page(TENANT, since=later(9), limit=9).entries
    assert [entry.resource for entry in told] == [won]


def test_a_link_whose_answer_was_lost_counts_as_stored(journal):
    entries = (SealedEntry(place="0#evt", digest="d"),)
    link = seals.link(TENANT, None, entries, until=EPOCH, at=EPOCH)
    entry = an_entry(at=later(1))

    assert journal.add_seal(link, entry=entry)
    assert journal.add_seal(link, entry=entry)


def test_what_a_forger_does_to_rows_and_links_in_the_table_is_found(table, journal):
    made = written(journal, *[(ANA, SALE)] * 12)
    sealing.seal_due(desk(table, at=later(60)))
    checker = desk(table, at=later(61))
    places = [place for place, _ in journal.entries(TENANT, until=later(30))]
    forger = Forger(table)

    def found():
        broken = verifying.verify(checker, tenant=TENANT).broken
        return (broken.where, broken.fault) if broken else None

    assert found() is None
    victim = places[6]
    with forger.at(keys.journal(TENANT, victim)) as row:
        row.put(row.item | {"actor": BEN})
        assert found() == (victim, Fault.ALTERED)
        row.put(row.item | {"changes": "{"})
        assert found() == (victim, Fault.ALTERED)
        row.put(row.item | {"et": "job"} | {"at": "once"})
        assert found() == (victim, Fault.ALTERED)
        row.delete()
        assert found() == (victim, Fault.MISSING)
    with forger.at(keys.seal(TENANT, 0)) as link:
        link.put(link.item | {"digest": "0" * 64})
        assert found() == ("link 0", Fault.ALTERED)
        link.put(link.item | {"number": 1})
        assert found() == ("link 0", Fault.LINK)
        link.delete()
        assert found() == ("link 0", Fault.MISSING)
    assert found() is None
    assert made[0] in [entry for _, entry in journal.entries(TENANT)]


class Forger:
    """Somebody who writes to the table past our code, and tidies up."""

    def __init__(self, table):
        self._database = table.database

    def at(self, key):
        return _Forged(self._database, key)


class _Forged:
    def __init__(self, database, key):
        self._database, self._key = database, key

    def __enter__(self):
        self.item = self._database.get(self._key)
        return self

    def __exit__(self, *_):
        self.put(self.item)

    def put(self, item):
        request = {"TableName": self._database.name, "Item": encode_item(item)}
        self._database.call("PutItem", request)

    def delete(self):
        request = {"TableName": self._database.name, "Key": key_of(self._key)}
        self._database.call("DeleteItem", request)
