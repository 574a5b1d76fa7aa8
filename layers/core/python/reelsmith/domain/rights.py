"""Who may do what with whose things: the one table of rights, read by the checks and by the tests.

An act belongs to a room (`jobs`, `videos` ...). A key's scope is a room and `read` or `write`. How
far an act reaches depends on the role. A thing that the caller cannot see is NotFound, as if it
did not exist; one that it sees and may not touch is Forbidden.
"""

from enum import StrEnum
from typing import Protocol

from reelsmith.domain.access import Access
from reelsmith.domain.people import Caller, Role
from reelsmith.errors import Forbidden, NotFound


class Reach(StrEnum):
    """Whose things an act may be done with."""

    NONE = "none"
    OWN = "own"
    OPENED = "opened"  # own things, and those whose access is open to the caller
    TENANT = "tenant"


class Act(StrEnum):
    """Everything that can be done over HTTPS, as `room:verb`."""

    JOBS_CREATE = "jobs:create"
    JOBS_READ = "jobs:read"
    JOBS_CANCEL = "jobs:cancel"
    JOBS_RESUME = "jobs:resume"
    JOBS_DELETE = "jobs:delete"
    BATCHES_CREATE = "batches:create"
    BATCHES_READ = "batches:read"
    BATCHES_CANCEL = "batches:cancel"
    BATCHES_RETRY = "batches:retry"
    ASSETS_CREATE = "assets:create"
    ASSETS_READ = "assets:read"
    ASSETS_CHANGE = "assets:change"
    ASSETS_DELETE = "assets:delete"
    VIDEOS_READ = "videos:read"
    VIDEOS_CHANGE = "videos:change"
    VIDEOS_DELETE = "videos:delete"
    SHARES_CREATE = "shares:create"
    SHARES_READ = "shares:read"
    SHARES_REVOKE = "shares:revoke"
    ME_READ = "me:read"
    ME_CHANGE = "me:change"
    USERS_CREATE = "users:create"
    USERS_READ = "users:read"
    USERS_CHANGE = "users:change"
    USERS_DELETE = "users:delete"
    USERS_EXPORT = "users:export"
    KEYS_CREATE = "keys:create"
    KEYS_READ = "keys:read"
    KEYS_REVOKE = "keys:revoke"
    TENANT_READ = "tenant:read"
    TENANT_CHANGE = "tenant:change"
    TENANT_DELETE = "tenant:delete"
    USAGE_READ = "usage:read"
    AUDIT_READ = "audit:read"
    SERVICE_READ = "service:read"
    EVENTS_READ = "events:read"
    WEBHOOKS_CREATE = "webhooks:create"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_CHANGE = "webhooks:change"
    WEBHOOKS_DELETE = "webhooks:delete"
    WEBHOOKS_SEND = "webhooks:send"

    @property
    def room(self) -> str:
        """What it is done with."""
        return self.value.partition(":")[0]

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return not self.value.endswith(":read")

    @property
    def scope(self) -> str:
        """The scope that a key needs for it, if the key has scopes at all."""
        return f"{self.room}:{'write' if self.writes else 'read'}"


