"""Signatures of webhooks, held against vectors worked out apart and against the docs' verifier."""

import re
import time
from base64 import b64decode
from pathlib import Path

import pytest

from reelsmith.domain import signing

PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'


def verifier():
    """The function that docs/webhooks.md shows."""
    (shown,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    told = {}
    exec(shown, told)
    return told["verify"]


def signed(secret, *, at, body=BODY, message="evt_1"):
    return signing.headers([secret], message=message, timestamp=at, body=body)


def test_a_signature_is_that_of_the_published_example():
    """The example of the libraries of Standard Webhooks, which they all test against."""
    found = signing.signature(
        SECRET, message="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp=1614265330, body=BODY
    )
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_verifier_of_the_docs_takes_ours_and_nothing_else():
    verify, now = verifier(), int(time.time())
    secret = signing.secret(b"pepper", tenant="ten_1", webhook="whk_1", generation=1)

    assert verify(secret, signed(secret, at=now), BODY) == {"test": 2432232314}
    for headers, body in (
        (signed(secret, at=now), BODY + b" "),
        (signed(secret, at=now) | {"webhook-id": "evt_2"}, BODY),
        (signed(secret, at=now - 301), BODY),
        (signed(SECRET, at=now), BODY),
    ):
        with pytest.raises(ValueError, match="old|signed"):
            verify(secret, headers, body)


def test_of_two_signatures_each_secret_fits_one():
    verify, now = verifier(), int(time.time())
    secrets = [
        signing.secret(b"pepper", tenant="ten_1", webhook="whk_1", generation=one)
        for one in (2, 1)
    ]
    both = signing.headers(secrets, message="evt_1", timestamp=now, body=BODY)
    assert all(verify(secret, both, BODY) for secret in secrets)


def test_secrets_differ_by_everything_that_they_are_made_of():
    made = {
        signing.secret(pepper, tenant=tenant, webhook=webhook, generation=generation)
        for pepper in (b"a", b"b")
        for tenant in ("ten_1", "ten_2")
        for webhook in ("whk_1", "whk_2")
        for generation in (1, 2)
    }
    assert len(made) == 16
    assert {len(b64decode(one.removeprefix("whsec_"))) for one in made} == {32}
