"""New events: written with what they tell of, and in GSI2 until they have a place in the log."""

from reelsmith.domain.events import RETENTION, Event
from reelsmith.table import keys
from reelsmith.table.items import Item, to_item
from reelsmith.table.transactions import Transaction


def tell(transaction: Transaction, event: Event) -> None:
    """Let an event be written with the deed, or not at all."""
    transaction.new("told", row(event))


def row(event: Event) -> Item:
    """An event as its item: in the log if it has a place there, else new."""
    ttl = {keys.TTL: int((event.at + RETENTION).timestamp())}
    if event.place:
        return to_item(event, "told", keys.event(event.tenant, event.place)) | ttl
    where = keys.new_event(event.tenant, event.id)
    return to_item(event, "told", where, gsi2=keys.untold(event.id, event.at)) | ttl
