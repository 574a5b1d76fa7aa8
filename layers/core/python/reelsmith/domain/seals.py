"""The chain that seals the audit journal.

Each link holds the hashes of entries and of the link before it, so that nothing sealed can be
altered, taken away, put in or reordered unseen.
"""

import hashlib
import json

from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.model import Entity, Moment

NOTHING = "0" * 64
"""What stands for the link before the first one."""


class SealedEntry(Entity):
    """One entry in a link: its place in the journal and the SHA-256 of its canonical form."""

    place: str
    digest: str


class Seal(Entity):
    """One link. `number` counts from 0; `digest` is over everything else in it."""

    tenant: str
    number: int
    entries: tuple[SealedEntry, ...]
    previous: str
    digest: str
    sealed_at: Moment


def digest_of(entry: AuditEntry) -> str:
    """SHA-256, hex, of an entry's canonical JSON."""
    told = json.dumps(entry.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


def link(
    tenant: str, before: Seal | None, entries: tuple[SealedEntry, ...], *, at: Moment
) -> Seal:
    """The link after `before` that seals these entries."""
    open_link = Seal(
        tenant=tenant,
        number=before.number + 1 if before else 0,
        entries=entries,
        previous=before.digest if before else NOTHING,
        digest="",
        sealed_at=at,
    )
    return open_link.model_copy(update={"digest": expected_digest(open_link)})


def expected_digest(seal: Seal) -> str:
    """What a link's digest must be."""
    told = json.dumps(seal.model_dump(mode="json", exclude={"digest"}), sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()
