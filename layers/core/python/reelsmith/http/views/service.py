"""What is seen of the service: by everybody, and by administrators."""

from typing import Literal

from pydantic import BaseModel


class Health(BaseModel):
    """Whether the service can do its work."""

    status: Literal["ok"]
    stage: str
    version: str


class ServiceHealth(BaseModel):
    """Whether a service answered, and after how many milliseconds."""

    ok: bool
    ms: float


class DeepHealth(BaseModel):
    """The services behind this one. `degraded`: one of them did not answer."""

    status: Literal["ok", "degraded"]
    services: dict[str, ServiceHealth]
