"""Look at the journal: who did what, to which thing, when and from where."""

from reelsmith.domain import rights
from reelsmith.domain.audit import JournalFilter
from reelsmith.domain.people import Caller
from reelsmith.domain.rights import Act
from reelsmith.ports import Deps, JournalPage

PAGE_DEFAULT = 50


def page(
    deps: Deps, *, caller: Caller, wanted: JournalFilter, after: str | None = None, limit: int
) -> JournalPage:
    """Entries of the caller's tenant, newest first. Raises Forbidden."""
    rights.require(caller, Act.AUDIT_READ)
    return deps.journal.page(caller.tenant, **dict(wanted), after=after, limit=limit)
