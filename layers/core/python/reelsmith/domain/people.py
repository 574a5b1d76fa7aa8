"""Tenants, users, what they sign in with, and who is calling."""

import re
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from reelsmith.domain.model import Entity, Metadata, Moment

DROP_OWNER = "drop"
"""Owner of what came by a drop folder. Every tenant has it; it has no credentials."""

_EMAIL = re.compile(r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+$")


def _an_address(text: str) -> str:
    if not _EMAIL.match(text):
        raise ValueError("Invalid email format")
    return text.lower()


Email = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=254), AfterValidator(_an_address)
]
Username = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[\w.+-][\w .+-]*$"
    ),
]
Scope = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,20}:(read|write)$")]


class Role(StrEnum):
    """What a person may do in the tenant."""

    ADMIN = "admin"
    USER = "user"
    VIEWER = "viewer"


class Tenant(Entity):
    """The walls. Owns users and everything they make. A limit that is None is no limit."""

    id: str
    name: str = Field(max_length=255)
    active: bool = True
    max_active_jobs: int = 100
    max_jobs_per_day: int | None = None
    max_minutes_per_month: int | None = Field(default=None, description="of finished video")
    max_stored_bytes: int | None = None
    max_requests_per_minute: int = 1200
    version: int = 1
    created_at: Moment
    updated_at: Moment | None = None
    erasing_at: Moment | None = Field(default=None, description="since when it is being erased")


class User(Entity):
    """A person in a tenant. `name` is for display; username and e-mail are unique everywhere."""

    id: str
    tenant: str
    username: Username
    name: str = Field(min_length=1, max_length=255)
    email: Email | None = None
    role: Role = Role.USER
    is_active: bool = True
    metadata: Metadata
    version: int = 1
    created_at: Moment
    updated_at: Moment
    last_login_at: Moment | None = None
    session_epoch: int = Field(default=0, description="sessions of an earlier one are over")
    deleted_at: Moment | None = Field(default=None, description="since when it may be restored")
    erasing_at: Moment | None = Field(default=None, description="since when it is being erased")

    @property
    def enabled(self) -> bool:
        """Whether the user's credentials open anything."""
        return self.is_active and self.deleted_at is None and self.erasing_at is None

    @property
    def governs(self) -> bool:
        """Whether the user is one of the administrators whom the tenant must not run out of."""
        return self.enabled and self.role is Role.ADMIN

    def __repr__(self) -> str:
        """Id and name. Addresses of people's mail do not belong in logs."""
        return f"User(id={self.id!r}, username={self.username!r})"

    __str__ = __repr__


class Password(Entity):
    """What is kept of a user's password, and how often it was missed in a row."""

    user: str
    tenant: str
    hash: str
    changed_at: Moment
    failures: int = 0
    locked_until: Moment | None = None


class ApiKey(Entity):
    """A credential for programs. Only the HMAC of its secret is kept.

    It may do what its owner's role may, and less where it has scopes.
    """

    id: str = Field(description="the 10 characters after the tenant in the token")
    tenant: str
    owner: str
    role: Role
    name: str = Field(default="", max_length=100)
    scopes: tuple[Scope, ...] = ()
    secret_hmac: str
    created_at: Moment
    expires_at: Moment | None = None
    last_used_at: Moment | None = None
    revoked_at: Moment | None = None

    def usable(self, now: Moment) -> bool:
        """Whether the key opens anything at this moment."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class Session(Entity):
    """A signed-in person: a family of refresh tokens, of which the newest one alone is good."""

    id: str = Field(description="the 10 characters after the tenant in the refresh token")
    tenant: str
    user: str
    secret_hmac: str = Field(description="of the newest refresh token")
    previous_hmac: str | None = Field(default=None, description="of the one before it")
    user_agent: str = ""
    epoch: int = Field(default=0, description="the user's `session_epoch` when it began")
    created_at: Moment
    rotated_at: Moment
    expires_at: Moment
    revoked_at: Moment | None = None

    def usable(self, now: Moment) -> bool:
        """Whether the session opens anything at this moment."""
        return self.revoked_at is None and now < self.expires_at


class Caller(Entity):
    """Who asks, as the authorizer found out. The tenant comes from here and from nowhere else.

    A caller has a key or a session; with neither it is the platform itself (a drop folder).
    """

    tenant: str
    owner: str = Field(description="id of the user")
    role: Role
    key_id: str = ""
    session_id: str = ""
    scopes: tuple[Scope, ...] = Field(default=(), description="empty: all that the role may")
    request_id: str = ""
    ip: str = ""
    user_agent: str = ""


def public(user: User) -> dict[str, Any]:
    """What the audit may say of a user: neither names nor addresses."""
    return {"role": user.role, "is_active": user.is_active, "has_email": user.email is not None}
