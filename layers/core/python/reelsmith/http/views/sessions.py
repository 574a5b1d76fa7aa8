"""What people send and see when they sign in."""

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from reelsmith.domain.people import Caller, Session
from reelsmith.http.views.users import Secret, UserView
from reelsmith.usecases.sessions import SignedIn

_ASKED = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Credentials(BaseModel):
    """A username or an address, and the password."""

    model_config = _ASKED

    username: str = Field(min_length=1, max_length=254, description="or the e-mail address")
    password: Secret


class Refresh(BaseModel):
    """The newest refresh token of a session."""

    model_config = _ASKED

    refresh_token: str = Field(min_length=1, max_length=200)


class SignedInView(BaseModel):
    """The tokens of a session. The refresh token is good for one use."""

    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105
    access_token: str
    expires_at: datetime = Field(description="of the access token")
    refresh_token: str
    session_id: str
    session_expires_at: datetime
    user: UserView

    @classmethod
    def of(cls, signed_in: SignedIn) -> Self:
        """As callers see it."""
        return cls(
            access_token=signed_in.access_token,
            expires_at=signed_in.access_expires_at,
            refresh_token=signed_in.refresh_token,
            session_id=signed_in.session.id,
            session_expires_at=signed_in.session.expires_at,
            user=UserView.of(signed_in.user),
        )


class SessionView(BaseModel):
    """A session that opens something."""

    id: str
    user_agent: str
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime
    current: bool = Field(description="whether this request came by it")

    @classmethod
    def of(cls, session: Session, caller: Caller) -> Self:
        """As callers see it."""
        return cls(
            id=session.id,
            user_agent=session.user_agent,
            created_at=session.created_at,
            refreshed_at=session.rotated_at,
            expires_at=session.expires_at,
            current=session.id == caller.session_id,
        )


class SessionList(BaseModel):
    """Sessions, newest first."""

    data: tuple[SessionView, ...]
