"""A tenant to begin with, as the operator of a deployment founds it."""

from contextlib import suppress
from dataclasses import dataclass

from reelsmith.domain.people import ApiKey, Role, Tenant, User
from reelsmith.errors import NameTaken, NotFound
from reelsmith.ports import Deps
from reelsmith.usecases import people


@dataclass(frozen=True, slots=True)
class Founded:
    """A tenant with its first administrator, and the administrator's key with its token."""

    tenant: Tenant
    admin: User
    key: ApiKey
    token: str


def found(
    deps: Deps,
    *,
    name: str,
    username: str,
    password: str | None = None,
    user_id: str | None = None,
) -> Founded:
    """A new tenant with its first administrator and a key, whose token is shown this once.

    Raises:
        NameTaken: the username is somebody's; nothing was made.
    """
    with suppress(NotFound):
        deps.users.find(username)
        raise NameTaken(("username",))
    tenant = people.open_tenant(deps, name=name)
    admin = people.first_admin(
        deps, tenant=tenant.id, username=username, password=password, user_id=user_id
    )
    key, token = people.issue_key(deps, tenant=tenant.id, owner=admin.id, role=Role.ADMIN)
    return Founded(tenant, admin, key, token)
