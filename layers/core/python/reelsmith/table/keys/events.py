"""Keys of events, of endpoints, and of what is on its way to them."""

from datetime import datetime

from reelsmith.table.keys.base import Key, milliseconds, shard


def new_event(tenant_id: str, event_id: str) -> Key:
    """An event that has no place in the log yet."""
    return Key(f"O#{tenant_id}#EV", f"OUT#{event_id}")


def untold(event_id: str, at: datetime) -> Key:
    """GSI2: where an event waits for its place in the log."""
    return Key(f"W#EV#{shard(event_id)}", f"{milliseconds(at)}#{event_id}")


def untold_lane(shard_number: int) -> Key:
    """GSI2: the events of a shard that wait for their places."""
    return Key(f"W#EV#{shard_number}", "")


def event(tenant_id: str, place: str = "") -> Key:
    """An event in the log."""
    return Key(f"O#{tenant_id}#EV", place)


def log(tenant_id: str, since: str = "0", until: str = "9~") -> tuple[Key, str]:
    """The log of a tenant between two places."""
    return Key(f"O#{tenant_id}#EV", since), until


def log_end(tenant_id: str) -> Key:
    """The last place in the log that was given out."""
    return Key(f"O#{tenant_id}#EV", "HEAD")


def webhook(tenant_id: str, webhook_id: str = "") -> Key:
    """An endpoint, or with no id all of the tenant."""
    return Key(f"O#{tenant_id}#HOOK", webhook_id)


def delivery(tenant_id: str, webhook_id: str, delivery_id: str = "") -> Key:
    """A delivery, or with no id all to an endpoint."""
    return Key(f"O#{tenant_id}#HK", f"{webhook_id}#{delivery_id}")


def undelivered(delivery_id: str, at: datetime) -> Key:
    """GSI2: where a delivery waits for its next attempt."""
    return Key(f"W#DLV#{shard(delivery_id)}", f"{milliseconds(at)}#{delivery_id}")


def undelivered_lane(
    shard_number: int, since: datetime | None, until: datetime
) -> tuple[Key, str]:
    """GSI2: the deliveries of a shard whose next attempt is due in a span."""
    first = milliseconds(since) if since else "0"
    return Key(f"W#DLV#{shard_number}", first), f"{milliseconds(until)}#~"
