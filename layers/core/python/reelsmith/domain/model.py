"""What every entity shares: frozen, forward-readable, with the field types that recur."""

import json
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
)

METADATA_MOST_BYTES = 16 << 10


def _of_modest_size(metadata: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(metadata).encode()) > METADATA_MOST_BYTES:
        raise ValueError(f"metadata is longer than {METADATA_MOST_BYTES} bytes of JSON")
    return metadata


Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,4})?$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Percent = Annotated[float, Field(ge=0, le=100)]
Metadata = Annotated[dict[str, Any], Field(default_factory=dict), AfterValidator(_of_modest_size)]
Moment = AwareDatetime


class Entity(BaseModel):
    """A stored thing. Unknown attributes are ignored on read, so older code reads newer rows."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)
