"""Ids: a 4-character prefix and the 32 hex digits of a UUIDv7 (RFC 9562), so they sort by time."""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What an id names."""

    JOB = "job"
    VIDEO = "vid"
    ASSET = "ast"
    VOICE = "voi"
    USER = "usr"
    TENANT = "ten"
    KEY = "key"
    SCRIPT = "scr"
    EVENT = "evt"
    TASK = "tsk"
    EXPORT = "exp"
    WEBHOOK = "whk"
    DELIVERY = "dlv"
    BATCH = "bat"


NewId = Callable[[Kind], str]

_SHAPE = re.compile(r"^[a-z]{3}_[0-9a-f]{32}$")
_RANDOM_BITS = 74  # what RFC 9562 section 5.7 leaves beside time, version and variant


def at(kind: Kind, moment: datetime, randomness: bytes) -> str:
    """The id of this kind for this moment. `randomness` is at least 10 bytes."""
    milliseconds = int(moment.timestamp() * 1000)
    noise = int.from_bytes(randomness[:10]) >> (80 - _RANDOM_BITS)
    high, low = noise >> 62, noise & ((1 << 62) - 1)
    number = milliseconds << 80 | 7 << 76 | high << 64 | 2 << 62 | low
    return f"{kind}_{number:032x}"


def since(kind: Kind, moment: datetime) -> str:
    """The least id of this kind that something made from this moment on can have."""
    return at(kind, moment, bytes(10))


def derived(kind: Kind, moment: datetime, *parts: str) -> str:
    """The one id that these parts have at this moment: what makes repeated work land on itself."""
    return at(kind, moment, hashlib.sha256("\0".join(parts).encode()).digest())


def is_id(kind: Kind, text: str) -> bool:
    """Whether `text` has the shape of an id of this kind."""
    return text.startswith(f"{kind}_") and _SHAPE.match(text) is not None
