"""The last step of an erasure: the user or the tenant itself goes, and the receipt is written."""

from collections.abc import Callable, Mapping

from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.people import Tenant, User
from reelsmith.errors import Conflict
from reelsmith.table import audit, counters, keys
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, absent, add, stands, to_entity
from reelsmith.table.keys import Key
from reelsmith.table.removals import ERASED
from reelsmith.table.transactions import Transaction

Counts = dict[str, int]


def of_user(
    database: Database,
    tenant: str,
    owner: str,
    *,
    markers: Callable[[User], Mapping[str, Key]],
    entry: AuditEntry,
) -> bool:
    """Delete a user of whom nothing else is left, and count what went for its tenant.

    False when more went meanwhile than was counted. Twice is once.
    """
    mine = database.get(keys.user_usage(tenant, owner))
    if mine is None:
        return True
    row = database.get(keys.user(tenant, owner))
    gone = _tallies(mine)
    usage = {f"{ERASED}{kind}": number for kind, number in gone.items()}
    transaction = Transaction(database)
    if row:
        user = to_entity(User, row)
        _delete_user(transaction, user, markers(user))
        usage |= {"users": -1, "admins": -int(user.governs), f"{ERASED}users": 1}
        transaction.update("totals", keys.totals(owner), *add({"users": -1}), expects=None)
    _delete_counted(transaction, keys.user_usage(tenant, owner), mine)
    if usage:
        counters.count(transaction, tenant, usage)
    return _receipt(transaction, entry, gone)


def of_tenant(database: Database, tenant: Tenant, *, entry: AuditEntry) -> bool:
    """Delete what counts a tenant of which nothing else is left but its row. As `of_user`."""
    usage = database.get(keys.usage(tenant.id))
    if usage is None:
        return True
    transaction = Transaction(database)
    transaction.check("tenant", keys.tenant(tenant.id), expects=stands(version=tenant.version))
    _delete_counted(transaction, keys.usage(tenant.id), usage)
    transaction.update("totals", keys.totals(tenant.id), *add({"tenants": -1}), expects=None)
    return _receipt(transaction, entry, _tallies(usage))


def _delete_user(transaction: Transaction, user: User, names: Mapping[str, Key]) -> None:
    transaction.delete(
        "user", keys.user(user.tenant, user.id), expects=stands(version=user.version)
    )
    for kind, place in names.items():
        transaction.delete(kind, place, expects=absent() | stands(user=user.id))


def _delete_counted(transaction: Transaction, key: Key, item: Item) -> None:
    """Delete counters that still say what was read."""
    counted = {name: item[name] for name in item if name.startswith(ERASED)}
    transaction.delete(counters.MINE, key, expects=stands(**counted))


def _tallies(item: Item) -> Counts:
    return {name.removeprefix(ERASED): item[name] for name in item if name.startswith(ERASED)}


def _receipt(transaction: Transaction, entry: AuditEntry, gone: Counts) -> bool:
    audit.record(transaction, entry.model_copy(update={"changes": gone}))
    try:
        transaction.commit()
    except Refused as refused:
        if refused.stored.get(audit.ENTRY) or refused.stored.keys() == {"tenant"}:
            return False
        if counters.MINE in refused.stored or "user" in refused.stored:
            return False
        raise Conflict(f"cannot end the erasure: {refused}") from refused
    return True
