"""What callers send and see of uploads."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from reelsmith.domain.assets import Asset, AssetStatus, FileType
from reelsmith.domain.model import Sha256
from reelsmith.usecases import uploads
from reelsmith.usecases.places import PARTS_MOST, Parts, Place
from reelsmith.usecases.uploads import File


class NewUpload(BaseModel):
    """What a caller announces before sending a file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    filename: str = Field(min_length=1, max_length=255)
    content_type: str = Field(min_length=3, max_length=100)
    size_bytes: int = Field(gt=0)
    sha256: Sha256
    multipart: bool | None = Field(
        default=None, description="whether it comes in parts; left out: if above 100 MB"
    )

    def file(self) -> File:
        """The announced file. Raises Invalid when it is of no type or size that we take."""
        return uploads.described(**self.model_dump(exclude={"multipart"}))


class PartView(BaseModel):
    """Where to PUT the bytes of one part, and how many they are."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    url: str
    size_bytes: int


class PartsView(BaseModel):
    """Some parts of a file; the others are at `next_parts`."""

    part_size_bytes: int = Field(description="of all parts but the last")
    parts_count: int
    parts: tuple[PartView, ...]
    next_parts: str | None = Field(description="path of the parts after these; null at the end")
    expires_at: datetime = Field(description="when these URLs end; ask for the parts again then")

    @classmethod
    def of(cls, asset_id: str, parts: Parts) -> "PartsView":
        """The view of some parts."""
        after = f"/v1/uploads/{asset_id}/parts?first={parts.next_part}"
        return cls(
            part_size_bytes=parts.part_size_bytes,
            parts_count=parts.count,
            parts=tuple(PartView.model_validate(part) for part in parts.parts),
            next_parts=after if parts.next_part else None,
            expires_at=parts.expires_at,
        )


class SentPart(BaseModel):
    """A part that was sent, with the ETag that its PUT answered."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int = Field(ge=1, le=PARTS_MOST)
    etag: str = Field(min_length=1, max_length=100)


class SentParts(BaseModel):
    """All parts of a file, in order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    parts: tuple[SentPart, ...] = Field(min_length=1, max_length=PARTS_MOST)

    def sent(self) -> tuple[tuple[int, str], ...]:
        """(number, entity tag) of each."""
        return tuple((part.number, part.etag) for part in self.parts)


class UploadView(BaseModel):
    """Where an upload stands; with the place to send it to, when it was just asked for.

    A file goes by a form (`method` POST, `url`, `fields`) or in parts (`method` PUT, `parts`).
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
    method: Literal["POST", "PUT"] | None = None
    url: str | None = None
    fields: dict[str, str] | None = None
    part_size_bytes: int | None = None
    parts_count: int | None = None
    parts: tuple[PartView, ...] | None = None
    next_parts: str | None = None
    expires_at: datetime | None = None

    @classmethod
    def of(cls, asset: Asset) -> "UploadView":
        """The view of an asset."""
        return cls.at(Place(asset))

    @classmethod
    def at(cls, place: Place) -> "UploadView":
        """The view of an asset with the place for its bytes."""
        asset = place.asset
        seen = asset.model_dump(include={"id", "status", "file_type", "content_type", "refusal"})
        known = {
            "filename": asset.original_filename,
            "size_bytes": asset.size_bytes or None,
            "sha256": asset.sha256 or None,
        }
        return cls.model_validate(seen | known | _way(place))


def _way(place: Place) -> dict[str, Any]:
    if place.form:
        return {
            "method": "POST",
            "url": place.form.url,
            "fields": dict(place.form.fields),
            "expires_at": place.form.expires_at,
        }
    if place.parts:
        return {"method": "PUT"} | PartsView.of(place.asset.id, place.parts).model_dump()
    return {}
