"""A tenant seen from within: its name, its limits and what it uses of them."""

from reelsmith.domain import audit, rights
from reelsmith.domain.ids import Kind
from reelsmith.domain.people import Caller, Tenant
from reelsmith.domain.quotas import Quota, quotas
from reelsmith.domain.rights import Act
from reelsmith.ports import Deps


def read(deps: Deps, *, caller: Caller) -> tuple[Tenant, tuple[Quota, ...]]:
    """The caller's tenant, and its quotas with what is used. Raises Forbidden, NotFound."""
    rights.require(caller, Act.TENANT_READ)
    tenant = deps.people.tenant(caller.tenant)
    now = deps.now()
    return tenant, quotas(tenant, deps.usage.used(caller.tenant, at=now), at=now)


def rename(deps: Deps, *, caller: Caller, was: Tenant, name: str) -> Tenant:
    """Give the caller's tenant another name. Raises Forbidden, Conflict, NotFound."""
    rights.require(caller, Act.TENANT_CHANGE)
    now = deps.now()
    entry = audit.by_caller(
        caller,
        entry_id=deps.new_id(Kind.EVENT),
        action="tenant.changed",
        resource=was.id,
        at=now,
        name="changed",
    )
    named = was.model_copy(update={"name": name, "updated_at": now})
    return deps.people.change_tenant(was, named, entry=entry)
