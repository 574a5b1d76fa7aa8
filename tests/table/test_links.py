"""Links to things, stored without their secrets."""

from datetime import timedelta

import pytest

from reelsmith.domain.access import Share
from reelsmith.domain.ids import Kind
from reelsmith.errors import KeyReused, NotFound
from tests.builders import EPOCH, OWNER, TENANT, an_entry, an_id
from tests.table.steps import a_request, history


@pytest.fixture
def shares(table):
    return table.repositories.shares


def a_share(**changes):
    given = {
        "id": "s" * 10,
        "tenant": TENANT,
        "owner": OWNER,
        "resource": an_id(Kind.VIDEO),
        "secret_hmac": "0" * 64,
        "created_at": EPOCH,
    }
    return Share(**given | changes)


def test_links_of_a_thing_come_newest_first(shares):
    thing = an_id(Kind.VIDEO)
    made = [
        a_share(id=f"{n}" * 10, resource=thing, created_at=EPOCH + timedelta(hours=n))
        for n in (2, 1, 3)
    ]
    for share in made:
        shares.add(share, entry=an_entry(resource=share.id))
    shares.add(a_share(), entry=an_entry())

    assert [share.id[0] for share in shares.of(TENANT, thing)] == ["3", "2", "1"]


def test_asking_twice_makes_one_link(shares):
    share = a_share()
    entry = an_entry(resource=share.id)
    first = shares.add(share, entry=entry, idempotency=a_request())
    again = shares.add(share, entry=entry, idempotency=a_request())
    other = shares.add(a_share(id="o" * 10), entry=an_entry(), idempotency=a_request())

    assert (first.replayed, again.replayed, other.replayed) == (False, True, True)
    assert first.thing == again.thing == other.thing
    with pytest.raises(KeyReused):
        shares.add(
            a_share(id="p" * 10), entry=an_entry(), idempotency=a_request(fingerprint="0" * 64)
        )


def test_a_link_ends_once_and_is_forgotten_a_month_later(table, shares):
    share = shares.add(a_share(), entry=an_entry()).thing
    at = EPOCH + timedelta(hours=1)
    for hours in (0, 1):
        ended = shares.revoke(
            share,
            at=at + timedelta(hours=hours),
            entry=an_entry(action="share.revoked", resource=share.id),
        )

    assert ended.revoked_at == at
    assert history(table, share.id) == ["share.revoked"]
    (row,) = [item for item in table.items() if item.get("et") == "share"]
    assert row["ttl"] == int((at + timedelta(days=30)).timestamp())
    with pytest.raises(NotFound):
        shares.revoke(a_share(id="n" * 10), at=at, entry=an_entry())


def test_who_makes_nothing_more_makes_no_links(shares):
    for stranger in ({"owner": an_id(Kind.USER)}, {"tenant": an_id(Kind.TENANT)}):
        with pytest.raises(NotFound):
            shares.add(a_share(**stranger), entry=an_entry())
