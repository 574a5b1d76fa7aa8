"""What the operator of a deployment makes: tenants, their first administrators and keys."""

import secrets
from collections.abc import Mapping

from reelsmith.domain import audit, tokens
from reelsmith.domain.ids import Kind
from reelsmith.domain.people import ApiKey, Password, Role, Tenant, User
from reelsmith.domain.tokens import Purpose
from reelsmith.errors import Invalid
from reelsmith.ports import Deps

LIMITS = (
    "max_active_jobs",
    "max_jobs_per_day",
    "max_minutes_per_month",
    "max_stored_bytes",
    "max_requests_per_minute",
)
_ALWAYS_LIMITED = ("max_active_jobs", "max_requests_per_minute")


def open_tenant(deps: Deps, *, name: str, tenant_id: str | None = None) -> Tenant:
    """A tenant of this name. A given id that is there already answers with what is there."""
    now = deps.now()
    tenant = Tenant(id=tenant_id or deps.new_id(Kind.TENANT), name=name, created_at=now)
    entry = audit.by_system(
        tenant.id,
        entry_id=deps.new_id(Kind.EVENT),
        action="tenant.created",
        resource=tenant.id,
        at=now,
    )
    return deps.people.add_tenant(tenant, entry=entry)


def first_admin(
    deps: Deps,
    *,
    tenant: str,
    username: str,
    password: str | None = None,
    user_id: str | None = None,
) -> User:
    """An administrator, made by the operator of the deployment. Raises NameTaken, NotFound."""
    now = deps.now()
    user = User(
        id=user_id or deps.new_id(Kind.USER),
        tenant=tenant,
        username=username,
        name=username,
        role=Role.ADMIN,
        metadata={},
        created_at=now,
        updated_at=now,
    )
    entry = audit.by_system(
        tenant,
        entry_id=deps.new_id(Kind.EVENT),
        action="user.created",
        resource=user.id,
        at=now,
        role=user.role,
    )
    kept = password and Password(
        user=user.id, tenant=tenant, hash=deps.passwords.hash(password), changed_at=now
    )
    return deps.users.add(user, password=kept or None, entry=entry).thing


def issue_key(deps: Deps, *, tenant: str, owner: str, role: Role) -> tuple[ApiKey, str]:
    """A new key and its token. The token is shown this once; only its HMAC is kept.

    Raises:
        NotFound: there is no such user, or it is not enabled.
    """
    now = deps.now()
    token = tokens.mint(Purpose.KEY, deps.settings.stage, tenant, secrets.token_bytes(32))
    key = ApiKey(
        id=token.id,
        tenant=tenant,
        owner=owner,
        role=role,
        secret_hmac=tokens.seal(token.secret, deps.pepper()),
        created_at=now,
    )
    entry = audit.by_system(
        tenant,
        entry_id=deps.new_id(Kind.EVENT),
        action="key.issued",
        resource=key.id,
        at=now,
        role=role,
        owner=owner,
    )
    return deps.credentials.add_key(key, entry=entry).thing, token.text


def set_limits(deps: Deps, *, tenant_id: str, limits: Mapping[str, int | None]) -> Tenant:
    """Change what a tenant may have, by the operator of the deployment; None is no limit.

    Jobs and files are held to it at once, requests within a minute.

    Raises:
        Invalid: a limit that is not one of `LIMITS`, that is negative, or that has to be there.
        Conflict, NotFound: as `People.change_tenant`.
    """
    for name, limit in limits.items():
        if name not in LIMITS or (limit is None and name in _ALWAYS_LIMITED):
            raise Invalid(f"{name} is not a limit, or one that has to be there")
        if limit is not None and limit < 0:
            raise Invalid(f"{name} cannot be less than nothing")
    was = deps.people.tenant(tenant_id)
    now = was.model_copy(update={**limits, "updated_at": deps.now()})
    changes = {
        name: [getattr(was, name), limit]
        for name, limit in limits.items()
        if getattr(was, name) != limit
    }
    if not changes:
        return was
    entry = audit.by_system(
        tenant_id,
        entry_id=deps.new_id(Kind.EVENT),
        action="tenant.limits_changed",
        resource=tenant_id,
        at=deps.now(),
        **changes,
    )
    return deps.people.change_tenant(was, now, entry=entry)
