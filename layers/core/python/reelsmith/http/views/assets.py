"""What callers send and see of files that they uploaded."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from reelsmith.domain.access import Access, Readers
from reelsmith.domain.assets import Asset, AssetStatus, FileType


class AssetChange(BaseModel):
    """What is to be different. What is left out stays; null is no value of any of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    filename: str = Field(default="", min_length=1, max_length=255)
    access: Access = Access.PRIVATE
    readers: Readers = Field(default=(), description="ids of users; for access restricted")

    def wanted(self) -> dict[str, Any]:
        """The fields that were sent, by their names in an asset."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        if "filename" in sent:
            sent["original_filename"] = sent.pop("filename")
        return sent


class AssetHead(BaseModel):
    """A file as lists show it. Size and SHA-256 of one that we fetch are told when it is here."""

    id: str
    owner: str
    status: AssetStatus
    filename: str
    file_type: FileType
    content_type: str
    size_bytes: int | None
    sha256: str | None
    refusal: str | None = Field(description="why it was rejected")
    is_processed: bool = Field(description="whether a film was made of it")
    job_id: str | None = Field(description="the last job that did")
    access: Access
    readers: tuple[str, ...]
    version: int
    expires_at: datetime | None
    created_at: datetime
    updated_at: datetime | None
    uploaded_at: datetime | None

    @classmethod
    def of(cls, asset: Asset) -> "AssetHead":
        """The view of an asset's row."""
        return cls.model_validate(_seen(asset))


class AssetView(AssetHead):
    """A file as it is looked at."""

    public_url: str | None = Field(
        description="path that shows it to whoever has it; null unless access is public"
    )

    @classmethod
    def whole(cls, asset: Asset, public: str | None) -> "AssetView":
        """The view of an asset with the path of its standing link."""
        return cls.model_validate(_seen(asset) | {"public_url": public})


class AssetPage(BaseModel):
    """One page of files: newest first, or by type and name when one of these was asked for."""

    data: tuple[AssetHead, ...]
    next_cursor: str | None
    has_more: bool


def _seen(asset: Asset) -> dict[str, Any]:
    return asset.model_dump() | {
        "filename": asset.original_filename,
        "size_bytes": asset.size_bytes or None,
        "sha256": asset.sha256 or None,
    }
