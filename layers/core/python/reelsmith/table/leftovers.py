"""Notes of objects that outlived their rows, and wait in the index of work due to be deleted."""

from datetime import datetime

from reelsmith.ports.erasing import Leftover
from reelsmith.table import keys
from reelsmith.table.items import Item, version


def row(leftover: Leftover, at: datetime) -> Item:
    """The note of objects that are due to go at this time."""
    key = keys.leftover(leftover.tenant, leftover.prefix)
    place = keys.leftover_place(leftover.prefix, at)
    return {
        keys.PK: key.pk,
        keys.SK: key.sk,
        keys.GSI2_PK: place.pk,
        keys.GSI2_SK: place.sk,
        "et": "leftover",
        "sv": version("leftover"),
        "tenant": leftover.tenant,
    }
