"""An asset: a file that came in. It waits until its bytes are there, then it is ready."""

from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from reelsmith.domain.access import Access, Readers
from reelsmith.domain.model import Entity, Moment, Sha256


class FileType(StrEnum):
    """What sort of file it is, by its content."""

    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    PPTX = "pptx"
    ODP = "odp"
    FONT = "font"
    SUBTITLES = "subtitles"
    TABLE = "table"
    OTHER = "other"


class AssetStatus(StrEnum):
    """Where an upload stands."""

    WAITING = "waiting"
    READY = "ready"
    REJECTED = "rejected"


DECKS = (FileType.PPTX, FileType.ODP)
PPTX_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ODP_TYPE = "application/vnd.oasis.opendocument.presentation"

MAX_BYTES: dict[FileType, int] = {
    FileType.IMAGE: 64 << 20,
    FileType.AUDIO: 256 << 20,
    FileType.VIDEO: 2 << 30,
    FileType.SUBTITLES: 2 << 20,
    FileType.TABLE: 32 << 20,
    FileType.PPTX: 200 << 20,
    FileType.ODP: 200 << 20,
}

CONTENT_TYPES: dict[str, FileType] = {
    "image/jpeg": FileType.IMAGE,
    "image/png": FileType.IMAGE,
    "image/webp": FileType.IMAGE,
    "image/gif": FileType.IMAGE,
    "image/bmp": FileType.IMAGE,
    "image/tiff": FileType.IMAGE,
    "audio/wav": FileType.AUDIO,
    "audio/x-wav": FileType.AUDIO,
    "audio/mpeg": FileType.AUDIO,
    "audio/flac": FileType.AUDIO,
    "audio/ogg": FileType.AUDIO,
    "audio/mp4": FileType.AUDIO,
    "video/mp4": FileType.VIDEO,
    "video/quicktime": FileType.VIDEO,
    "video/webm": FileType.VIDEO,
    "video/x-matroska": FileType.VIDEO,
    "application/x-subrip": FileType.SUBTITLES,
    "text/vtt": FileType.SUBTITLES,
    "text/csv": FileType.TABLE,
    "application/x-ndjson": FileType.TABLE,
    PPTX_TYPE: FileType.PPTX,
    ODP_TYPE: FileType.ODP,
}

Unknown = Literal[""]


class Asset(Entity):
    """An uploaded file. `original_filename` is for people: no key or argument is made of it."""

    id: str
    tenant: str
    owner: str
    original_filename: str = Field(max_length=255)
    key: str = Field(description="where the bytes are")
    size_bytes: int
    content_type: str = Field(max_length=100)
    file_type: FileType
    sha256: Sha256 | Unknown = Field(description="enforced by the store; unknown until fetched")
    status: AssetStatus = AssetStatus.WAITING
    refusal: str | None = Field(default=None, description="why it was rejected, to be shown")
    is_processed: bool = False
    job_id: str | None = None
    access: Access = Access.PRIVATE
    readers: Readers = ()
    link: str | None = Field(default=None, description="id of its standing link while public")
    multipart: str | None = Field(default=None, description="the store's id of its parts")
    version: int = 1
    due_at: Moment | None = Field(default=None, description="when bytes not yet fetched are late")
    expires_at: Moment | None = None
    created_at: Moment
    updated_at: Moment | None = None
    uploaded_at: Moment | None = None

    @model_validator(mode="after")
    def _knows_its_content_when_ready(self) -> Self:
        if self.status is AssetStatus.READY and not self.sha256:
            raise ValueError("a ready asset knows the SHA-256 of its bytes")
        return self
