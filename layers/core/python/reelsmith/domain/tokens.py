"""Secrets that callers hold: `<prefix>_<stage>_<tenant22>_<id10>_<secret32>_<crc6>`.

Made to be found by secret scanners. A token names its tenant and its row, so no index is needed to
look it up; the checksum tells a typing error from a wrong token without a look-up. Of the secret
only its HMAC under the deployment's pepper is kept.
"""

import hashlib
import hmac
import re
import zlib
from dataclasses import dataclass
from enum import StrEnum

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_WORD = "[0-9A-Za-z]"
_SHAPE = re.compile(
    rf"^(rs[krl])_([a-z0-9]{{1,20}})_({_WORD}{{22}})_({_WORD}{{10}})_({_WORD}{{32}})_({_WORD}{{6}})$"
)
_TENANT_LENGTH, _ID_LENGTH, _SECRET_LENGTH, _CRC_LENGTH = 22, 10, 32, 6
_TENANT_PREFIX, _TENANT_HEX = "ten_", 32


class Purpose(StrEnum):
    """What a token opens, as its prefix says."""

    KEY = "rsk"
    REFRESH = "rsr"
    LINK = "rsl"


@dataclass(frozen=True, slots=True)
class Token:
    """A token taken apart. `id` names its row within the tenant."""

    purpose: Purpose
    stage: str
    tenant: str
    id: str
    secret: str

    @property
    def text(self) -> str:
        """What the caller holds."""
        number = int(self.tenant.removeprefix(_TENANT_PREFIX), 16)
        tenant = _base62(number, _TENANT_LENGTH)
        body = f"{self.purpose}_{self.stage}_{tenant}_{self.id}_{self.secret}"
        return f"{body}_{_base62(zlib.crc32(body.encode()), _CRC_LENGTH)}"


def mint(purpose: Purpose, stage: str, tenant: str, randomness: bytes) -> Token:
    """A new token of a tenant. `randomness` is 32 bytes: 59 bits name the row, 190 are secret."""
    digits = _base62(int.from_bytes(randomness), _ID_LENGTH + _SECRET_LENGTH)
    return Token(purpose, stage, tenant, digits[:_ID_LENGTH], digits[_ID_LENGTH:])


def again(purpose: Purpose, stage: str, tenant: str, row: str, randomness: bytes) -> Token:
    """The token of a row that is there, for a secret that can be worked out again."""
    return Token(purpose, stage, tenant, row, mint(purpose, stage, tenant, randomness).secret)


def parse(text: str) -> Token | None:
    """The parts of a token, or None when it is not one or its checksum is wrong."""
    found = _SHAPE.match(text)
    if not found:
        return None
    number = 0
    for digit in found[3]:
        number = number * len(_ALPHABET) + _ALPHABET.index(digit)
    if number >= 1 << (4 * _TENANT_HEX):
        return None
    tenant = f"{_TENANT_PREFIX}{number:0{_TENANT_HEX}x}"
    token = Token(Purpose(found[1]), found[2], tenant, found[4], found[5])
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
