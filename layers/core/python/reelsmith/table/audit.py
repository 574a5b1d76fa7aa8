"""The rows of the audit journal: put once, never changed, gone after `audit.RETENTION`."""

from reelsmith.domain.audit import RETENTION, AuditEntry
from reelsmith.table import keys
from reelsmith.table.items import Item, to_item
from reelsmith.table.transactions import Transaction

ENTRY = "entry"


def record(transaction: Transaction, entry: AuditEntry) -> None:
    """Let the entry be written with the deed, or not at all."""
    transaction.new(ENTRY, row(entry))


def row(entry: AuditEntry) -> Item:
    """An entry as its item, in all three orders of the journal."""
    place = keys.entry_place(entry.id, entry.at)
    return to_item(
        entry,
        "event",
        keys.journal(entry.tenant, place),
        gsi1=keys.deeds(entry.tenant, entry.actor, place),
        gsi2=keys.history(entry.tenant, entry.resource, place),
        **{keys.TTL: int((entry.at + RETENTION).timestamp())},
    )
