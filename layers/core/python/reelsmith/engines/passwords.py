"""Passwords: argon2id, and the older methods that imported hashes were made by.

The libraries are imported on first use: only signing in needs them.
"""

import hashlib
import hmac
import re
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

# OWASP, Password Storage Cheat Sheet: argon2id with 19 MiB, 2 turns, 1 lane
_MEMORY_KIB, _TURNS, _LANES = 19 * 1024, 2, 1
_NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$kzNXgaLLpLWTCuRyJ4LeoyhEUufITz/YoLhGa876qoY"  # noqa: E501

# More work than these is not done for a hash that somebody imported: about a second each.
_MOST_MEMORY_KIB, _MOST_TURNS, _MOST_LANES = 256 * 1024, 10, 8
_BCRYPT_MOST_COST, _BCRYPT_MOST_BYTES = 13, 72
_SCRYPT_MOST_BYTES, _SCRYPT_MOST_LANES = 128 << 20, 4
_PBKDF2_MOST_TURNS = 2_000_000

_ARGON2 = re.compile(
    r"^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$"
)
_BCRYPT = re.compile(r"^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$")
_SCRYPT = re.compile(r"^scrypt:(\d{1,8}):(\d{1,3}):(\d{1,2})\$([^$]{1,100})\$([0-9a-f]{128})$")
_PBKDF2 = re.compile(r"^pbkdf2:(sha256|sha512):(\d{1,8})\$([^$]{1,100})\$([0-9a-f]{64,128})$")


class Argon2Passwords:
    """`ports.Passwords`. Verifies argon2id, bcrypt, and werkzeug's scrypt and PBKDF2."""

    @cached_property
    def _hasher(self) -> "PasswordHasher":
        from argon2 import PasswordHasher  # noqa: PLC0415

        return PasswordHasher(time_cost=_TURNS, memory_cost=_MEMORY_KIB, parallelism=_LANES)

    def hash(self, password: str) -> str:
        """A new argon2id hash, with its salt and parameters in it."""
        return self._hasher.hash(password)

    def verify(self, password: str, hashed: str) -> bool:
        """Whether the password is the one that was hashed. What no method knows is nobody's."""
        if found := _ARGON2.match(hashed):
            return self._by_argon2(password, hashed, *map(int, found.groups()))
        if found := _BCRYPT.match(hashed):
            return _by_bcrypt(password, hashed, int(found[1]))
        if found := _SCRYPT.match(hashed):
            return _by_scrypt(password, found)
        if found := _PBKDF2.match(hashed):
            return _by_pbkdf2(password, found)
        return False

    def is_stale(self, hashed: str) -> bool:
        """Whether the hash was made by an older method or with other work than today's."""
        return not _ARGON2.match(hashed) or self._hasher.check_needs_rehash(hashed)

    def pretend(self, password: str) -> None:
        """As much work as `verify`, for users who are not there."""
        self.verify(password, _NOBODYS)

    def _by_argon2(
        self, password: str, hashed: str, memory_kib: int, turns: int, lanes: int
    ) -> bool:
        from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415

        if memory_kib > _MOST_MEMORY_KIB or turns > _MOST_TURNS or lanes > _MOST_LANES:
            return False
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False


def _by_bcrypt(password: str, hashed: str, cost: int) -> bool:
    """Bcrypt reads 72 bytes; a longer password is refused, not cut."""
    import bcrypt  # noqa: PLC0415

    plain = password.encode()
    if cost > _BCRYPT_MOST_COST or len(plain) > _BCRYPT_MOST_BYTES or b"\0" in plain:
        return False
    try:
        return bcrypt.checkpw(plain, hashed.encode())
    except ValueError:
        return False


def _by_scrypt(password: str, found: re.Match[str]) -> bool:
    n, r, p = (int(found[place]) for place in (1, 2, 3))
    if 128 * n * r > _SCRYPT_MOST_BYTES or p > _SCRYPT_MOST_LANES:
        return False
    try:
        made = hashlib.scrypt(
            password.encode(), salt=found[4].encode(), n=n, r=r, p=p, maxmem=132 * n * r * p
        )
    except ValueError:  # no power of two, or nothing at all
        return False
    return hmac.compare_digest(made.hex(), found[5])


def _by_pbkdf2(password: str, found: re.Match[str]) -> bool:
    turns = int(found[2])
    if not 0 < turns <= _PBKDF2_MOST_TURNS:
        return False
    made = hashlib.pbkdf2_hmac(found[1], password.encode(), found[3].encode(), turns)
    return hmac.compare_digest(made.hex(), found[4])
