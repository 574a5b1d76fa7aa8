"""Users of a tenant: made, read, changed, put away and taken back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from reelsmith.domain import audit, rights, tokens
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.ids import Kind
from reelsmith.domain.model import Entity, Metadata
from reelsmith.domain.people import Caller, Email, Password, Role, User, Username
from reelsmith.domain.rights import Act, Reach
from reelsmith.errors import Conflict, Forbidden, Invalid
from reelsmith.ports import Deps, Made, UserPage
from reelsmith.usecases import once as onces
from reelsmith.usecases import signin, suspicion
from reelsmith.usecases.once import Once

PAGE_DEFAULT, PAGE_MOST = 50, 100
_TOLD = ("role", "name", "username", "email", "is_active", "metadata", "deleted_at")
_OWN_FIELDS = frozenset({"name", "email", "metadata"})


class Newcomer(Entity):
    """Who is to become a user. Without a password it has keys only.

    `sub` names a person of the stage's user pool, who is this user from then on.
    """

    username: Username
    name: str
    email: Email | None = None
    role: Role = Role.USER
    metadata: Metadata
    password: str | None = None
    sub: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Owner:
    """A user seen as a thing that it owns itself."""

    owner: str


def create(
    deps: Deps, *, caller: Caller, newcomer: Newcomer, once: Once | None = None
) -> Made[User]:
    """Add a user to the caller's tenant.

    Raises:
        Forbidden: only administrators do this.
        NameTaken, KeyReused, NotFound: as `Users.add`.
        Invalid: it is of a user pool, and the stage has none.
        Conflict: this person of the pool is a user already.
    """
    rights.require(caller, Act.USERS_CREATE)
    now = deps.now()
    user = User(
        **newcomer.model_dump(exclude={"password", "sub"}),
        id=_new_id(deps, newcomer.sub),
        tenant=caller.tenant,
        created_at=now,
        updated_at=now,
    )
    password = _hashed(deps, user, newcomer.password) if newcomer.password else None
    entry = _entry(deps, caller, "user.created", user, role=user.role)
    # the fingerprint is of a body with a password in it
    sealed = once and replace(once, fingerprint=tokens.seal(once.fingerprint, deps.pepper()))
    made = deps.users.add(
        user, password=password, entry=entry, idempotency=onces.record(deps, caller, sealed)
    )
    if newcomer.sub and made.thing.username != user.username:
        raise Conflict("this person of the user pool is a user already")
    return made


def _new_id(deps: Deps, sub: UUID | None) -> str:
    """The id of a new user: the pool's, for a person of the pool. Raises Invalid."""
    if sub is None:
        return deps.new_id(Kind.USER)
    if deps.settings.auth != "cognito":
        raise Invalid.field(
            "/sub", "this stage has no user pool", remedy="leave it out, and send a password"
        )
    return f"{Kind.USER}_{sub.hex}"


def read(deps: Deps, *, caller: Caller, user_id: str) -> User:
    """A user of the tenant; whoever is no administrator sees itself. Raises NotFound."""
    return _user(deps, caller, Act.USERS_READ, user_id)


def me(deps: Deps, *, caller: Caller) -> User:
    """The user who asks. Raises NotFound for the platform itself."""
    rights.require(caller, Act.ME_READ)
    return deps.users.get(caller.tenant, caller.owner)


def page(
    deps: Deps, *, caller: Caller, after: str | None = None, limit: int = PAGE_DEFAULT
) -> UserPage:
    """The tenant's users by id; whoever is no administrator sees itself alone."""
    if rights.require(caller, Act.USERS_READ) is Reach.TENANT:
        return deps.users.page(caller.tenant, after=after, limit=min(limit, PAGE_MOST))
    me = deps.users.get(caller.tenant, caller.owner)
    return UserPage(users=() if after else (me,), after=None)


def change(deps: Deps, *, caller: Caller, was: User, fields: Mapping[str, object]) -> User:
    """The user `was` with other values in `fields`, as an administrator wants it.

    Another role, or being switched off, ends the user's sessions.

    Raises:
        Forbidden, NotFound: as `rights.require_on`.
        Conflict: it is put away, changed meanwhile, or is the last administrator.
        NameTaken: the new username or address is somebody's.
    """
    rights.require_on(caller, Act.USERS_CHANGE, _Owner(was.id), called=f"user {was.id}")
    return _changed(deps, caller, was, fields)


