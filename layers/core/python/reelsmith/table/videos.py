"""Finished films in the table: `ports.Videos`. The move that completes a job writes them.

A film that is removed leaves a note of its files until a round has deleted them: nothing is
forgotten if that is cut short.
"""

from collections.abc import Callable, Sequence
from itertools import islice

from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.ids import Kind
from reelsmith.domain.lists import PageOf, VideoFilter
from reelsmith.domain.videos import Video
from reelsmith.errors import Conflict, NotFound
from reelsmith.ports.erasing import Leftover
from reelsmith.table import audit, counters, keys, leftovers, owned, paging
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, changes, stands, to_entity, to_item
from reelsmith.table.keys import Key
from reelsmith.table.transactions import Transaction

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

    def span(self, tenant: str, *, after: str, limit: int) -> Sequence[Video]:
        """Videos in the order of their ids, those after `after`, read consistently."""
        found = self._database.query(
            keys.video(tenant),
            after=_position(keys.video(tenant, after)) if after else None,
            limit=limit,
        )
        return tuple(to_entity(Video, item) for item in islice(found, limit))

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
        files = Leftover(video.tenant, f"{video.key.rpartition('/')[0]}/")
        transaction = Transaction(self._database).delete(
            _VIDEO, keys.video(video.tenant, video.id), expects=stands()
        )
        owned.forget(transaction, video.tenant, video.owner, video.id)
        counters.forget_film(transaction, video)
        transaction.new("leftover", leftovers.row(files, entry.at))
        audit.record(transaction, entry)
        try:
            transaction.commit()
        except Refused as refused:
            if refused.stored.get(_VIDEO, {}) is not None:
                raise

    def _by_id(self, tenant: str, ids: Sequence[str]) -> Sequence[tuple[str, Video | None]]:
        found = self._database.get_many([keys.video(tenant, one) for one in ids])
        videos = {item["id"]: to_entity(Video, item) for item in found.values()}
        return tuple((one, videos.get(one)) for one in ids)


def _row(video: Video) -> Item:
    return to_item(video, _VIDEO, keys.video(video.tenant, video.id))


def _position(key: Key) -> Item:
    return {keys.PK: key.pk, keys.SK: key.sk}
