"""The journal checked against its chain: the first row that is not as it was sealed, by name."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reelsmith.domain import seals
from reelsmith.domain.audit import RETENTION, AuditEntry
from reelsmith.domain.seals import NOTHING, SEALED, Seal, SealedEntry
from reelsmith.ports import Deps
from reelsmith.usecases import vault


class Fault(StrEnum):
    """What is wrong with a row or a link."""

    ALTERED = "altered"
    MISSING = "missing"
    INSERTED = "inserted"
    REORDERED = "reordered"
    LINK = "link broken"


@dataclass(frozen=True, slots=True)
class Broken:
    """Where the journal is broken first: the place of a row, or `link <number>`."""

    where: str
    fault: Fault
    told: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was looked at, and what is broken. `waiting` rows are too young to be sealed."""

    tenant: str
    rows: int
    links: int
    waiting: int
    broken: Broken | None


def verify(deps: Deps, *, tenant: str) -> Verdict:
    """Check a tenant's journal, row by row in the order of its chain, and against the vault.

    What is older than the journal is kept may be gone: rows first, then their links.
    """
    walk = _Walk(deps, tenant)
    broken = walk.first_fault() or _against_the_vault(deps, walk)
    return Verdict(tenant, walk.rows, len(walk.digests), walk.waiting, broken)


class _Walk:
    """One way through the chain and the journal side by side."""

    def __init__(self, deps: Deps, tenant: str) -> None:
        self._deps, self.tenant, self._now = deps, tenant, deps.now()
        self._found = deps.journal.entries(tenant)
        self._ahead = next(self._found, None)
        self._last: Seal | None = None
        self._told: list[tuple[str, AuditEntry]] = []
        self.digests: dict[int, str] = {}
        self.rows = self.waiting = 0

    def first_fault(self) -> Broken | None:
        """The first thing that is wrong."""
        for link in self._deps.journal.seals(self.tenant):
            broken = self._link_fault(link)
            if broken or link is None:
                return broken
            for sealed in link.entries:
                broken = self._row_fault(sealed)
                if broken:
                    return broken
            self._last = link
            self.digests[link.number] = link.digest
        return self._rest_fault() or self._lost_link()

    def _link_fault(self, link: Seal | None) -> Broken | None:
        last = self._last
        number = last.number + 1 if last else 0
        if link is None:
            return Broken(f"link {number}", Fault.LINK, "what stands in its place is no such link")
        where = f"link {link.number}"
        if link.tenant != self.tenant or seals.expected_digest(link) != link.digest:
            return Broken(where, Fault.ALTERED, "the link is not what it was when it was made")
        if link.number != number:
            if self._over(link.previous_at):
                return None
            return Broken(f"link {number}", Fault.MISSING, f"{where} needs it")
        if link.previous != (last.digest if last else NOTHING):
            return Broken(where, Fault.LINK, "the link before it is another one")
        return None

    def _row_fault(self, sealed: SealedEntry) -> Broken | None:
        """What is wrong with the next sealed row, or with rows that stand before it."""
        while self._ahead and self._ahead[0] < sealed.place:
            place, entry = self._next()
            if not self._over(_moment(place)):
                return self._stray(place, entry)
        if self._ahead is None or self._ahead[0] != sealed.place:
            if self._over(_moment(sealed.place)):
                return None
            return Broken(sealed.place, Fault.MISSING, "the row was sealed and is gone")
        place, entry = self._next()
        if entry and seals.digest_of(entry) == sealed.digest:
            self.rows += 1
            return None
        home = self._home_of(entry)
        if home:
            return Broken(place, Fault.REORDERED, f"its content was sealed at {home}")
        return Broken(place, Fault.ALTERED, "the row is not what it was when it was sealed")

    def _rest_fault(self) -> Broken | None:
        """What is wrong with the rows after the last link: they may wait, but not be older."""
        while self._ahead:
            place, entry = self._next()
            at = _moment(place)
            if entry is None or at is None or (self._last and at < self._last.until):
                return self._stray(place, entry)
            self.waiting += 1
        return None

    def _lost_link(self) -> Broken | None:
        """The link that an entry tells of and that is not there, or not as the entry says."""
        for place, entry in self._told:
            number, digest = entry.changes.get("number"), entry.changes.get("digest")
            if not isinstance(number, int):
                return Broken(place, Fault.ALTERED, "the row tells of a link without its number")
            if self._over(_moment(place)) or 0 <= number < min(self.digests, default=0):
                continue  # a link that should be there before the first one was missed already
            if self.digest(number) != digest:
                return Broken(f"link {number}", Fault.MISSING, f"the row {place} tells of it")
        return None

    def digest(self, number: int) -> str | None:
        """The digest of a link; also of one that was made since the walk began."""
        if number not in self.digests:
            link = next(self._deps.journal.seals(self.tenant, first=max(0, number)), None)
            return link.digest if link and link.number == number else None
        return self.digests[number]

    def _next(self) -> tuple[str, AuditEntry | None]:
        """The row in hand; the one after it is looked at next."""
        assert self._ahead is not None
        row, self._ahead = self._ahead, next(self._found, None)
        place, entry = row
        if entry and entry.action == SEALED:
            self._told.append((place, entry))
        return row

    def _stray(self, place: str, entry: AuditEntry | None) -> Broken:
        home = self._home_of(entry)
        if home:
            return Broken(place, Fault.REORDERED, f"its content was sealed at {home}")
        return Broken(
            place, Fault.INSERTED, "it is older than the last link, and no link holds it"
        )

    def _home_of(self, entry: AuditEntry | None) -> str | None:
        """Where the content of a row was sealed, when it was."""
        digest = seals.digest_of(entry) if entry else None
        links = self._deps.journal.seals(self.tenant) if digest else iter(())
        held = (sealed for link in links if link for sealed in link.entries)
        return next((sealed.place for sealed in held if sealed.digest == digest), None)

    def _over(self, at: datetime | None) -> bool:
        """Whether what was written then need not be kept any more."""
        return at is not None and at + RETENTION <= self._now


def _against_the_vault(deps: Deps, walk: _Walk) -> Broken | None:
    """The first link that lies in the vault and is another one in the table, or none."""
    if deps.vault is None:
        return None
    for number, digest in vault.digests(deps.vault, walk.tenant):
        if number < min(walk.digests, default=0):
            continue  # expired in the table; the vault forgets a little later
        stands = walk.digest(number)
        if stands is None:
            return Broken(f"link {number}", Fault.MISSING, "it lies in the vault")
        if stands != digest:
            return Broken(f"link {number}", Fault.ALTERED, "another one lies in the vault")
    return None


def _moment(place: str) -> datetime | None:
    try:
        return seals.moment_of(place)
    except (ValueError, OverflowError):
        return None
