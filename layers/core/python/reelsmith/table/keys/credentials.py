"""Keys of what opens a door: API keys, sessions, passwords and links."""

from reelsmith.table.keys.base import Key


def api_key(tenant_id: str, key_id: str = "") -> Key:
    """An API key, or with no id all of the tenant."""
    return Key(f"O#{tenant_id}#AUTH", f"KEY#{key_id}")


def session(tenant_id: str, session_id: str = "") -> Key:
    """A session, or with no id all of the tenant."""
    return Key(f"O#{tenant_id}#AUTH", f"SESS#{session_id}")


def sessions_of(tenant_id: str, user_id: str, session_id: str = "") -> Key:
    """GSI1: the sessions of a user, or the place of one."""
    return Key(f"O#{tenant_id}#S#{user_id}", session_id)


def password(tenant_id: str, user_id: str) -> Key:
    """What is kept of a user's password."""
    return Key(f"O#{tenant_id}#AUTH", f"PW#{user_id}")


def share(tenant_id: str, share_id: str = "") -> Key:
    """A link, or with no id all of the tenant."""
    return Key(f"O#{tenant_id}#SHARE", share_id)


def shares_of(tenant_id: str, resource: str, share_id: str = "") -> Key:
    """GSI1: the links of a thing, or the place of one."""
    return Key(f"O#{tenant_id}#R#{resource}", share_id)
