"""A video: a finished film, whoever made it."""

from pydantic import Field

from reelsmith.domain.access import Access, Readers
from reelsmith.domain.model import Entity, Metadata, Moment, Sha256, Title


class Video(Entity):
    """What `GET /v1/videos/{id}` gives, less the signed URL, which is minted on each read."""

    id: str
    tenant: str
    owner: str
    job_id: str
    title: Title
    key: str
    content_type: str = "video/mp4"
    duration_seconds: float
    width: int
    height: int
    fps: float
    size_bytes: int
    sha256: Sha256
    language: str
    beside: tuple[str, ...] = Field(default=(), description="what is kept beside the film")
    access: Access = Access.PRIVATE
    readers: Readers = ()
    link: str | None = Field(default=None, description="id of its standing link while public")
    metadata: Metadata
    missing: bool = Field(default=False, description="its file is gone; seen by the sweep")
    version: int = 1
    created_at: Moment
    updated_at: Moment | None = None
