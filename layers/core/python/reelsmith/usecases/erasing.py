"""Deletions that are asked for: a job, a user, a whole tenant. What is big goes on in rounds."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from reelsmith.domain import audit, rights
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.ids import Kind
from reelsmith.domain.people import Caller, Tenant, User
from reelsmith.domain.rights import Act
from reelsmith.errors import Conflict, Invalid, NotFound
from reelsmith.ports import Deps
from reelsmith.ports.erasing import Leftover
from reelsmith.storage import keys
from reelsmith.usecases import suspicion, videos

LATE = timedelta(minutes=15)
"""How long after its end a task may still write: AWS Lambda's longest timeout."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A user seen as a thing that it owns itself."""

    owner: str


def delete_job(deps: Deps, *, caller: Caller, job_id: str, film: bool = False) -> None:
    """Delete a finished job with its history, and with `film` its video too.

    Raises:
        Forbidden, NotFound: as `rights.require_on`.
        Conflict: it is not finished; call it off first.
    """
    job = deps.jobs.get(caller.tenant, job_id)
    rights.require_on(caller, Act.JOBS_DELETE, job, called=f"job {job_id}")
    if not job.status.final:
        raise Conflict(f"job {job_id} is {job.status}; call it off before you delete it")
    if film and job.video_id:
        with suppress(NotFound):
            videos.remove(deps, caller=caller, video_id=job.video_id)
    entry = _entry(deps, caller, "job.deleted", job.id, status=job.status, film=film)
    leftover = Leftover(job.tenant, keys.desk(job.tenant, job.id))
    deps.erasure.remove_job(job, entry=entry, leftover=leftover, objects_at=job.updated_at + LATE)
    suspicion.deleted(deps, caller=caller)


def erase_user(deps: Deps, *, caller: Caller, user_id: str, confirm: str | None = None) -> User:
    """Begin to erase a user and all that it owns. From now on it makes and opens nothing.

    Twice is once.

    Raises:
        Forbidden, NotFound: as `rights.require_on`.
        Invalid: the user was not deleted before, and `confirm` is not its username.
        Conflict: it is the tenant's last administrator, or changed meanwhile.
    """
    rights.require_on(caller, Act.USERS_DELETE, Subject(user_id), called=f"user {user_id}")
    user = deps.users.get(caller.tenant, user_id)
    if user.erasing_at:
        return user
    if not user.deleted_at and confirm != user.username:
        raise Invalid.field(
            "/confirm",
            "it is not the username of the user",
            remedy="send the username, since this cannot be undone; or delete the user first",
        )
    return gate(deps, user, _entry(deps, caller, "user.erasure_begun", user.id))


def gate(deps: Deps, user: User, entry: AuditEntry) -> User:
    """Let a user make and open nothing any more, and wait to be erased. Raises Conflict."""
    now = user.model_copy(
        update={
            "erasing_at": entry.at,
            "updated_at": entry.at,
            "session_epoch": user.session_epoch + 1,
        }
    )
    return deps.users.change(user, now, entry=entry)


def erase_tenant(deps: Deps, *, caller: Caller, confirm: str) -> Tenant:
    """Begin to erase the caller's tenant. From now on its credentials open nothing.

    Raises:
        Forbidden: only administrators do this.
        Invalid: `confirm` is not the tenant's name.
        Conflict: the tenant changed meanwhile.
    """
    rights.require(caller, Act.TENANT_DELETE)
    tenant = deps.people.tenant(caller.tenant)
    if tenant.erasing_at:
        return tenant
    if confirm != tenant.name:
        raise Invalid.field(
            "/confirm",
            "it is not the name of the tenant",
            remedy="send the tenant's name, since this cannot be undone",
        )
    entry = _entry(deps, caller, "tenant.erasure_begun", tenant.id)
    now = tenant.model_copy(update={"erasing_at": entry.at, "updated_at": entry.at})
    return deps.people.change_tenant(tenant, now, entry=entry)


def _entry(
    deps: Deps, caller: Caller, action: str, resource: str, **changes: object
) -> AuditEntry:
    return audit.by_caller(
        caller,
        entry_id=deps.new_id(Kind.EVENT),
        action=action,
        resource=resource,
        at=deps.now(),
        **changes,
    )
