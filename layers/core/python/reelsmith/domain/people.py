"""Tenants, their keys, and who is calling."""

from enum import StrEnum

from pydantic import Field

from reelsmith.domain.model import Entity, Moment


class Role(StrEnum):
    """What a person may do in the tenant."""

    ADMIN = "admin"
    USER = "user"
    VIEWER = "viewer"


class Tenant(Entity):
    """The walls. Owns users and everything they make."""

    id: str
    name: str = Field(max_length=255)
    active: bool = True
    max_active_jobs: int = 100
    created_at: Moment


class ApiKey(Entity):
    """A credential for programs. Only the HMAC of its secret is kept."""

    id: str = Field(description="the 10 characters after the stage in the token")
    tenant: str
    owner: str
    role: Role
    secret_hmac: str
    created_at: Moment
    expires_at: Moment | None = None
    revoked_at: Moment | None = None

    def usable(self, now: Moment) -> bool:
        """Whether the key opens anything at this moment."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class Caller(Entity):
    """Who asks, as the authorizer found out. The tenant comes from here and from nowhere else."""

    tenant: str
    owner: str
    role: Role
    key_id: str
    request_id: str = ""
    ip: str = ""
    user_agent: str = ""

    @property
    def may_write(self) -> bool:
        """Whether this caller may make or change things."""
        return self.role is not Role.VIEWER
