"""Whatever is done to a sealed journal behind our back is found, and called by its name."""

from copy import copy
from datetime import timedelta

import pytest

from reelsmith.domain import seals
from reelsmith.domain.audit import RETENTION
from reelsmith.domain.seals import SEALED
from reelsmith.usecases import sealing, verifying
from reelsmith.usecases.verifying import Fault
from tests.builders import TENANT, an_entry
from tests.desks import Desk, PaperJournal, PaperVault

ROWS = 200


@pytest.fixture(scope="module")
def written():
    """A journal of 200 rows, sealed in three rounds."""
    desk = Desk()
    for rows in (120, 50, 30):
        desk.wrote(rows)
        sealing.seal_due(desk)
    return desk


@pytest.fixture
def desk(written):
    """The same journal for one forger."""
    mine = Desk(PaperJournal(dict(written.paper.rows), dict(written.paper.links)))
    mine.at = written.at
    return mine


def verdict(desk):
    return verifying.verify(desk, tenant=TENANT)


def broken(desk):
    found = verdict(desk).broken
    assert found
    return found.where, found.fault


def sealed_places(desk):
    return [sealed.place for link in desk.paper.links.values() for sealed in link.entries]


def each_row(desk):
    """Every row's place with a copy of the journal to forge."""
    rows, places = desk.paper.rows, sealed_places(desk)
    assert len(places) >= ROWS
    for place in places:
        desk.paper.rows = dict(rows)
        yield place
    desk.paper.rows = rows


def test_a_journal_that_nobody_touched_is_whole(desk):
    found = verdict(desk)

    assert found.broken is None
    assert found.links == len(desk.paper.links) == 4
    assert found.rows == len(sealed_places(desk)) == ROWS + 3  # with those that tell of links
    assert found.waiting == 1


def test_a_row_that_was_altered_is_named_whichever_it_is(desk):
    for place in each_row(desk):
        was = desk.paper.rows[place]
        desk.paper.rows[place] = was.model_copy(update={"actor": "usr_somebody"})
        assert broken(desk) == (place, Fault.ALTERED)


def test_a_row_that_is_no_entry_any_more_is_named(desk):
    for place in list(each_row(desk))[::40]:
        desk.paper.rows = dict(desk.paper.rows) | {place: None}
        assert broken(desk)[1] is Fault.ALTERED


def test_a_row_that_was_taken_away_is_named_whichever_it_is(desk):
    for place in each_row(desk):
        del desk.paper.rows[place]
        assert broken(desk) == (place, Fault.MISSING)


def test_two_rows_that_changed_places_are_named_whichever_they_are(desk):
    places = sealed_places(desk)
    for place, other in zip(each_row(desk), [*places[7:], *places[:7]], strict=False):
        rows = desk.paper.rows
        rows[place], rows[other] = rows[other], rows[place]
        assert broken(desk) == (min(place, other), Fault.REORDERED)


def test_a_row_that_was_put_in_is_named_wherever_it_is(desk):
    for place in each_row(desk):
        at = seals.moment_of(place) + timedelta(milliseconds=1)
        forged = an_entry(at=at, action="user.deleted")
        desk.paper.note(forged)
        where, fault = broken(desk)
        assert forged.id in where
        assert fault is Fault.INSERTED


def test_a_row_moved_to_a_place_of_its_own_is_known_again(desk):
    first, *_, last = sealed_places(desk)
    desk.paper.rows[first + "0"] = desk.paper.rows[last]

    assert broken(desk) == (first + "0", Fault.REORDERED)


def test_a_row_put_in_behind_the_last_sealed_one_is_too_old_to_wait(desk):
    last = sealed_places(desk)[-1]
    quiet = an_entry(at=seals.moment_of(last) + timedelta(minutes=10))
    desk.paper.note(quiet)

    assert quiet.id in broken(desk)[0]
    sealing.seal_due(desk)
    assert quiet.id in broken(desk)[0]  # and no later round seals it


def test_every_link_that_was_altered_is_named(desk):
    links = dict(desk.paper.links)
    for number, link in links.items():
        shorter = link.model_copy(update={"entries": link.entries[1:]})
        desk.paper.links = links | {number: shorter}
        assert broken(desk) == (f"link {number}", Fault.ALTERED)


def test_a_link_that_was_made_anew_with_a_digest_of_its_own_is_named_by_the_next(desk):
    links = dict(desk.paper.links)
    for number in list(links)[:-1]:
        forged = links[number].model_copy(update={"entries": links[number].entries[1:]})
        forged = forged.model_copy(update={"digest": seals.expected_digest(forged)})
        place = links[number].entries[0].place
        desk.paper.links = links | {number: forged}
        rows = copy(desk.paper.rows)
        del desk.paper.rows[place]
        assert broken(desk) == (f"link {number + 1}", Fault.LINK)
        desk.paper.rows = rows


def test_every_link_that_was_taken_away_is_named_also_the_last(desk):
    links = dict(desk.paper.links)
    for number in links:
        desk.paper.links = {n: link for n, link in links.items() if n != number}
        assert broken(desk) == (f"link {number}", Fault.MISSING)
    desk.paper.links = {}
    assert broken(desk) == ("link 0", Fault.MISSING)


def test_two_links_that_changed_places_are_named(desk):
    links = dict(desk.paper.links)
    for number in list(links)[:-1]:
        desk.paper.links = links | {number: links[number + 1], number + 1: links[number]}
        assert broken(desk) == (f"link {number}", Fault.LINK)


def test_the_end_of_a_chain_made_anew_is_seen_by_the_vault(desk):
    vault = desk.safe = PaperVault()
    assert sealing.seal_due(desk).laid == 4 == len(vault.numbers())
    last = max(desk.paper.links)
    del desk.paper.links[last]
    told = [p for p, e in desk.paper.rows.items() if e.action == SEALED]
    del desk.paper.rows[max(told)]
    assert verdict(desk).broken == verifying.Broken(
        f"link {last}", Fault.MISSING, "it lies in the vault"
    )

    desk.at += timedelta(minutes=1)
    sealing.seal_due(desk)

    assert broken(desk) == (f"link {last}", Fault.ALTERED)


def test_what_is_older_than_the_journal_is_kept_may_be_gone(desk):
    """Rows and links go by themselves, in no order that anybody promises."""
    desk.wrote(10, apart=timedelta(days=45))
    sealing.seal_due(desk)
    places = sealed_places(desk)
    ends = {place: seals.moment_of(place) + RETENTION for place in places}
    desk.at = ends[places[-5]]
    sealing.seal_due(desk)

    for place in places[:150]:
        del desk.paper.rows[place]
    assert verdict(desk).broken is None
    for number in (0, 1, 2):
        del desk.paper.links[number]
        assert verdict(desk).broken is None, number
    del desk.paper.rows[places[-1]]
    assert broken(desk) == (places[-1], Fault.MISSING)


def test_the_beginning_of_a_chain_cannot_be_called_old_before_it_is(desk):
    for number in (0, 1):
        for sealed in desk.paper.links.pop(number).entries:
            del desk.paper.rows[sealed.place]
    assert broken(desk) == ("link 0", Fault.MISSING)
