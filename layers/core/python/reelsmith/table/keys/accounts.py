"""Keys of tenants, users and what these use, and of their way out."""

import hashlib
from datetime import datetime

from reelsmith.table.keys.base import Key, milliseconds, shard


def tenant(tenant_id: str) -> Key:
    """The tenant itself."""
    return Key(f"O#{tenant_id}", "A#TENANT")


def usage(tenant_id: str) -> Key:
    """What the tenant uses and may use."""
    return Key(f"O#{tenant_id}#USAGE", "0")


def user_usage(tenant_id: str, owner: str) -> Key:
    """What a user has made. While it is `open` the user makes more."""
    return Key(f"O#{tenant_id}#USAGE", f"U#{owner}")


def usage_on(tenant_id: str, day: str, owner: str = "") -> Key:
    """What a user made on a day (`yyyy-mm-dd`, UTC)."""
    return Key(f"O#{tenant_id}#USAGE", f"D#{day}#{owner}")


def usage_days(tenant_id: str, first: str, last: str) -> tuple[Key, str]:
    """What all users of a tenant made from a day to another."""
    return Key(f"O#{tenant_id}#USAGE", f"D#{first}#"), f"D#{last}#~"


def limit(name: str, tenant_id: str | None = None) -> Key:
    """A token bucket or a window, each in a partition of its own. Hashed: names hold addresses."""
    hashed = hashlib.sha256(name.encode()).hexdigest()[:32]
    return Key(f"O#{tenant_id}#RL#{hashed}" if tenant_id else f"S#{hashed}", "R")


def tenants_lane(shard_number: int, tenant_id: str = "") -> Key:
    """GSI2: the tenants of a shard, or the place of one."""
    return Key(f"W#TEN#{shard_number}", tenant_id)


def user(tenant_id: str, user_id: str = "") -> Key:
    """A user, or with no id all of the tenant."""
    return Key(f"O#{tenant_id}", f"USER#{user_id}")


def unique_name(kind: str, mark: str) -> Key:
    """Whose a username or an address is. `mark` is an HMAC: no names in keys, one size."""
    return Key(f"Q#{kind}#{mark}", "Q")


def erasing(item_id: str, since: datetime) -> Key:
    """GSI2: where a user or a tenant waits until nothing of it is left."""
    return Key(f"W#DEL#{shard(item_id)}", f"{milliseconds(since)}#{item_id}")


def erasing_lane(shard_number: int) -> Key:
    """GSI2: the users and tenants of a shard that are being erased."""
    return Key(f"W#DEL#{shard_number}", "")


def leaving(user_id: str, since: datetime) -> Key:
    """GSI2: where a deleted user waits to be restored or erased."""
    return Key(f"W#OUT#{shard(user_id)}", f"{milliseconds(since)}#{user_id}")


def leaving_lane(shard_number: int, until: datetime) -> tuple[Key, str]:
    """GSI2: the users of a shard that were deleted by `until`."""
    return Key(f"W#OUT#{shard_number}", "0"), f"{milliseconds(until)}#~"


def export(tenant_id: str, export_id: str = "") -> Key:
    """An export of a user's data, or with no id all of the tenant."""
    return Key(f"O#{tenant_id}#EXPORT", export_id)


def unwritten(export_id: str, since: datetime) -> Key:
    """GSI2: where an export stands until it is written."""
    return Key(f"W#EXPORT#{shard(export_id)}", f"{milliseconds(since)}#{export_id}")


def unwritten_lane(shard_number: int) -> Key:
    """GSI2: the exports of a shard that are not written to their end."""
    return Key(f"W#EXPORT#{shard_number}", "")


def leftover(tenant_id: str, prefix: str = "") -> Key:
    """A reminder of objects that have to go, or with no prefix all of the tenant."""
    return Key(f"O#{tenant_id}#REST", prefix)


def leftover_place(prefix: str, at: datetime) -> Key:
    """GSI2: where such a reminder stands; it is due at that moment."""
    return Key(f"W#REST#{shard(prefix)}", f"{milliseconds(at)}#{prefix}")


def leftover_lane(shard_number: int, until: datetime) -> tuple[Key, str]:
    """GSI2: the reminders of a shard that are due by `until`."""
    return Key(f"W#REST#{shard_number}", "0"), f"{milliseconds(until)}#~"


def belongings(tenant_id: str, room: str) -> Key:
    """All rows of one of a tenant's rooms, as `AUTH`, `BLOB`, `EV`, `EXPORT`, `HK` or `USAGE`."""
    return Key(f"O#{tenant_id}#{room}", "")
