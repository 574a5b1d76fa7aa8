"""What callers send and see of deletions and exports."""

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from reelsmith.domain.exports import ExportStatus
from reelsmith.usecases.exporting import Exported

_ASKED = ConfigDict(extra="forbid", frozen=True)


class UserErasure(BaseModel):
    """What erases a user. Nothing brings it back."""

    model_config = _ASKED

    confirm: str | None = Field(
        default=None,
        max_length=100,
        description="the username; may be left out when the user is deleted already",
    )


class TenantErasure(BaseModel):
    """What erases the whole tenant. Nothing brings it back."""

    model_config = _ASKED

    confirm: str = Field(max_length=255, description="the tenant's name")


class ErasureView(BaseModel):
    """Something is being erased; a receipt in the audit log says when nothing is left of it."""

    id: str
    status: Literal["erasing"] = "erasing"
    erasing_since: datetime | None


class ExportFile(BaseModel):
    """A file of an export, with a URL that reads it for a while."""

    name: str
    size_bytes: int
    sha256: str
    url: str


class ExportView(BaseModel):
    """An export: all that is stored of a user, as files of one JSON object a line."""

    id: str
    user: str
    status: ExportStatus
    counts: dict[str, int] = Field(description="lines of each section, so far")
    files: tuple[ExportFile, ...] = Field(description="the parts, then the manifest; at the end")
    created_at: datetime
    expires_at: datetime
    urls_expire_at: datetime | None

    @classmethod
    def of(cls, found: Exported) -> Self:
        """The view of an export."""
        export = found.export
        all_files = (*export.parts, *((export.manifest,) if export.manifest else ()))
        return cls(
            id=export.id,
            user=export.owner,
            status=export.status,
            counts=export.counts,
            files=tuple(
                ExportFile(
                    name=file.name,
                    size_bytes=file.size_bytes,
                    sha256=file.sha256,
                    url=found.urls[file.name],
                )
                for file in all_files
                if file.name in found.urls
            ),
            created_at=export.created_at,
            expires_at=export.expires_at,
            urls_expire_at=found.urls_expire_at if found.urls else None,
        )
