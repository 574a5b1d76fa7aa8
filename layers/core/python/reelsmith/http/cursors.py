"""Page tokens: signed, and bound to the tenant and the filter they were made for.

Only a position travels; the partition is built anew from the caller's own scope, so a forged or
borrowed token can at most be refused.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence

from reelsmith.errors import Invalid

_MAC_BYTES = 12


def key_of(pepper: bytes) -> bytes:
    """The signing key for page tokens, derived from the deployment's pepper."""
    return hmac.new(pepper, b"cursor", hashlib.sha256).digest()


def pack(key: bytes, scope: Sequence[str], position: str) -> str:
    """A token for the page after `position` of the list that `scope` describes."""
    mac = _mac(key, scope, position.encode())
    return base64.urlsafe_b64encode(mac + position.encode()).decode().rstrip("=")


def unpack(key: bytes, scope: Sequence[str], token: str) -> str:
    """The position in a token. Raises Invalid when it was not made for this list."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        position = raw[_MAC_BYTES:].decode()
    except ValueError:
        raw, position = b"", ""
    if not hmac.compare_digest(raw[:_MAC_BYTES], _mac(key, scope, position.encode())):
        raise Invalid.field(
            "?cursor",
            "this is no cursor of this list",
            remedy="send `next_cursor` as it came, with the same filter, or leave it out",
        )
    return position


def _mac(key: bytes, scope: Sequence[str], position: bytes) -> bytes:
    said = "\0".join(scope).encode() + b"\0\0" + position
    return hmac.new(key, said, hashlib.sha256).digest()[:_MAC_BYTES]
