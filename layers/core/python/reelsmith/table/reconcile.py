"""A tenant's counters, counted again from what they count."""

from collections import Counter

from reelsmith.domain.jobs import JobStatus
from reelsmith.errors import Conflict, NotFound
from reelsmith.table import counters, keys
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import assign, stands

Differences = dict[str, tuple[int, int]]
"""Counter -> (what it said, what is there)."""


def recount(database: Database, tenant: str) -> Counter[str]:
    """What the tenant's usage counters must say. Reads all of its headers, files, blobs, films."""
    counted: Counter[str] = Counter()
    for header in database.query(keys.job(tenant)):
        counted["jobs"] += 1
        counted += counters.of_status(JobStatus(header["status"]))
    counted["files"] = sum(1 for _ in database.query(keys.asset(tenant)))
    stored = (*database.query(keys.blob(tenant)), *database.query(keys.video(tenant)))
    counted["bytes"] = sum(item["size_bytes"] for item in stored)
    return counted


def reconcile(database: Database, tenant: str) -> Differences:
    """Set a tenant's usage right, and say what was wrong; empty when nothing was.

    Raises:
        NotFound: there is no such tenant.
        Conflict: the tenant was at work while we counted; nothing was changed.
    """
    key = keys.usage(tenant)
    usage = database.get(key)
    if usage is None:
        raise NotFound(f"no tenant {tenant}")
    counted = recount(database, tenant)
    said = {name: int(usage.get(name, 0)) for name in counters.OF_JOBS + counters.OF_FILES}
    wrong = {name: (said[name], counted[name]) for name in said if said[name] != counted[name]}
    if wrong:
        right = [assign(name, there) for name, (_, there) in wrong.items()]
        try:
            database.update(key, right, expects=stands(**said))
        except Refused as refused:
            raise Conflict(f"tenant {tenant} is at work") from refused
    return wrong
