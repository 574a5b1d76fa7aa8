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
METADATA_MOST_DEPTH = 30


def _of_modest_size(metadata: dict[str, Any]) -> dict[str, Any]:
    """Metadata that is plain JSON, short and not deep: it is echoed in every answer."""
    if _depth(metadata) > METADATA_MOST_DEPTH:
        raise ValueError(f"metadata is nested deeper than {METADATA_MOST_DEPTH} levels")
    try:
        body = json.dumps(metadata, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError) as foreign:  # a date from YAML, NaN, half a surrogate pair
        raise ValueError("metadata holds what JSON cannot say") from foreign
    if len(body) > METADATA_MOST_BYTES:
        raise ValueError(f"metadata is longer than {METADATA_MOST_BYTES} bytes of JSON")
    return metadata


def _depth(value: object) -> int:
    """Levels of maps and lists, counted no further than one beyond what is allowed."""
    level, depth = [value], 0
    while depth <= METADATA_MOST_DEPTH:
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return depth
        depth += 1
    return depth


Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,4})?$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Percent = Annotated[float, Field(ge=0, le=100)]
Metadata = Annotated[dict[str, Any], Field(default_factory=dict), AfterValidator(_of_modest_size)]
Moment = AwareDatetime


class Entity(BaseModel):
    """A stored thing. Unknown attributes are ignored on read, so older code reads newer rows."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)
