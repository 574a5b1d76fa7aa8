"""Keys of files, their bytes, and films."""

from datetime import datetime

from reelsmith.table.keys.base import Key, milliseconds, shard

_NAME_IN_KEY = 100  # characters of a file's name that it is ordered by


def owned(tenant_id: str, owner: str, thing_id: str = "") -> Key:
    """The pointer to a thing of a user. Without an id, all; a prefix such as `job_` picks."""
    return Key(f"O#{tenant_id}#X#{owner}", thing_id)


def asset(tenant_id: str, asset_id: str = "") -> Key:
    """An uploaded file, or with no id all of the tenant."""
    return Key(f"O#{tenant_id}#LIB", f"FILE#{asset_id}")


def assets_by_name(tenant_id: str, file_type: str, name: str, *asset_id: str) -> Key:
    """GSI1: where a file stands by type and name; without an id, those whose names begin so."""
    place = "#".join((file_type, name.casefold()[:_NAME_IN_KEY], *asset_id))
    return Key(f"O#{tenant_id}#FILES", place)


def expiring(asset_id: str, at: datetime) -> Key:
    """GSI2: where a file waits for the end of its time."""
    return Key(f"W#EXP#{shard(asset_id)}", f"{milliseconds(at)}#{asset_id}")


def expired_lane(shard_number: int, until: datetime) -> tuple[Key, str]:
    """GSI2: the files of a shard whose time ended by `until`."""
    return Key(f"W#EXP#{shard_number}", "0"), f"{milliseconds(until)}#~"


def blob(tenant_id: str, sha256: str = "") -> Key:
    """The count of uses of some bytes, or with no hash all of the tenant."""
    return Key(f"O#{tenant_id}#BLOB", sha256)


def garbage(tenant_id: str, sha256: str, since: datetime) -> Key:
    """GSI2: where bytes wait that may be unused."""
    return Key(f"W#GC#{shard(sha256)}", f"{milliseconds(since)}#{tenant_id}#{sha256}")


def garbage_lane(shard_number: int) -> Key:
    """GSI2: the bytes of a shard that may be unused."""
    return Key(f"W#GC#{shard_number}", "")


def video(tenant_id: str, video_id: str = "") -> Key:
    """A finished film, or with no id all of the tenant."""
    return Key(f"O#{tenant_id}", f"VID#{video_id}")
