"""Users' counters, counted again from what they count."""

from collections import Counter, defaultdict

from reelsmith.domain.jobs import JobStatus
from reelsmith.errors import Conflict
from reelsmith.table import counters, keys
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import assign, stands

Differences = dict[str, tuple[int, int]]
"""Counter -> (what it said, what is there)."""
_COUNTED = (*counters.OF_JOBS, "files")
_PREFIX = "U#"


def recount(database: Database, tenant: str) -> dict[str, Counter[str]]:
    """What the counters of a tenant's users must say, by user."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for header in database.query(keys.job(tenant)):
        mine = counted[header["owner"]]
        mine["jobs"] += 1
        mine.update(counters.of_status(JobStatus(header["status"])))
    for asset in database.query(keys.asset(tenant)):
        counted[asset["owner"]]["files"] += 1
    return counted


def reconcile(database: Database, tenant: str) -> dict[str, Differences]:
    """Set the counters of a tenant's users right, and say what was wrong, by user.

    Raises:
        Conflict: a user was at work while we counted.
    """
    where = keys.user_usage(tenant, "")
    usages = {item[keys.SK].removeprefix(_PREFIX): item for item in database.query(where)}
    counted = recount(database, tenant)
    found: dict[str, Differences] = {}
    for owner, usage in usages.items():
        said = {name: int(usage.get(name, 0)) for name in _COUNTED}
        there = counted[owner]
        wrong = {name: (said[name], there[name]) for name in said if said[name] != there[name]}
        if not wrong:
            continue
        right = [assign(name, count) for name, (_, count) in wrong.items()]
        try:
            database.update(keys.user_usage(tenant, owner), right, expects=stands(**said))
        except Refused as refused:
            raise Conflict(f"user {owner} is at work") from refused
        found[owner] = wrong
    return found
