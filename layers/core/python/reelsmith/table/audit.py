"""The rows of the audit journal: put once, never changed, gone after 400 days."""

from datetime import timedelta

from reelsmith.domain.audit import AuditEntry
from reelsmith.table import keys
from reelsmith.table.items import Item, to_item
from reelsmith.table.transactions import Transaction

RETENTION = timedelta(days=400)
ENTRY = "entry"


def record(transaction: Transaction, entry: AuditEntry, *, watched: bool = False) -> None:
    """Let the entry be written with the deed; `watched` ones are listed by day for operators.

    Its id is new in every deed, so that the same deed told twice is refused under `ENTRY`.
    """
    transaction.new(ENTRY, _row(entry, watched=watched))


def _row(entry: AuditEntry, *, watched: bool) -> Item:
    day = keys.day(entry.id, entry.action, entry.at) if watched else None
    return to_item(
        entry,
        "event",
        keys.history(entry.tenant, entry.resource, entry.id),
        gsi1=keys.deeds(entry.tenant, entry.actor, entry.id),
        gsi2=day,
        **{keys.TTL: int((entry.at + RETENTION).timestamp())},
    )
