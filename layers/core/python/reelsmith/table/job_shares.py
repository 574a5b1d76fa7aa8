"""A stage whose tasks run side by side: each has a place of its own in the progress item.

`done` is a list, a number for each task, of which a task only ever sets its own, and only upwards:
what it does again counts once, and the parts add up however they interleave. A number takes three
or four bytes: up to about 220 tasks the item stays below a kilobyte and a report costs one unit.
"""

from collections.abc import Sequence
from datetime import datetime

from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from reelsmith.domain.jobs import Stage
from reelsmith.errors import Stale
from reelsmith.table import keys
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, assign, encode, stands

DONE, OF, ROOM = "done", "of", "room"
"""What each task has done; what all of them have to do; the percent points it is worth."""
BEAT = "beat"
"""When the work last went on, in milliseconds since 1970."""


def share_out(
    database: Database,
    tenant: str,
    job_id: str,
    *,
    attempt: int,
    stage: Stage,
    begin: float,
    end: float,
    shares: Sequence[int],
) -> None:
    """Make a place for each task; see `ports.Jobs.share_out`."""
    told = {
        "stage": stage,
        "pct": begin,
        ROOM: end - begin,
        OF: sum(shares),
        DONE: [0] * len(shares),
    }
    try:
        database.update(
            keys.job_progress(tenant, job_id),
            [assign(name, value) for name, value in told.items()],
            expects=stands(attempt=attempt) & (Path("pct") <= encode(begin)),
        )
    except Refused as refused:
        fresh(refused, job_id, attempt)


def report(
    database: Database,
    tenant: str,
    job_id: str,
    *,
    attempt: int,
    task: int,
    done: int,
    at: datetime,
) -> bool:
    """Note a task's share and learn the cancel flag; see `ports.Jobs.report_share`."""
    own = Path(DONE)[task]
    try:
        item = database.update(
            keys.job_progress(tenant, job_id),
            [own.set(encode(done)), beat(at)],
            expects=stands(attempt=attempt) & (own < encode(done)),
        )
    except Refused as refused:
        item = fresh(refused, job_id, attempt)
    return bool(item["cancel"])


def beat(at: datetime) -> Action:
    """Note that the work went on at this time."""
    return assign(BEAT, int(at.timestamp() * 1000))


def percent(reported: Item) -> float:
    """How far a progress item says the job is."""
    pct = float(reported["pct"])
    if reported.get(OF):
        pct += reported[ROOM] * min(1.0, sum(reported[DONE]) / reported[OF])
    return round(pct, 1)


def fresh(refused: Refused, job_id: str, attempt: int) -> Item:
    """The progress item that knew better. Raises Stale when it is of another attempt, or gone."""
    stored = refused.stored["item"]
    if stored is None or stored["attempt"] != attempt:
        raise Stale(f"attempt {attempt} of job {job_id} is over") from refused
    return stored
