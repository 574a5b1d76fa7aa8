"""Session tokens: short JWTs (RFC 7519) signed with a key that is derived from the pepper.

PyJWT is imported on first use: calls with an API key do not need it.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import UTC, datetime

from reelsmith.ports import Ticket

_ALGORITHM = "HS256"
_ISSUER, _AUDIENCE = "reelsmith", "reelsmith-api"
_CLAIMS = ("iss", "aud", "sub", "ten", "sid", "rol", "iat", "exp", "jti")
_MOST_CHARACTERS = 2000


class SessionTickets:
    """`ports.Tickets`."""

    def __init__(self, pepper: Callable[[], bytes]) -> None:
        self._pepper = pepper

    def issue(self, ticket: Ticket, *, at: datetime) -> str:
        """The signed token."""
        import jwt  # noqa: PLC0415

        claims = {
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "sub": ticket.user,
            "ten": ticket.tenant,
            "sid": ticket.session,
            "rol": ticket.role,
            "iat": int(at.timestamp()),
            "exp": int(ticket.expires_at.timestamp()),
            "jti": secrets.token_hex(8),
        }
        return jwt.encode(claims, self._key(), algorithm=_ALGORITHM)

    def read(self, text: str, *, at: datetime) -> Ticket | None:
        """What a token says, or None when it is not ours or is over."""
        import jwt  # noqa: PLC0415

        if len(text) > _MOST_CHARACTERS:
            return None
        try:
            claims = jwt.decode(
                text,
                self._key(),
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                issuer=_ISSUER,
                options={"require": list(_CLAIMS), "verify_exp": False, "verify_iat": False},
            )
        except jwt.InvalidTokenError:
            return None
        ticket = Ticket(
            tenant=claims["ten"],
            user=claims["sub"],
            session=claims["sid"],
            role=claims["rol"],
            expires_at=datetime.fromtimestamp(claims["exp"], UTC),
        )
        return ticket if at < ticket.expires_at else None

    def _key(self) -> bytes:
        return hmac.new(self._pepper(), b"ticket", hashlib.sha256).digest()
