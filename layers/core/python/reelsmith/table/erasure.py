"""What is being erased, step by step: `ports.Erasure`."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from reelsmith.domain.assets import Asset
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.batches import Batch
from reelsmith.domain.jobs import Job
from reelsmith.domain.people import DROP_OWNER, Tenant
from reelsmith.domain.videos import Video
from reelsmith.errors import Conflict, NotFound
from reelsmith.ports.erasing import Due, Leftover
from reelsmith.table import audit, keys, leftovers, owned, receipts, removals
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, absent, stands, to_entity
from reelsmith.table.keys import Key
from reelsmith.table.transactions import Transaction
from reelsmith.table.users import UserTable
from reelsmith.table.work import due

_SOME = 80
_CREDENTIALS = {"KEY#": "keys", "SESS#": "sessions", "PW#": "passwords"}
_ROOMS = ("AUTH", "SHARE", "EXPORT", "REST", "BLOB", "EV", "HOOK", "HK")


class ErasureTable:
    """`ports.Erasure` on the single table; what each method promises is said there."""

    def __init__(self, database: Database, *, users: UserTable) -> None:
        self._database = database
        self._users = users

    def owned(
        self, tenant: str, owner: str, *, kind: str = "", after: str | None = None, limit: int
    ) -> Sequence[str]:
        """Ids of things that a user owns, oldest first, read consistently."""
        found = owned.things(
            self._database,
            tenant,
            owner,
            kind=kind,
            after=after,
            newest_first=False,
            limit=limit,
        )
        return tuple(found)

    def jobs(self, tenant: str, job_ids: Sequence[str]) -> Sequence[Job]:
        """Those of these jobs that exist, read consistently."""
        found = self._database.get_many([keys.job(tenant, one) for one in job_ids])
        return tuple(to_entity(Job, item) for item in found.values())

    def videos(self, tenant: str, video_ids: Sequence[str]) -> Sequence[Video]:
        """Those of these videos that exist, read consistently."""
        found = self._database.get_many([keys.video(tenant, one) for one in video_ids])
        return tuple(to_entity(Video, item) for item in found.values())

    def remove_job(
        self, job: Job, *, entry: AuditEntry, leftover: Leftover, objects_at: datetime
    ) -> None:
        """Delete a final job. Raises NotFound, Conflict."""
        children = removals.children_of(self._database, job)
        removals.rows(self._database, children[removals.ROWS // 2 :])
        transaction = Transaction(self._database)
        for child in children[: removals.ROWS // 2]:
            transaction.delete(child.sk, child, expects=absent() | stands())
        removals.head(transaction, job)
        removals.uncount(transaction, [job])
        note = leftovers.row(leftover, objects_at)
        transaction.new(leftover.prefix, note, expects=absent() | stands())
        audit.record(transaction, entry)
        try:
            transaction.commit()
        except Refused as refused:
            if refused.stored.get(job.id, {}) is None:
                raise NotFound(f"no job {job.id}") from refused
            raise Conflict(f"job {job.id} is no longer {job.status}") from refused

    def remove_jobs(self, jobs: Sequence[Job]) -> int:
        """Delete final jobs of a user that is being erased."""
        return removals.jobs(self._database, jobs) if jobs else 0

    def remove_batches(self, batches: Sequence[Batch]) -> int:
        """Delete batches of a user that is being erased, with what is noted of their rows."""
        return removals.batches(self._database, batches) if batches else 0

    def remove_videos(self, videos: Sequence[Video]) -> int:
        """Delete the rows of videos of a user that is being erased."""
        return removals.videos(self._database, videos) if videos else 0

    def remove_assets(self, assets: Sequence[Asset], *, at: datetime) -> int:
        """Delete assets of a user that is being erased, and their uses of bytes."""
        return removals.assets(self._database, assets, at=at) if assets else 0

    def forget(self, tenant: str, owner: str, thing_ids: Sequence[str]) -> int:
        """Delete pointers to things that are gone."""
        found = [keys.owned(tenant, owner, one) for one in thing_ids]
        return removals.rows(self._database, found)

    def remove_access(self, tenant: str, owner: str) -> int:
        """Delete some of the user's keys, sessions, links and its password."""
        for prefix, kind in _CREDENTIALS.items():
            found = self._of(keys.belongings(tenant, "AUTH")._replace(sk=prefix), owner)
            if found:
                return removals.access(self._database, tenant, owner, found, kind=kind)
        links = self._links(tenant, owner)
        if links:
            return removals.access(self._database, tenant, owner, links, kind="links")
        return 0

    def remove_records(self, tenant: str, owner: str) -> int:
        """Delete some of what is noted of the user day by day, its exports' rows, its events."""
        days = keys.belongings(tenant, "USAGE")._replace(sk="D#")
        events = keys.belongings(tenant, "EV")
        found = next(
            (
                rows
                for where in (days, keys.export(tenant), events)
                if (rows := self._of(where, owner))
            ),
            [],
        )
        return removals.rows(self._database, found)

    def finish_user(self, tenant: str, owner: str, *, entry: AuditEntry) -> bool:
        """Delete the user itself, with a receipt. False when something is left."""
        left = self.owned(tenant, owner, limit=1) or self._links(tenant, owner)
        places = [keys.belongings(tenant, room) for room in ("AUTH", "EXPORT")]
        if left or any(self._of(where, owner) for where in places):
            return False
        markers = self._users.markers
        return receipts.of_user(self._database, tenant, owner, markers=markers, entry=entry)

    def remove_tenants_rows(self, tenant: str) -> int:
        """Delete some rows of a tenant without users."""
        for room in _ROOMS:
            found = removals.below(self._database, keys.belongings(tenant, room))
            if found:
                return removals.rows(self._database, found)
        days = keys.belongings(tenant, "USAGE")._replace(sk="D#")
        return removals.rows(self._database, removals.below(self._database, days))

    def finish_tenant(self, tenant: Tenant, *, entry: AuditEntry) -> bool:
        """Delete what counts the tenant, with a receipt. False when a user is left."""
        if self.users(tenant.id, limit=1):
            return False
        return receipts.of_tenant(self._database, tenant, entry=entry)

    def forget_tenant(self, tenant: str) -> None:
        """Delete the row of a tenant whose receipt is sealed. Twice is once."""
        removals.rows(self._database, [keys.tenant(tenant)])

    def users(self, tenant: str, *, limit: int) -> Sequence[str]:
        """Ids of users of a tenant, also of its drop folder, whose rows are still there."""
        found = [item["id"] for item in self._database.query(keys.user(tenant), limit=limit)]
        drop = self._database.get(keys.user_usage(tenant, DROP_OWNER))
        return tuple(found) or ((DROP_OWNER,) if drop else ())

    def due(self, *, limit: int) -> Sequence[Due]:
        """What is being erased, longest first."""
        found = due(self._database, lambda shard: (keys.erasing_lane(shard), None), limit=limit)
        return tuple(_due(item) for item in found)

    def forgotten(self, before: datetime, *, limit: int) -> Sequence[tuple[str, str]]:
        """(tenant, user) that were deleted before this moment and not restored."""
        found = due(self._database, lambda shard: keys.leaving_lane(shard, before), limit=limit)
        return tuple((item["tenant"], item["id"]) for item in found)

    def leftovers(self, until: datetime, *, limit: int) -> Sequence[Leftover]:
        """Objects that are due to go."""
        found = due(self._database, lambda shard: keys.leftover_lane(shard, until), limit=limit)
        return tuple(Leftover(item["tenant"], item[keys.SK]) for item in found)

    def leave(self, leftover: Leftover, *, at: datetime) -> None:
        """Note objects that are due to go at this time."""
        note = leftovers.row(leftover, at)
        Transaction(self._database).new("leftover", note, expects=absent() | stands()).commit()

    def cleared(self, leftover: Leftover) -> None:
        """There are no such objects any more. Twice is once."""
        removals.rows(self._database, [keys.leftover(leftover.tenant, leftover.prefix)])

    def _of(self, where: Key, owner: str) -> list[Key]:
        """The first rows of a partition that belong to an owner; days of usage end in its id."""
        mine = (
            Key(item[keys.PK], item[keys.SK])
            for item in self._database.query(where)
            if owner in (item.get("owner"), item.get("user"))
            or item[keys.SK].endswith(f"#{owner}")
        )
        return list(islice(mine, _SOME))

    def _links(self, tenant: str, owner: str) -> list[Key]:
        """The first links that an owner made, or that lead to its things."""
        links = list(self._database.query(keys.share(tenant)))
        pointers = [keys.owned(tenant, owner, link["resource"]) for link in links]
        own = self._database.get_many(pointers)
        mine = (
            Key(link[keys.PK], link[keys.SK])
            for link, pointer in zip(links, pointers, strict=True)
            if link["owner"] == owner or pointer in own
        )
        return list(islice(mine, _SOME))


def _due(item: Item) -> Due:
    since = datetime.fromisoformat(item["erasing_at"])
    if item["et"] == "tenant":
        return Due(item["id"], None, since)
    return Due(item["tenant"], item["id"], since)
