"""Keys of the journal, its chain, and of requests that were heard before."""

import hashlib
from datetime import datetime

from reelsmith.table.keys.base import Key, milliseconds


def entry_place(entry_id: str, at: datetime) -> str:
    """Where an entry stands in every order of the journal."""
    return f"{milliseconds(at)}#{entry_id}"


def journal(tenant_id: str, place: str = "") -> Key:
    """The tenant's journal by time, or one entry of it."""
    return Key(f"O#{tenant_id}#H", place)


def deeds(tenant_id: str, actor: str, place: str = "") -> Key:
    """GSI1: what somebody did, or one entry of it."""
    return Key(f"O#{tenant_id}#ACT#{actor}", place)


def history(tenant_id: str, resource: str, place: str = "") -> Key:
    """GSI2: what happened to a thing, or one entry of it."""
    return Key(f"O#{tenant_id}#RES#{resource}", place)


def seal(tenant_id: str, number: int) -> Key:
    """A link of the chain that seals the journal."""
    return Key(f"O#{tenant_id}#SEAL", f"{number:010d}")


def seals(tenant_id: str) -> Key:
    """The whole chain."""
    return Key(f"O#{tenant_id}#SEAL", "")


def idempotency(tenant_id: str, key: str) -> Key:
    """What a caller's idempotency key stands for. Hashed: callers choose these keys freely."""
    return Key(f"O#{tenant_id}#IDEM#{hashlib.sha256(key.encode()).hexdigest()}", "I")
