"""Who beside its owner may see a thing, and links that show it to whoever holds them."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from reelsmith.domain.model import Entity, Moment

Readers = Annotated[tuple[str, ...], Field(max_length=100)]
"""Ids of the users to whom a restricted thing is open."""


class Access(StrEnum):
    """Who may see it. Admins of the tenant see everything."""

    PUBLIC = "public"  # the tenant's users, and whoever has its standing link
    PRIVATE = "private"  # its owner
    AUTHENTICATED = "authenticated"  # the tenant's users
    RESTRICTED = "restricted"  # its owner and its readers


class Share(Entity):
    """A link to one thing. Of its secret only the HMAC is kept.

    `standing` links belong to public things and end with their being public.
    """

    id: str = Field(description="the 10 characters after the tenant in the link's token")
    tenant: str
    owner: str
    resource: str = Field(description="id of a video or an asset")
    secret_hmac: str
    standing: bool = False
    created_at: Moment
    expires_at: Moment | None = None
    revoked_at: Moment | None = None

    def usable(self, now: Moment) -> bool:
        """Whether the link opens anything at this moment."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