_N, _O, _S, _T = Reach.NONE, Reach.OWN, Reach.OPENED, Reach.TENANT
_ROLES = (Role.ADMIN, Role.USER, Role.VIEWER)
_TABLE: dict[Act, tuple[Reach, Reach, Reach]] = {
    Act.JOBS_CREATE: (_T, _O, _N),
    Act.JOBS_READ: (_T, _O, _O),
    Act.JOBS_CANCEL: (_T, _O, _N),
    Act.JOBS_RESUME: (_T, _O, _N),
    Act.JOBS_DELETE: (_T, _O, _N),
    Act.BATCHES_CREATE: (_T, _O, _N),
    Act.BATCHES_READ: (_T, _O, _O),
    Act.BATCHES_CANCEL: (_T, _O, _N),
    Act.BATCHES_RETRY: (_T, _O, _N),
    Act.ASSETS_CREATE: (_T, _O, _N),
    Act.ASSETS_READ: (_T, _S, _S),
    Act.ASSETS_CHANGE: (_T, _O, _N),
    Act.ASSETS_DELETE: (_T, _O, _N),
    Act.VIDEOS_READ: (_T, _S, _S),
    Act.VIDEOS_CHANGE: (_T, _O, _N),
    Act.VIDEOS_DELETE: (_T, _O, _N),
    Act.SHARES_CREATE: (_T, _O, _N),
    Act.SHARES_READ: (_T, _O, _N),
    Act.SHARES_REVOKE: (_T, _O, _N),
    Act.ME_READ: (_O, _O, _O),
    Act.ME_CHANGE: (_O, _O, _O),
    Act.USERS_CREATE: (_T, _N, _N),
    Act.USERS_READ: (_T, _O, _O),
    Act.USERS_CHANGE: (_T, _N, _N),
    Act.USERS_DELETE: (_T, _N, _N),
    Act.USERS_EXPORT: (_T, _O, _O),
    Act.KEYS_CREATE: (_T, _O, _N),
    Act.KEYS_READ: (_T, _O, _N),
    Act.KEYS_REVOKE: (_T, _O, _N),
    Act.TENANT_READ: (_T, _T, _T),
    Act.TENANT_CHANGE: (_T, _N, _N),
    Act.TENANT_DELETE: (_T, _N, _N),
    Act.USAGE_READ: (_T, _O, _O),
    Act.AUDIT_READ: (_T, _N, _N),
    Act.SERVICE_READ: (_T, _N, _N),
    Act.EVENTS_READ: (_T, _O, _O),
    Act.WEBHOOKS_CREATE: (_T, _N, _N),
    Act.WEBHOOKS_READ: (_T, _N, _N),
    Act.WEBHOOKS_CHANGE: (_T, _N, _N),
    Act.WEBHOOKS_DELETE: (_T, _N, _N),
    Act.WEBHOOKS_SEND: (_T, _N, _N),
}


class Owned(Protocol):
    """A thing that somebody owns."""

    @property
    def owner(self) -> str:
        """Id of the user."""


def reach(role: Role, act: Act) -> Reach:
    """How far an act of this role reaches."""
    return _TABLE[act][_ROLES.index(role)]


def require(caller: Caller, act: Act) -> Reach:
    """How far the caller reaches with an act. Raises Forbidden when not at all."""
    if caller.scopes and act.scope not in caller.scopes:
        raise Forbidden(f"this key has no scope {act.scope}")
    found = reach(caller.role, act)
    if found is Reach.NONE:
        raise Forbidden(f"the role {caller.role} may not do this")
    return found


def require_on(caller: Caller, act: Act, thing: Owned, *, called: str) -> None:
    """See that the caller may do this with a thing of its own tenant.

    Raises:
        NotFound: the caller cannot see it; says that there is no `called`.
        Forbidden: it sees it, and may not do this.
    """
    looks = Act(f"{act.room}:read")
    if not covers(reach(caller.role, looks), caller, thing):
        raise NotFound(f"no {called}")
    if not covers(require(caller, act), caller, thing):
        raise Forbidden("it belongs to somebody else")


def covers(far: Reach, caller: Caller, thing: Owned) -> bool:
    """Whether a reach of the caller covers a thing of its tenant."""
    if far is Reach.TENANT:
        return True
    if far is Reach.NONE:
        return False
    return thing.owner == caller.owner or (far is Reach.OPENED and _opened(thing, caller))


def _opened(thing: Owned, caller: Caller) -> bool:
    access = getattr(thing, "access", Access.PRIVATE)
    if access is Access.RESTRICTED:
        return caller.owner in getattr(thing, "readers", ())
    return access in (Access.PUBLIC, Access.AUTHENTICATED)
