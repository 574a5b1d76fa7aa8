"""Films held against their rows once a day, piece by piece: neither is without the other.

A row whose film is gone is marked `missing`: the job stays completed, and its video says what
became of it. A film without a row is what a worker left that died, or was refused, before it could
tidy up; after a day it goes.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import islice

from reelsmith.domain import audit
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.ids import Kind
from reelsmith.domain.sweeps import Memory, Repair
from reelsmith.domain.videos import Video
from reelsmith.errors import Conflict, NotFound
from reelsmith.ports import Deps, Stored
from reelsmith.storage import keys

EVERY = timedelta(days=1)
OLD = timedelta(days=1)
_OBJECTS, _ROWS, _STEPS = 1_000, 250, 20  # at a time; a round makes so many steps
_END = "~"  # sorts after every id


def advance(deps: Deps, memory: Memory, repairs: Counter[Repair]) -> Memory:
    """Go on with the pass over all films, or begin one; gives how far it is."""
    now = deps.now()
    if memory.tenant is None:
        if memory.pass_begun_at and timedelta(0) <= now - memory.pass_begun_at < EVERY:
            return memory
        memory = memory.model_copy(update={"pass_begun_at": now, "tenant": "", "video": ""})
    tenants = sorted(deps.people.tenants())
    tenant, video = memory.tenant, memory.video
    for _ in range(_STEPS):
        if not video:
            later = bisect_right(tenants, tenant or "")
            tenant = tenants[later] if later < len(tenants) else None
        if tenant is None:
            break
        video = _step(deps, tenant, video, repairs)
    return memory.model_copy(update={"tenant": tenant, "video": video})


def _step(deps: Deps, tenant: str, after: str, repairs: Counter[Repair]) -> str:
    """Compare the next films of a tenant; gives the id to go on after, or "" at the end.

    Rows are read first: a film is there before its row is.
    """
    rows = deps.videos.span(tenant, after=after, limit=_ROWS)
    there = _objects(deps, tenant, after)
    ends = [rows[-1].id] if len(rows) == _ROWS else []
    if sum(map(len, there.values())) == _OBJECTS:
        ends.append(max(sorted(there)[:-1], default=_END))  # of the last one there may be more
    end = min(ends, default=_END)
    for row in rows:
        if row.id <= end:
            _see_row(deps, row, there.get(row.id, []), repairs)
    known = {row.id for row in rows}
    for video_id, stored in there.items():
        if video_id <= end and video_id not in known:
            _see_unowned(deps, tenant, video_id, stored, repairs)
    return "" if end == _END else end


def _objects(deps: Deps, tenant: str, after: str) -> dict[str, list[Stored]]:
    """The next objects of a tenant's films, by the ids of their videos."""
    below = f"{keys.VIDEOS}{tenant}/"
    behind = f"{below}{after}/{_END}" if after else ""
    there: dict[str, list[Stored]] = {}
    for stored in islice(deps.store.list(below, after=behind), _OBJECTS):
        there.setdefault(stored.key.removeprefix(below).partition("/")[0], []).append(stored)
    return there


def _see_row(deps: Deps, video: Video, stored: Sequence[Stored], repairs: Counter[Repair]) -> None:
    """Let a video say whether its film is there."""
    missing = video.key not in {one.key for one in stored}
    if missing is video.missing:
        return
    repair = Repair.FILM_MISSING if missing else Repair.FILM_FOUND
    now = video.model_copy(update={"missing": missing, "updated_at": deps.now()})
    entry = _entry(deps, video.tenant, repair, video.id, job_id=video.job_id)
    with suppress(Conflict, NotFound):  # it changed, or went, since it was read
        deps.videos.change(video, now, entry=entry)
        repairs[repair] += 1


def _see_unowned(
    deps: Deps, tenant: str, video_id: str, stored: Sequence[Stored], repairs: Counter[Repair]
) -> None:
    """Remove what has lain there for a day without a row."""
    if any(deps.now() - (one.written_at or deps.now()) < OLD for one in stored):
        return
    with suppress(NotFound):
        deps.videos.get(tenant, video_id)
        return
    deps.store.delete_all([one.key for one in stored])
    deps.journal.note(_entry(deps, tenant, Repair.FILM_UNOWNED, video_id, objects=len(stored)))
    repairs[Repair.FILM_UNOWNED] += 1


def _entry(
    deps: Deps, tenant: str, repair: Repair, video_id: str, **changes: object
) -> AuditEntry:
    return audit.by_system(
        tenant,
        entry_id=deps.new_id(Kind.EVENT),
        action=f"sweep.{repair}",
        resource=video_id,
        at=deps.now(),
        **changes,
    )
