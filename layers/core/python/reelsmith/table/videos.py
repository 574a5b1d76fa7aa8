"""Finished films in the table: `ports.Videos`. The move that completes a job writes them."""

from reelsmith.domain.videos import Video
from reelsmith.errors import NotFound
from reelsmith.table import keys
from reelsmith.table.database import Database
from reelsmith.table.items import to_entity


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
