"""What callers send and see of uploads."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from reelsmith.domain.assets import Asset, AssetStatus, FileType
from reelsmith.domain.model import Sha256
from reelsmith.ports import PostForm


class NewUpload(BaseModel):
    """What a caller announces before sending a file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    filename: str = Field(min_length=1, max_length=255)
    content_type: str = Field(min_length=3, max_length=100)
    size_bytes: int = Field(gt=0)
    sha256: Sha256


class UploadView(BaseModel):
    """Where an upload stands; with the form to send it by, when it was just asked for.

    Size and SHA-256 of a file that we fetch are told when it is here, `refusal` says why a
    rejected one was.
    """

    id: str
    status: AssetStatus
    filename: str
    file_type: FileType
    content_type: str
    size_bytes: int | None = None
    sha256: str | None = None
    refusal: str | None = None
    method: Literal["POST"] | None = None
    url: str | None = None
    fields: dict[str, str] | None = None
    expires_at: datetime | None = None

    @classmethod
    def of(cls, asset: Asset, form: PostForm | None = None) -> "UploadView":
        """The view of an asset."""
        seen = asset.model_dump(include={"id", "status", "file_type", "content_type", "refusal"})
        known = {"size_bytes": asset.size_bytes or None, "sha256": asset.sha256 or None}
        given = (
            {
                "method": "POST",
                "url": form.url,
                "fields": dict(form.fields),
                "expires_at": form.expires_at,
            }
            if form
            else {}
        )
        return cls.model_validate(seen | known | given | {"filename": asset.original_filename})
