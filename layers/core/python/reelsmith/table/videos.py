"""Finished films in the table: `ports.Videos`. The move that completes a job writes them.

A film that is removed leaves a note of its files, which wait there until they are deleted: no
list shows it any more, and nothing is forgotten if the deletion of files is cut short.
"""

from collections.abc import Callable, Sequence

from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.ids import Kind
from reelsmith.domain.lists import PageOf, VideoFilter
from reelsmith.domain.videos import Video
from reelsmith.errors import Conflict, NotFound
from reelsmith.table import audit, counters, keys, owned, paging
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, changes, stands, to_entity, to_item, version
from reelsmith.table.keys import Key
from reelsmith.table.transactions import Transaction
from reelsmith.table.work import due

_VIDEO = "video"


class VideoTable:
    """`ports.Videos` on the single table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, tenant: str, video_id: str) -> Video:
        """One video. Raises NotFound."""
        item = self._database.get(keys.video(tenant, video_id))
        if item is None:
            raise NotFound(f"no video {video_id}")
        return to_entity(Video, item)

    def page(
        self,
        tenant: str,
        wanted: VideoFilter,
        *,
        sees: Callable[[Video], bool],
        after: str | None,
        limit: int,
    ) -> PageOf[Video]:
        """Videos newest first, from the one after `after` on."""
        first, last = paging.span(Kind.VIDEO, wanted.created_after, wanted.created_before)

        def rows(place: str | None, most: int) -> Sequence[tuple[str, Video | None]]:
            if wanted.owner:
                found = owned.span(
                    self._database, tenant, wanted.owner, first, last, after=place, limit=most
                )
                return self._by_id(tenant, tuple(found))
            return tuple(
                (item["id"], to_entity(Video, item))
                for item in self._database.query(
                    keys.video(tenant, first),
                    until=keys.video(tenant, last).sk,
                    after=_position(keys.video(tenant, place)) if place else None,
                    newest_first=True,
                    limit=most,
                )
            )

        def fits(video: Video) -> bool:
            return wanted.fits(video) and sees(video)

        return paging.page(rows, fits, after=after, limit=limit)

    def change(self, was: Video, now: Video, *, entry: AuditEntry) -> Video:
        """Write `now`, with a new version, where `was.version` stands. Raises Conflict."""
        now = now.model_copy(update={"version": was.version + 1})
        transaction = Transaction(self._database).update(
            _VIDEO,
            keys.video(was.tenant, was.id),
            *changes(_row(was), _row(now)),
            expects=stands(version=was.version),
        )
        audit.record(transaction, entry)
        try:
            transaction.commit()
        except Refused as refused:
            if refused.stored.get(_VIDEO, {}) is None:
                raise NotFound(f"no video {was.id}") from refused
            raise Conflict(f"video {was.id} changed meanwhile") from refused
        return now

    def remove(self, video: Video, *, entry: AuditEntry) -> None:
        """Take a video out of every list and queue its files for deletion. Twice is once."""
        key = keys.remains(video.tenant, video.id)
        remains: Item = {
            keys.PK: key.pk,
            keys.SK: key.sk,
            "et": "remains",
            "sv": version("remains"),
            "tenant": video.tenant,
            "id": video.id,
        }
        waits = keys.to_clear(video.id, entry.at)
        remains |= {keys.GSI2_PK: waits.pk, keys.GSI2_SK: waits.sk}
        transaction = Transaction(self._database).delete(
            _VIDEO, keys.video(video.tenant, video.id), expects=stands()
        )
        owned.forget(transaction, video.tenant, video.owner, video.id)
        counters.forget_film(transaction, video)
        transaction.new("remains", remains)
        audit.record(transaction, entry)
        try:
            transaction.commit()
        except Refused as refused:
            if refused.stored.get(_VIDEO, {}) is not None:
                raise

    def remains(self, *, limit: int) -> Sequence[tuple[str, str]]:
        """(tenant, video id) of removed videos whose files are still there. May lag a moment."""
        found = due(self._database, lambda shard: (keys.clearing_lane(shard), None), limit=limit)
        return tuple((item["tenant"], item["id"]) for item in found)

    def cleared(self, tenant: str, video_id: str) -> None:
        """The files of a removed video are deleted. Twice is once."""
        transaction = Transaction(self._database)
        transaction.delete("remains", keys.remains(tenant, video_id), expects=stands())
        try:
            transaction.commit()
        except Refused:
            return  # another round was faster

    def _by_id(self, tenant: str, ids: Sequence[str]) -> Sequence[tuple[str, Video | None]]:
        found = self._database.get_many([keys.video(tenant, one) for one in ids])
        videos = {item["id"]: to_entity(Video, item) for item in found.values()}
        return tuple((one, videos.get(one)) for one in ids)


def _row(video: Video) -> Item:
    return to_item(video, _VIDEO, keys.video(video.tenant, video.id))


def _position(key: Key) -> Item:
    return {keys.PK: key.pk, keys.SK: key.sk}
