"""The journal sealed: entries that have come to rest become links of their tenant's chain.

Two rounds at once cannot fork the chain: of two links with the same number one is stored, and
whoever made the other stops. A round that dies leaves a chain that is whole, only shorter.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice

from reelsmith.domain import audit, seals
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.ids import Kind
from reelsmith.domain.seals import SEALED, Seal, SealedEntry
from reelsmith.ports import Deps
from reelsmith.usecases import vault

REST = timedelta(minutes=5)
"""No write takes as long: an entry older than this is stored, or never will be."""

LAID = timedelta(minutes=30)
"""Within this the rounds of the sealer have laid a new link into the vault."""

LINK_MOST = 100
LINKS_MOST = 20  # of one tenant in a round
BUDGET = timedelta(seconds=40)
_TURN_S = 900
_LEAVING = 100  # tenants that are being erased, whose journal stays


@dataclass(frozen=True, slots=True)
class Round:
    """What a round sealed, and how many links it laid into the vault."""

    links: int = 0
    entries: int = 0
    laid: int = 0


def seal_due(deps: Deps) -> Round:
    """Seal what is due of all tenants, for as long as a round may take."""
    ends = deps.now() + BUDGET
    links = entries = laid = 0
    for tenant in _in_turn(deps):
        if deps.now() >= ends:
            break
        for link in seal_tenant(deps, tenant=tenant, ends=ends):
            links, entries = links + 1, entries + len(link.entries)
        laid += vault.lay(deps, tenant=tenant, ends=ends)
    return Round(links, entries, laid)


def seal_tenant(deps: Deps, *, tenant: str, ends: datetime) -> Iterator[Seal]:
    """Seal what is due of one tenant, link by link as they are asked for."""
    before = deps.journal.last_seal(tenant)
    for _ in range(LINKS_MOST):
        link = _next(deps, tenant, before)
        if link is None or deps.now() >= ends or not _stored(deps, link):
            return
        yield link
        before = link


def at_its_end(deps: Deps, *, tenant: str) -> bool:
    """Whether all that a journal tells is sealed, and two rounds could lay it in the vault."""
    last = deps.journal.last_seal(tenant)
    if last is None or deps.now() - last.sealed_at < LAID:
        return False
    later = _at_rest(deps, tenant, last, deps.now())
    return all(entry.action == SEALED for _, entry in later)


def _next(deps: Deps, tenant: str, before: Seal | None) -> Seal | None:
    """The link that is due after `before`; None when nothing is."""
    now = deps.now()
    rows = list(islice(_at_rest(deps, tenant, before, now - REST), LINK_MOST))
    if all(entry.action == SEALED for _, entry in rows):
        return None  # a link that only told of the one before it would ask for another for ever
    until = seals.moment_of(rows[-1][0]) if len(rows) == LINK_MOST else now - REST
    sealed = tuple(SealedEntry(place=at, digest=seals.digest_of(entry)) for at, entry in rows)
    return seals.link(tenant, before, sealed, until=until, at=now)


def _at_rest(
    deps: Deps, tenant: str, before: Seal | None, until: datetime
) -> Iterator[tuple[str, AuditEntry]]:
    """(place, entry) of what no link holds yet. What came too late for its link never is."""
    since = before.entries[-1].place if before else ""
    for place, entry in deps.journal.entries(tenant, since=since, until=until):
        if entry and (before is None or seals.moment_of(place) >= before.until):
            yield place, entry


def _stored(deps: Deps, link: Seal) -> bool:
    entry = audit.by_system(
        link.tenant,
        entry_id=deps.new_id(Kind.EVENT),
        action=SEALED,
        resource=link.tenant,
        at=deps.now(),
        number=link.number,
        digest=link.digest,
        entries=len(link.entries),
    )
    return deps.journal.add_seal(link, entry=entry)


def _in_turn(deps: Deps) -> Iterator[str]:
    """All tenants; another one is first each time, so that none waits for ever."""
    leaving = (due.tenant for due in deps.erasure.due(limit=_LEAVING) if due.user is None)
    tenants = list(dict.fromkeys((*deps.people.tenants(), *leaving)))
    first = int(deps.now().timestamp() // _TURN_S) % max(1, len(tenants))
    return chain(tenants[first:], tenants[:first])
