"""What callers send of files that we fetch."""

from pydantic import BaseModel, ConfigDict, Field


class NewFetch(BaseModel):
    """Where a file is that we are to fetch.

    Its type is what its bytes say. A `content_type` is only needed to take an MP4 or a Matroska
    file for sound, and to have anything else than the named sort refused.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    source_url: str = Field(
        min_length=1,
        max_length=2048,
        description="https on port 443 of a public host, without user and password",
        examples=["https://files.example.com/beach.jpg"],
    )
    filename: str | None = Field(default=None, min_length=1, max_length=255)
    content_type: str | None = Field(default=None, min_length=3, max_length=100)
