"""Counters of a tenant and its users, counted again from what they count."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from reelsmith.domain.jobs import JobStatus
from reelsmith.domain.people import User
from reelsmith.errors import Conflict, NotFound
from reelsmith.table import counters, keys
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, assign, stands, to_entity
from reelsmith.table.keys import Key

Differences = dict[str, tuple[int, int]]
"""Counter, of a user as `<user> <counter>` -> (what it said, what is there)."""

_OF_USER = (*counters.OF_JOBS, "files")
_OF_TENANT = (*counters.OF_JOBS, *counters.OF_FILES, "users", "admins")


def reconcile(database: Database, tenant: str) -> Differences:
    """Set the counters of a tenant and its users right, and say what was wrong.

    Empty when nothing was. The users are set right first, each by itself.

    Raises:
        NotFound: there is no such tenant.
        Conflict: the tenant, or a user of it, was at work while we counted.
    """
    whole = keys.usage(tenant)
    usage = database.get(whole)
    if usage is None:
        raise NotFound(f"no tenant {tenant}")
    first = keys.user_usage(tenant, "")
    mine = {item[keys.SK].removeprefix(first.sk): item for item in database.query(first)}
    counted, by_user = _recount(database, tenant)
    found: Differences = {}
    for owner, item in mine.items():
        key = keys.user_usage(tenant, owner)
        wrong = _set_right(database, key, item, _OF_USER, by_user[owner], whose=f"user {owner}")
        found |= {f"{owner} {name}": difference for name, difference in wrong.items()}
    tenants = _set_right(database, whole, usage, _OF_TENANT, counted, whose=f"tenant {tenant}")
    return found | tenants


def _recount(database: Database, tenant: str) -> tuple[Counter[str], Mapping[str, Counter[str]]]:
    """What a tenant's and its users' counters must say. Reads all of its rows that count."""
    counted: Counter[str] = Counter()
    mine: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for header in database.query(keys.job(tenant)):
        one = Counter({"jobs": 1}) + counters.of_status(JobStatus(header["status"]))
        counted += one
        mine[header["owner"]] += one
    for asset in database.query(keys.asset(tenant)):
        counted["files"] += 1
        mine[asset["owner"]]["files"] += 1
    for item in database.query(keys.user(tenant)):
        counted["users"] += 1
        counted["admins"] += to_entity(User, item).governs
    stored = (*database.query(keys.blob(tenant)), *database.query(keys.video(tenant)))
    counted["bytes"] = sum(item["size_bytes"] for item in stored)
    return counted, mine


def _set_right(
    database: Database,
    key: Key,
    item: Item,
    names: tuple[str, ...],
    counted: Mapping[str, int],
    *,
    whose: str,
) -> Differences:
    """Correct what an item says, while it still says so. Raises Conflict."""
    said = {name: int(item.get(name, 0)) for name in names}
    wrong = {name: (said[name], counted[name]) for name in said if said[name] != counted[name]}
    if wrong:
        right = [assign(name, there) for name, (_, there) in wrong.items()]
        unmoved = {name: count for name, count in said.items() if name in item}
        try:
            database.update(key, right, expects=stands(**unmoved))
        except Refused as refused:
            raise Conflict(f"{whose} is at work") from refused
    return wrong
