"""Idempotency records: what a caller's key stands for, written with what it made."""

from datetime import datetime

from pynamodb.expressions.operand import Path

from reelsmith.errors import KeyReused
from reelsmith.ports import Idempotency
from reelsmith.table import keys
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, absent, encode, version
from reelsmith.table.transactions import Transaction

_RECORD = "idempotency"


def remember(
    transaction: Transaction,
    tenant: str,
    idempotency: Idempotency | None,
    resource: str,
    *,
    at: datetime,
) -> None:
    """Let the key stand for this resource from now on, unless it stands for something already."""
    if idempotency is None:
        return
    key = keys.idempotency(tenant, idempotency.key)
    record = {
        keys.PK: key.pk,
        keys.SK: key.sk,
        "et": "idem",
        "sv": version("idem"),
        "resource": resource,
        "fingerprint": idempotency.fingerprint,
        keys.TTL: int(idempotency.expires_at.timestamp()),
    }
    free = absent() | (Path(keys.TTL) <= encode(int(at.timestamp())))
    transaction.new(_RECORD, record, expects=free)


def earlier(refused: Refused, idempotency: Idempotency | None) -> str | None:
    """The resource that stood in the way under the same key, if any. Raises KeyReused."""
    record = refused.stored.get(_RECORD)
    return _same_request(record, idempotency) if record and idempotency else None


def replayed(
    database: Database, tenant: str, idempotency: Idempotency, *, now: datetime
) -> str | None:
    """The resource that this key made before, if any. Raises KeyReused."""
    record = database.get(keys.idempotency(tenant, idempotency.key))
    if record is None or record[keys.TTL] <= int(now.timestamp()):
        return None
    return _same_request(record, idempotency)


def _same_request(record: Item, idempotency: Idempotency) -> str:
    if record["fingerprint"] != idempotency.fingerprint:
        raise KeyReused("this idempotency key was used for another request")
    return str(record["resource"])
