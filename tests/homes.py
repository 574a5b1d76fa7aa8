"""Tenants that are lived in: with a user who makes things."""

from reelsmith.domain.people import Tenant, User
from reelsmith.table.repositories import Repositories
from tests.builders import a_tenant, a_user, an_entry


def at_home(repositories: Repositories, **changes) -> Tenant:
    """A tenant with one user, `builders.OWNER`; `changes` are the tenant's."""
    tenant = a_tenant(**changes)
    entry = an_entry(tenant=tenant.id, resource=tenant.id, at=tenant.created_at)
    repositories.people.add_tenant(tenant, entry=entry)
    if tenant.active:
        moved_in(repositories, a_user(tenant=tenant.id))
    return tenant


def moved_in(repositories: Repositories, user: User) -> User:
    """One more user of a tenant."""
    entry = an_entry(tenant=user.tenant, resource=user.id, at=user.created_at)
    return repositories.users.add(user, password=None, entry=entry).thing
