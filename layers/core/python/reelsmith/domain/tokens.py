"""API tokens: `rsk_<stage>_<id10>_<secret32>_<crc6>`, made to be found by secret scanners.

The checksum tells a typing error from a wrong key without a look-up. Of the secret only its HMAC
under the deployment's pepper is kept.
"""

import hashlib
import hmac
import re
import zlib
from dataclasses import dataclass

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SHAPE = re.compile(r"^rsk_([a-z0-9]{1,20})_([0-9A-Za-z]{10})_([0-9A-Za-z]{32})_([0-9A-Za-z]{6})$")
_ID_LENGTH, _SECRET_LENGTH, _CRC_LENGTH = 10, 32, 6


@dataclass(frozen=True, slots=True)
class Token:
    """A token taken apart."""

    stage: str
    key_id: str
    secret: str

    @property
    def text(self) -> str:
        """What the caller holds."""
        body = f"rsk_{self.stage}_{self.key_id}_{self.secret}"
        return f"{body}_{_base62(zlib.crc32(body.encode()), _CRC_LENGTH)}"


def mint(stage: str, randomness: bytes) -> Token:
    """A new token for a stage. `randomness` is 32 bytes: 59 bits name the key, 190 are secret."""
    number = int.from_bytes(randomness)
    digits = _base62(number, _ID_LENGTH + _SECRET_LENGTH)
    return Token(stage, digits[:_ID_LENGTH], digits[_ID_LENGTH:])


def parse(text: str) -> Token | None:
    """The parts of a token, or None when it is not one or its checksum is wrong."""
    found = _SHAPE.match(text)
    if not found:
        return None
    token = Token(found[1], found[2], found[3])
    return token if hmac.compare_digest(token.text, text) else None


def seal(secret: str, pepper: bytes) -> str:
    """What is kept of a secret: HMAC-SHA256 under the pepper, hex."""
    return hmac.new(pepper, secret.encode(), hashlib.sha256).hexdigest()


def opens(secret: str, pepper: bytes, sealed: str) -> bool:
    """Whether this is the secret that was sealed; takes the same time either way."""
    return hmac.compare_digest(seal(secret, pepper), sealed)


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))
