from hypothesis import given
from hypothesis import strategies as st

from reelsmith.domain import tokens
from reelsmith.domain.tokens import Purpose
from tests.builders import TENANT


@given(st.binary(min_size=32, max_size=32))
def test_a_minted_token_reads_back(randomness):
    token = tokens.mint(Purpose.KEY, "dev", TENANT, randomness)
    assert tokens.parse(token.text) == token
    assert len(token.text) == len("rsk_dev_") + 22 + 1 + 10 + 1 + 32 + 1 + 6


@given(st.binary(min_size=32, max_size=32), st.integers(8, 80), st.sampled_from("aZ09"))
def test_a_mistyped_token_is_known_without_a_look_up(randomness, place, mark):
    text = tokens.mint(Purpose.KEY, "dev", TENANT, randomness).text
    typo = text[:place] + mark + text[place + 1 :]
    assert typo == text or tokens.parse(typo) is None


def test_a_secret_opens_only_its_own_seal_under_its_own_pepper():
    token = tokens.mint(Purpose.KEY, "dev", TENANT, bytes(range(32)))
    sealed = tokens.seal(token.secret, b"pepper")
    assert tokens.opens(token.secret, b"pepper", sealed)
    assert not tokens.opens(token.secret, b"other pepper", sealed)
    assert not tokens.opens(token.secret[::-1], b"pepper", sealed)
    assert token.secret not in sealed
