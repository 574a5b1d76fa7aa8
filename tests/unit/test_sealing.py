"""The chain grows by itself, and whatever dies beside it, it stays whole."""

from datetime import timedelta

import pytest

from reelsmith.domain import seals
from reelsmith.domain.seals import SEALED
from reelsmith.usecases import sealing, vault, verifying
from reelsmith.usecases.sealing import LINK_MOST, LINKS_MOST, REST
from tests.builders import TENANT, an_entry
from tests.desks import Desk, Killed, PaperJournal, PaperVault


def whole(desk):
    return verifying.verify(desk, tenant=TENANT)


def test_an_entry_is_sealed_once_it_has_come_to_rest():
    desk = Desk()
    desk.paper.note(an_entry(at=desk.at))
    desk.at += REST
    assert sealing.seal_due(desk).links == 0

    desk.at += timedelta(seconds=1)

    assert sealing.seal_due(desk) == sealing.Round(links=1, entries=1)
    assert whole(desk).rows == 1


def test_a_link_holds_a_hundred_entries_and_a_round_seals_a_bounded_number():
    desk = Desk()
    desk.wrote(LINK_MOST * LINKS_MOST + 1, apart=timedelta(milliseconds=1))

    assert sealing.seal_due(desk) == sealing.Round(LINKS_MOST, LINK_MOST * LINKS_MOST)
    assert sealing.seal_due(desk) == sealing.Round(1, 1)
    found = whole(desk)
    assert (found.broken, found.links) == (None, LINKS_MOST + 1)


def test_entries_of_one_millisecond_are_all_sealed_across_a_border_of_links():
    desk = Desk()
    for micro in range(0, 900, 3):
        desk.paper.note(an_entry(at=desk.at.replace(microsecond=900 - micro)))
    desk.at += timedelta(hours=1)

    assert sealing.seal_due(desk).entries == 300
    assert whole(desk).broken is None


def test_a_tenant_that_does_nothing_gets_no_links():
    desk = Desk()
    desk.wrote(3)
    sealing.seal_due(desk)
    for _ in range(10):
        desk.at += timedelta(hours=1)
        assert sealing.seal_due(desk).links == 0


def test_the_journal_tells_of_each_link():
    desk = Desk()
    desk.wrote(3)
    sealing.seal_due(desk)
    desk.wrote(1)
    sealing.seal_due(desk)

    told = [e.changes for _, e in desk.paper.entries(TENANT) if e.action == SEALED]

    chain = desk.paper.links.values()
    assert [(t["number"], t["digest"]) for t in told] == [(k.number, k.digest) for k in chain]


@pytest.mark.parametrize("step", range(1, 12))
def test_two_rounds_at_once_do_not_fork_the_chain(step):
    """The other round seals right before the nth call of ours."""
    paper = PaperJournal()
    ours, theirs = Desk(paper), Desk(paper)
    ours.wrote(250, apart=timedelta(milliseconds=5))
    theirs.at = ours.at + timedelta(seconds=2)
    rounds = []
    ours.meanwhile = {step: lambda: rounds.append(sealing.seal_due(theirs))}

    rounds.append(sealing.seal_due(ours))

    ours.at += timedelta(hours=1)
    found = whole(ours)
    assert (found.broken, found.links, found.rows) == (None, 3, 250)
    assert sum(made.entries for made in rounds) == 250


def test_a_clock_that_is_behind_makes_no_link_older_than_the_last():
    desk = Desk()
    desk.wrote(3)
    sealing.seal_due(desk)
    desk.wrote(3)
    desk.at -= timedelta(minutes=50)
    sealing.seal_due(desk)

    moments = [link.sealed_at for link in desk.paper.links.values()]
    assert moments == sorted(moments)
    assert whole(desk).broken is None


@pytest.mark.parametrize("when", ["dies_before", "dies_after"])
def test_a_round_killed_at_any_call_leaves_a_chain_that_the_next_makes_whole(when):
    point = 0
    while True:
        point += 1
        desk = Desk(vault=PaperVault())
        desk.wrote(150)
        setattr(desk, when, point)
        try:
            sealing.seal_due(desk)
        except Killed:
            assert whole(desk).broken is None, point
        else:
            break
        desk.wrote(60)
        sealing.seal_due(desk)
        desk.wrote(0)
        sealing.seal_due(desk)

        found = whole(desk)
        assert (found.broken, found.rows >= 210) == (None, True), point
        assert desk.safe.numbers() == sorted(desk.paper.links), point
    assert point > 10


def test_what_lies_in_the_vault_is_the_rows_and_their_link():
    desk = Desk(vault=PaperVault())
    desk.wrote(150)

    assert sealing.seal_due(desk).laid == 2

    (first, second) = desk.safe.objects.values()
    assert (first.count(b"\n"), second.count(b"\n")) == (LINK_MOST + 1, 51)
    assert list(vault.digests(desk.safe, TENANT)) == [
        (link.number, link.digest) for link in desk.paper.links.values()
    ]


def test_a_vault_that_is_switched_on_later_gets_the_whole_chain():
    desk = Desk()
    for _ in range(23):
        desk.wrote(1)
        sealing.seal_due(desk)
    desk.safe = PaperVault()

    assert sealing.seal_due(desk).laid == 23
    assert sealing.seal_due(desk).laid == 0


def test_links_that_the_vault_forgot_are_not_laid_again():
    desk = Desk(vault=PaperVault())
    for _ in range(20):
        desk.wrote(1)
        sealing.seal_due(desk)
    for key in sorted(desk.safe.objects)[:5]:
        del desk.safe.objects[key]
    del desk.safe.objects[max(desk.safe.objects)]

    assert sealing.seal_due(desk).laid == 1
    assert desk.safe.numbers() == list(range(5, 20))


def test_a_chain_at_rest_costs_the_vault_nothing():
    desk = Desk(vault=PaperVault())
    desk.wrote(3)
    sealing.seal_due(desk)
    desk.at += timedelta(days=2)
    desk.safe.head = None  # nobody asks

    assert sealing.seal_due(desk).laid == 0


def test_a_digest_outlives_fields_that_a_later_version_adds():
    entry = an_entry()
    plain = {name: value for name, value in entry.model_dump().items() if value}
    assert seals.digest_of(entry) == seals.digest_of(type(entry).model_validate(plain))
