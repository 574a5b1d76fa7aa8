"""Creating something once, however often it is asked for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

ThingT_co = TypeVar("ThingT_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A caller's key for one request, and the hash of the request it stands for."""

    key: str
    fingerprint: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Made(Generic[ThingT_co]):
    """What a create made: new, or the one that the same key made before."""

    thing: ThingT_co
    replayed: bool = False
