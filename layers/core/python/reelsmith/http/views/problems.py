"""What callers see of what goes wrong: RFC 9457."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from reelsmith.errors import FieldFault


class ReachedQuota(BaseModel):
    """A limit of the tenant. Without `resets_at` it opens when something ends or goes."""

    name: str
    limit: int
    used: float
    resets_at: datetime | None


class Problem(BaseModel):
    """A problem document. Programs switch on `code`; the other words are for people."""

    model_config = ConfigDict(title="Problem")

    type: str = Field(description="`urn:reelsmith:problem:` and the code")
    title: str = Field(description="what the HTTP status is called")
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="what is wrong this time")
    instance: str = Field(description="names this one answer")
    code: str = Field(description="stable, never renamed")
    hint: str = Field(description="what can be done about it")
    request_id: str
    retryable: bool = Field(description="whether the same request may succeed later")
    errors: tuple[FieldFault, ...] | None = Field(
        default=None, description="each wrong field: where it stands, its fault, the remedy"
    )
    jobs: tuple[str, ...] | None = Field(default=None, description="jobs that stand in the way")
    quota: ReachedQuota | None = Field(default=None, description="the limit that is reached")
