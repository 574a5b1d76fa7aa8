"""Where tenants and users are kept, with what they sign in with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from reelsmith.domain.access import Share
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.people import ApiKey, Password, Session, Tenant, User
from reelsmith.ports.once import Idempotency, Made


class People(Protocol):
    """Tenants."""

    def add_tenant(self, tenant: Tenant, *, entry: AuditEntry) -> Tenant:
        """Store a new tenant; the same id again answers with what is stored."""

    def tenant(self, tenant_id: str) -> Tenant:
        """One tenant, read consistently. Raises NotFound."""

    def change_tenant(self, was: Tenant, now: Tenant, *, entry: AuditEntry) -> Tenant:
        """Write `now`, with a new version, where `was.version` stands.

        Its limits count from then on. Raises Conflict, NotFound.
        """

    def tenants(self) -> Iterator[str]:
        """Ids of all tenants. May lag a moment."""


@dataclass(frozen=True, slots=True)
class UserPage:
    """One page of users in the order of their ids; `after` is None at the end."""

    users: tuple[User, ...]
    after: str | None


class Users(Protocol):
    """People, and the markers that keep their usernames and addresses unique everywhere."""

    def add(
        self,
        user: User,
        *,
        password: Password | None,
        entry: AuditEntry,
        idempotency: Idempotency | None = None,
    ) -> Made[User]:
        """Store a new user with its markers, counters and password at once.

        Raises:
            NameTaken: the username or the address is somebody's; says which.
            KeyReused: the key stands for another request.
            NotFound: there is no such tenant, or it is not active.
        """

    def get(self, tenant: str, user_id: str) -> User:
        """One user, read consistently. Raises NotFound."""

    def find(self, name: str) -> User:
        """The user of this username or address, in whatever case. Raises NotFound."""

    def page(self, tenant: str, *, after: str | None, limit: int) -> UserPage:
        """Users of a tenant by id, from the one after `after` on."""

    def change(self, was: User, now: User, *, entry: AuditEntry) -> User:
        """Write `now`, with a new version, where `was.version` stands; markers move with names.

        A user that is not `enabled` any more makes nothing from then on.

        Raises:
            Conflict: the user changed meanwhile, or is the tenant's last administrator.
            NameTaken: as `add`.
            NotFound: there is no such user.
        """

    def signed_in(self, tenant: str, user_id: str, *, at: datetime) -> None:
        """Note the last sign-in. The version stays; a user that is gone is no error."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A user as it is now, its tenant, and the credential that was asked for."""

    tenant: Tenant
    user: User
    key: ApiKey | None = None
    session: Session | None = None


class Credentials(Protocol):
    """API keys, sessions and passwords. Only their hashes are here."""

    def add_key(
        self, key: ApiKey, *, entry: AuditEntry, idempotency: Idempotency | None = None
    ) -> Made[ApiKey]:
        """Store a new key of an enabled user.

        Raises:
            Conflict: the id is taken.
            KeyReused: the idempotency key stands for another request.
            NotFound: there is no such user, or it is not enabled.
        """

    def standing(
        self, tenant: str, user_id: str, *, key_id: str = "", session_id: str = ""
    ) -> Standing:
        """A user and its tenant, with a key or a session, read consistently in one request.

        Raises NotFound when any of them is not there.
        """

    def replay(self, tenant: str, idempotency: Idempotency, *, at: datetime) -> ApiKey | None:
        """The key that the same request made before, if any. Raises KeyReused, NotFound."""

    def key(self, tenant: str, key_id: str) -> ApiKey:
        """One key, read consistently. Raises NotFound."""

    def keys(self, tenant: str, *, owner: str | None = None) -> Sequence[ApiKey]:
        """The keys of a tenant, or of one user."""

    def change_key(self, was: ApiKey, now: ApiKey, *, entry: AuditEntry) -> ApiKey:
        """Write `now` where `was` stands: revoke, rename, set an end. Twice is once.

        Raises Conflict, NotFound.
        """

    def used_key(self, key: ApiKey, *, at: datetime) -> None:
        """Note that a key was used. A key that is gone is no error."""

    def add_session(self, session: Session, *, entry: AuditEntry) -> Session:
        """Store a new session of an enabled user. Raises NotFound."""

    def session(self, tenant: str, session_id: str) -> Session:
        """One session, read consistently. Raises NotFound."""

    def sessions(self, tenant: str, user_id: str) -> Sequence[Session]:
        """The sessions of a user that are stored, newest first. May lag a moment."""

    def rotate(self, was: Session, now: Session) -> Session:
        """Write `now` where the newest refresh token is still that of `was`. Raises Conflict."""

    def revoke_session(self, session: Session, *, at: datetime, entry: AuditEntry) -> None:
        """End a session. Twice is once; one that is gone is no error."""

    def password(self, tenant: str, user_id: str) -> Password | None:
        """What is kept of a user's password, read consistently."""

    def set_password(
        self, password: Password, *, entry: AuditEntry, was: Password | None = None
    ) -> None:
        """Store a password, with no misses, and end the sessions of its user.

        With `was`, only where that one still stands.

        Raises:
            Conflict: another one was set meanwhile.
            NotFound: there is no such user.
        """

    def rehash(self, was: Password, now: Password) -> None:
        """Replace a hash by a stronger one of the same password, unless it changed meanwhile."""

    def missed(self, password: Password, *, locked_until: datetime | None) -> int:
        """Count a wrong password; how many in a row now."""

    def forgive(self, password: Password) -> None:
        """Forget the misses after a right password."""


class Shares(Protocol):
    """Links to things."""

    def add(
        self, share: Share, *, entry: AuditEntry, idempotency: Idempotency | None = None
    ) -> Made[Share]:
        """Store a new link. Raises KeyReused, and NotFound when its owner makes nothing more."""

    def get(self, tenant: str, share_id: str) -> Share:
        """One link, read consistently. Raises NotFound."""

    def of(self, tenant: str, resource: str) -> Sequence[Share]:
        """The links of a thing, newest first. May lag a moment."""

    def revoke(self, share: Share, *, at: datetime, entry: AuditEntry) -> Share:
        """End a link. Twice is once. Raises NotFound."""
