"""What callers send and see of API keys."""

from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from reelsmith.domain.people import ApiKey, Role, Scope
from reelsmith.usecases.keys import GRACE_MOST, Issued, Wanted

_ASKED = ConfigDict(extra="forbid", frozen=True)
_GRACE_MOST_S = int(GRACE_MOST.total_seconds())


class NewKey(BaseModel):
    """What a caller sends for a new key."""

    model_config = _ASKED

    name: str = Field(default="", max_length=100)
    owner: str | None = Field(default=None, max_length=64, description="left out: the caller")
    role: Role | None = Field(default=None, description="left out: as much as it may have")
    scopes: tuple[Scope, ...] = Field(
        default=(), max_length=50, description="as `jobs:read`; none means all that the role may"
    )
    expires_at: AwareDatetime | None = None

    def wanted(self) -> Wanted:
        """As the use-case wants it."""
        return Wanted(**self.model_dump())


class Rotation(BaseModel):
    """How long the old key goes on."""

    model_config = _ASKED

    grace_seconds: Annotated[int, Field(ge=0, le=_GRACE_MOST_S)] = 3600

    @property
    def grace(self) -> timedelta:
        """The same as a span."""
        return timedelta(seconds=self.grace_seconds)


class KeyView(BaseModel):
    """An API key, without its secret."""

    id: str
    owner: str
    role: Role
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = Field(description="to the next five minutes")
    revoked_at: datetime | None

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        """As callers see it."""
        return cls.model_validate(key.model_dump(include=set(cls.model_fields)))


class IssuedView(KeyView):
    """A new key, with the token that is shown this once."""

    token: str | None = Field(
        default=None,
        description="shown once, and again to the same request by its Idempotency-Key",
    )

    @classmethod
    def issued(cls, issued: Issued) -> Self:
        """As callers see it."""
        return cls.of(issued.key).model_copy(update={"token": issued.token})


class KeyList(BaseModel):
    """Keys, newest first."""

    data: tuple[KeyView, ...]