def change_me(deps: Deps, *, caller: Caller, was: User, fields: Mapping[str, object]) -> User:
    """The caller's own user with another name, address or metadata. Raises as `change`."""
    rights.require(caller, Act.ME_CHANGE)
    if was.id != caller.owner or not fields.keys() <= _OWN_FIELDS:
        raise Forbidden("ask an administrator for this")
    return _changed(deps, caller, was, fields)


def put_away(deps: Deps, *, caller: Caller, user_id: str) -> User:
    """Delete a user so that it can be restored: it opens nothing and makes nothing from now on.

    Twice is once. Raises as `change`.
    """
    user = _user(deps, caller, Act.USERS_DELETE, user_id)
    if user.deleted_at:
        return user
    gone = _write(deps, caller, user, {"deleted_at": deps.now()}, "user.deleted")
    suspicion.deleted(deps, caller=caller)
    return gone


def restore(deps: Deps, *, caller: Caller, user_id: str) -> User:
    """Take a deleted user back, with its keys and its password. Twice is once.

    Raises:
        Conflict: it is being erased, or changed meanwhile.
        Forbidden, NotFound: as `rights.require_on`.
    """
    user = _user(deps, caller, Act.USERS_CHANGE, user_id)
    if user.erasing_at:
        raise Conflict(f"user {user.id} is being erased")
    if not user.deleted_at:
        return user
    return _write(deps, caller, user, {"deleted_at": None}, "user.restored")


def set_password(deps: Deps, *, caller: Caller, user_id: str, password: str) -> None:
    """Give a user a new password, as an administrator; its sessions end.

    Raises:
        Forbidden, NotFound: as `rights.require_on`.
    """
    user = _user(deps, caller, Act.USERS_CHANGE, user_id)
    entry = _entry(deps, caller, "user.password_set", user)
    deps.credentials.set_password(_hashed(deps, user, password), entry=entry)


def change_password(deps: Deps, *, caller: Caller, old: str, new: str) -> None:
    """Give the caller's own user a new password; its sessions end, this one too.

    Raises:
        Invalid: the old password is not the one that stands, or there were too many misses.
        Conflict: another password was set meanwhile.
    """
    rights.require(caller, Act.ME_CHANGE)
    user = deps.users.get(caller.tenant, caller.owner)
    kept = deps.credentials.password(user.tenant, user.id)
    if not signin.proves(deps, kept, old):
        raise Invalid.field(
            "/old_password",
            "this is not the password that stands",
            remedy="send it again, after some minutes if it was wrong several times; an"
            " administrator can set one without it",
        )
    entry = _entry(deps, caller, "user.password_changed", user)
    kept = deps.credentials.password(user.tenant, user.id)
    deps.credentials.set_password(_hashed(deps, user, new), entry=entry, was=kept)


def _user(deps: Deps, caller: Caller, act: Act, user_id: str) -> User:
    called = f"user {user_id}"
    rights.require_on(caller, act, _Owner(user_id), called=called)
    return deps.users.get(caller.tenant, user_id)


def _changed(deps: Deps, caller: Caller, was: User, fields: Mapping[str, object]) -> User:
    if was.deleted_at or was.erasing_at:
        raise Conflict(f"user {was.id} is deleted; restore it first")
    if all(getattr(was, name) == value for name, value in fields.items()):
        return was
    return _write(deps, caller, was, fields, "user.changed")


def _write(
    deps: Deps, caller: Caller, was: User, fields: Mapping[str, object], action: str
) -> User:
    now = was.model_copy(update={**fields, "updated_at": deps.now()})
    if now.role is not was.role or now.enabled is not was.enabled:
        now = now.model_copy(update={"session_epoch": was.session_epoch + 1})
    told = audit.changed(was, now, _TOLD)
    return deps.users.change(was, now, entry=_entry(deps, caller, action, was, **told))


def _hashed(deps: Deps, user: User, password: str) -> Password:
    return Password(
        user=user.id,
        tenant=user.tenant,
        hash=deps.passwords.hash(password),
        changed_at=deps.now(),
    )


def _entry(deps: Deps, caller: Caller, action: str, user: User, **changes: object) -> AuditEntry:
    return audit.by_caller(
        caller,
        entry_id=deps.new_id(Kind.EVENT),
        action=action,
        resource=user.id,
        at=deps.now(),
        **changes,
    )
