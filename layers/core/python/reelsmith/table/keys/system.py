"""Keys of what is nobody's: totals, leases, and how the machine is shared."""

from reelsmith.table.keys.base import Key, shard


def totals(item_id: str) -> Key:
    """The counters of all tenants, in the shard that counts this id."""
    return Key(f"G#CNT#{shard(item_id)}", "0")


def lease(name: str) -> Key:
    """Who may do what one process does at a time."""
    return Key(f"G#LEASE#{name}", "0")


def sweep() -> Key:
    """What the sweep remembers from one round to the next."""
    return Key("G#SWEEP", "0")


def pace(name: str = "") -> Key:
    """How long jobs of this name take, or with no name all paces."""
    return Key("G#TURNS", f"PACE#{name}")


def service() -> Key:
    """What tenants had of the machine lately."""
    return Key("G#TURNS", "SERVICE")
