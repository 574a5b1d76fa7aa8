"""Keys of batches, and of the places where they stand until they are over."""

from datetime import datetime

from reelsmith.table.keys.base import Key, milliseconds, shard


def batch(tenant_id: str, batch_id: str = "") -> Key:
    """A batch, or with no id all of the tenant."""
    return Key(f"O#{tenant_id}", f"BAT#{batch_id}")


def unfinished(batch_id: str, since: datetime) -> Key:
    """GSI2: where a batch stands until all of its rows have ended."""
    return Key(f"W#BAT#{shard(batch_id)}", f"{milliseconds(since)}#{batch_id}")


def batch_lane(shard_number: int) -> Key:
    """GSI2: the batches of a shard that are not over."""
    return Key(f"W#BAT#{shard_number}", "")


def refused_row(tenant_id: str, batch_id: str, number: int | None = None) -> Key:
    """Why no job could be made of a row of a batch, or with no number all such rows."""
    return Key(f"O#{tenant_id}#B#{batch_id}", "" if number is None else f"{number:05d}")
