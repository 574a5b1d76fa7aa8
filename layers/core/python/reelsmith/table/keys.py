"""Every key pattern in the table. Read this file to know what can be asked of it.

`<t>` tenant, `<j>` job, `<sh>` shard = crc32(id) % SHARDS. Tenant keys start with `O#<t>`.
"""

PK, SK, TTL = "PK", "SK", "ttl"
GSI1, GSI1_PK, GSI1_SK = "GSI1", "GSI1PK", "GSI1SK"
GSI2, GSI2_PK, GSI2_SK = "GSI2", "GSI2PK", "GSI2SK"
SHARDS = 8
