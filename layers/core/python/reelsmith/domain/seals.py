"""The chain that seals the audit journal.

Each link holds the hashes of entries and of the link before it, so that nothing sealed can be
altered, taken away, put in or reordered unseen. The journal itself tells of each link by an entry
that the next link seals, so that the end of the chain cannot be cut off unseen either.
"""

import hashlib
import json
from datetime import UTC, datetime, timedelta

from pydantic import Field

from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.model import Entity, Moment

NOTHING = "0" * 64
"""What stands for the link before the first one."""

SEALED = "journal.sealed"
"""The action of the entry that tells of a link. Its changes hold `number` and `digest`."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SealedEntry(Entity):
    """One entry in a link: its place in the journal and the SHA-256 of its canonical form."""

    place: str
    digest: str


class Seal(Entity):
    """One link. `number` counts from 0; `digest` is over everything else in it."""

    tenant: str
    number: int
    entries: tuple[SealedEntry, ...]
    until: Moment = Field(description="all entries before it are in this link or one before it")
    previous: str
    previous_at: Moment | None = Field(default=None, description="when the link before was made")
    digest: str
    sealed_at: Moment


def digest_of(entry: AuditEntry) -> str:
    """SHA-256, hex, of an entry's canonical JSON.

    What is at its default is left out, so that a field that a later version of the entry has does
    not change the digests of today's.
    """
    plain = entry.model_dump(mode="json", exclude_defaults=True)
    told = json.dumps(plain, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def link(
    tenant: str,
    before: Seal | None,
    entries: tuple[SealedEntry, ...],
    *,
    until: Moment,
    at: Moment,
) -> Seal:
    """The link after `before` that seals these entries. Links are never older than the last."""
    open_link = Seal(
        tenant=tenant,
        number=before.number + 1 if before else 0,
        entries=entries,
        until=whole_ms(until),
        previous=before.digest if before else NOTHING,
        previous_at=before.sealed_at if before else None,
        digest="",
        sealed_at=max(at, before.sealed_at) if before else at,
    )
    return open_link.model_copy(update={"digest": expected_digest(open_link)})


def expected_digest(seal: Seal) -> str:
    """What a link's digest must be."""
    plain = seal.model_dump(mode="json", exclude={"digest"}, exclude_defaults=True)
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def whole_ms(at: Moment) -> datetime:
    """The moment cut to milliseconds: places in the journal know no more."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def moment_of(place: str) -> datetime:
    """When the entry at a place was written. Raises ValueError when it is no place.

    A place begins with the milliseconds since 1970, see `table.keys`.
    """
    return _EPOCH + timedelta(milliseconds=int(place.partition("#")[0]))
