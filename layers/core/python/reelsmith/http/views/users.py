"""What callers send and see of users."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from reelsmith.domain.model import Metadata
from reelsmith.domain.people import Email, Role, User, Username
from reelsmith.usecases.users import Newcomer

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
NewSecret = Annotated[
    str, Field(min_length=10, max_length=256, description="a password to come; never shown")
]
Secret = Annotated[str, Field(min_length=1, max_length=256, description="never shown")]
_ASKED = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class NewUser(BaseModel):
    """What an administrator sends to add a user. Without a password it uses keys only."""

    model_config = _ASKED

    username: Username
    name: Name | None = Field(default=None, description="left out: the username")
    email: Email | None = None
    role: Role = Role.USER
    metadata: Metadata
    password: NewSecret | None = None
    sub: UUID | None = Field(
        default=None, description="of the stage's user pool, where that knows people"
    )

    def newcomer(self) -> Newcomer:
        """As the use-case wants it."""
        return Newcomer(**self.model_dump() | {"name": self.name or self.username})


class _Changes(BaseModel):
    model_config = _ASKED

    def fields(self) -> dict[str, Any]:
        """What is to change. Null takes away what may be missing, and leaves the rest."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        return {k: v for k, v in sent.items() if v is not None or k == "email"}


class UserChange(_Changes):
    """What an administrator may change of a user. What is left out stays."""

    username: Username | None = None
    name: Name | None = None
    email: Email | None = Field(default=None, description="null takes it away")
    role: Role | None = None
    is_active: bool | None = None
    metadata: Metadata


class MeChange(_Changes):
    """What everybody may change of themselves. What is left out stays."""

    name: Name | None = None
    email: Email | None = Field(default=None, description="null takes it away")
    metadata: Metadata


class PasswordSet(BaseModel):
    """A user's new password."""

    model_config = _ASKED

    password: NewSecret


class PasswordChange(BaseModel):
    """One's own new password, and the one that stands."""

    model_config = _ASKED

    old_password: Secret
    password: NewSecret


class UserView(BaseModel):
    """A user."""

    id: str
    username: str
    name: str
    email: str | None
    role: Role
    is_active: bool
    metadata: dict[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime
    last_login_at: datetime | None
    deleted_at: datetime | None = Field(description="since when it may be restored")

    @classmethod
    def of(cls, user: User) -> Self:
        """As callers see it."""
        return cls.model_validate(user.model_dump(include=set(cls.model_fields)))


class UserPageView(BaseModel):
    """One page of users, oldest first."""

    data: tuple[UserView, ...]
    next_cursor: str | None
    has_more: bool
