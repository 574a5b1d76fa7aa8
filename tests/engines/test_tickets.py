"""Session tokens say what was signed, for as long as they may, and nothing else is believed."""

from datetime import timedelta

import jwt
import pytest

from reelsmith.engines.tickets import SessionTickets
from reelsmith.ports import Ticket
from tests.builders import EPOCH, OWNER, TENANT

TICKET = Ticket(
    tenant=TENANT,
    user=OWNER,
    session="abcdefghij",
    role="user",
    expires_at=EPOCH + timedelta(minutes=15),
)


@pytest.fixture
def tickets():
    return SessionTickets(lambda: b"pepper")


def test_a_token_says_what_was_signed_until_it_is_over(tickets):
    text = tickets.issue(TICKET, at=EPOCH)
    assert tickets.read(text, at=EPOCH) == TICKET
    assert tickets.read(text, at=TICKET.expires_at - timedelta(seconds=1)) == TICKET
    assert tickets.read(text, at=TICKET.expires_at) is None
    assert text != tickets.issue(TICKET, at=EPOCH)


def claims_of(text):
    return jwt.decode(text, options={"verify_signature": False})


def forged(text, **changes):
    claims = {k: v for k, v in (claims_of(text) | changes).items() if v is not None}
    return jwt.encode(claims, SessionTickets(lambda: b"pepper")._key(), algorithm="HS256")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-2] + ("AA" if text[-2:] != "AA" else "BB"),
        lambda text: jwt.encode(claims_of(text), None, algorithm="none"),
        lambda text: jwt.encode(claims_of(text), "k" * 64, algorithm="HS512"),
        lambda text: SessionTickets(lambda: b"another").issue(TICKET, at=EPOCH),
        lambda text: forged(text, aud="somebody"),
        lambda text: forged(text, iss="somebody"),
        lambda text: forged(text, ten=None),
        lambda text: forged(text, exp=None),
        lambda text: "x" * 5000,
        lambda text: "",
        lambda text: "a.b.c",
    ],
)
def test_what_we_did_not_sign_like_this_is_not_believed(tickets, spoil):
    assert tickets.read(spoil(tickets.issue(TICKET, at=EPOCH)), at=EPOCH) is None
