"""Keys as such: their names in the table, their shape, and what many of them are made of."""

import zlib
from datetime import datetime
from typing import NamedTuple

PK, SK, TTL = "PK", "SK", "ttl"
GSI1, GSI1_PK, GSI1_SK = "GSI1", "GSI1PK", "GSI1SK"
GSI2, GSI2_PK, GSI2_SK = "GSI2", "GSI2PK", "GSI2SK"
SHARDS = 8

_MAX_PK_BYTES, _MAX_SK_BYTES = 2048, 1024  # DynamoDB: Quotas, "partition and sort keys"


class Key(NamedTuple):
    """A place in the table or in an index. For queries, `sk` is what sort keys begin with."""

    pk: str
    sk: str

    @property
    def storable(self) -> bool:
        """Whether DynamoDB can hold such a key; an id that a caller made up may be too long."""
        return (
            len(self.pk.encode()) <= _MAX_PK_BYTES and 0 < len(self.sk.encode()) <= _MAX_SK_BYTES
        )


def shard(item_id: str) -> int:
    """The shard of an id."""
    return zlib.crc32(item_id.encode()) % SHARDS


def milliseconds(at: datetime) -> str:
    """A moment as keys hold it: 15 digits that sort by time."""
    return f"{int(at.timestamp() * 1000):015d}"
