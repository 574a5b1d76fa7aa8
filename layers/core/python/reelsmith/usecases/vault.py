"""Sealed entries laid where nobody can change them: a bucket under Object Lock.

One object a link: its rows and the link itself, as lines of JSON. They are laid in the order of
the chain, so that where a link lies, those before it lie too.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from reelsmith.domain import seals
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.seals import Seal
from reelsmith.ports import Deps, Store
from reelsmith.storage import keys

CONTENT_TYPE = "application/x-ndjson"
_SETTLED = timedelta(days=1)  # by then some round has looked whether the last link lies there
_MS = timedelta(milliseconds=1)


def lay(deps: Deps, *, tenant: str, ends: datetime) -> int:
    """Lay the links that are not in the vault yet; how many. 0 where there is no vault."""
    last = deps.journal.last_seal(tenant) if deps.vault else None
    if deps.vault is None or last is None or deps.now() - last.sealed_at > _SETTLED:
        return 0
    laid = 0
    for link in deps.journal.seals(tenant, first=_first_missing(deps.vault, last)):
        if link is None or deps.now() >= ends:
            break
        deps.vault.write(
            body(link, rows(deps, link)),
            keys.sealed(tenant, link.number),
            content_type=CONTENT_TYPE,
        )
        laid += 1
    return laid


def body(link: Seal, entries: Iterator[tuple[str, AuditEntry]]) -> bytes:
    """A link as a file: a line for each of its rows, and the link as the last line."""
    lines: list[object] = [
        {"place": place, "entry": entry.model_dump(mode="json")} for place, entry in entries
    ]
    lines.append({"link": link.model_dump(mode="json")})
    return b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)


def rows(deps: Deps, link: Seal) -> Iterator[tuple[str, AuditEntry]]:
    """(place, entry) of what a link holds, as it stands in the journal now."""
    sealed = {entry.place for entry in link.entries}
    first, last = link.entries[0].place, link.entries[-1].place
    found = deps.journal.entries(
        link.tenant, since=first.partition("#")[0], until=seals.moment_of(last) + _MS
    )
    return ((place, entry) for place, entry in found if entry and place in sealed)


def digests(store: Store, tenant: str) -> Iterator[tuple[int, str]]:
    """(number, digest) of every link that lies in a vault, in the order of the chain."""
    for stored in store.list(keys.sealed(tenant)):
        link = json.loads(store.read(stored.key).splitlines()[-1])["link"]
        yield link["number"], link["digest"]


def _first_missing(store: Store, last: Seal) -> int:
    """The number of the first link that is to be laid: `last.number + 1` when all lie there.

    Looks back in growing steps, then halves: links that expired are gone from the vault too.
    """
    there, missing, step = last.number, last.number + 1, 1
    while there >= 0 and store.head(keys.sealed(last.tenant, there)) is None:
        there, missing, step = there - step, there, step * 2
    there = max(there, -1)
    while missing - there > 1:
        middle = (there + missing) // 2
        if store.head(keys.sealed(last.tenant, middle)) is None:
            missing = middle
        else:
            there = middle
    return missing
