"""Erasures, round by round: each goes on where the last one ended, however that was.

What belongs to a user goes in this order: what opens or leads to things, its exports, jobs (called
off first), films, files, what is noted of it, itself. Objects go before the rows that know them.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from reelsmith import aws
from reelsmith.domain import audit, ids
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.ids import Kind
from reelsmith.errors import Conflict, NotFound, ReelsmithError
from reelsmith.ports import Deps
from reelsmith.ports.erasing import Due
from reelsmith.storage import keys
from reelsmith.telemetry import log
from reelsmith.usecases import belongings, erasing, sealing

_MOST = 100  # users and tenants in a round
_PEOPLE = 20
_BELIEVED = timedelta(minutes=2)
"""After this no reader whom the authorizer still believes leaves any trace."""
_PREFIXES = (
    keys.UPLOADS,
    keys.MEDIA,
    keys.CACHE,
    keys.WORK,
    keys.VIDEOS,
    keys.EXPORTS,
    keys.BATCHES,
    keys.DROP,
)


@dataclass(slots=True)
class Round:
    """What a round has erased, and until when it may go on."""

    until: datetime
    rows: int = 0
    finished: int = 0
    oldest_s: float = 0.0


def advance(deps: Deps, *, seconds: float) -> Round:
    """Go on with everything that is being erased, each in its share of `seconds`."""
    now = deps.now()
    done = Round(until=now + timedelta(seconds=seconds))
    _begin_forgotten(deps)
    waiting = deps.erasure.due(limit=_MOST)
    for place, due in enumerate(waiting):
        done.oldest_s = max(done.oldest_s, (now - due.since).total_seconds())
        share = (done.until - deps.now()) / (len(waiting) - place)
        turn = _Turn(deps, done, until=deps.now() + share)
        try:
            done.finished += turn.tenant(due) if due.user is None else turn.user(due)
        except (ReelsmithError, *aws.FAILURES):  # the others go on
            log.exception("an erasure halts", extra={"tenant": due.tenant, "user": due.user})
    _clear_leftovers(deps, done)
    return done


class _Turn:
    """The turn of one erasure in a round."""

    def __init__(self, deps: Deps, done: Round, *, until: datetime) -> None:
        self._deps = deps
        self._done = done
        self._until = until

    def user(self, due: Due) -> bool:
        """Go on with a user; true when it is gone."""
        return self._person(due.tenant, due.user or "", since=due.since)

    def tenant(self, due: Due) -> bool:
        """Go on with a tenant: its people, then what is its own; true when it is gone."""
        if not self._people(due):
            return False
        if self._deps.now() < due.since + erasing.LATE:
            return False  # a form that was given out before may still bring a file
        return self._belongings(due.tenant) and self._row(due)

    def _people(self, due: Due) -> bool:
        gone: set[str] = set()
        while people := self._deps.erasure.users(due.tenant, limit=_PEOPLE):
            left = [who for who in people if not self._person(due.tenant, who, since=due.since)]
            if left or gone & set(people):
                return False
            gone |= set(people)
        return True

    def _belongings(self, tenant: str) -> bool:
        for prefix in _PREFIXES:
            where = f"{prefix}{tenant}/"
            if not belongings.clear(self._deps, where, may_go_on=self._may_go_on):
                return False
        return self._all(lambda: self._deps.erasure.remove_tenants_rows(tenant))

    def _row(self, due: Due) -> bool:
        """The receipt, and when it is sealed the row by which the sealer finds the journal."""
        deps = self._deps
        try:
            tenant = deps.people.tenant(due.tenant)
        except NotFound:
            return True
        receipt = _receipt(deps, tenant.id, tenant.id, "tenant.erased", due.since)
        if not deps.erasure.finish_tenant(tenant, entry=receipt):
            return False
        if not sealing.at_its_end(deps, tenant=tenant.id):
            return False
        deps.erasure.forget_tenant(tenant.id)
        return True

    def _person(self, tenant: str, owner: str, *, since: datetime) -> bool:
        deps = self._deps
        if not self._all(lambda: deps.erasure.remove_access(tenant, owner)):
            return False
        belongings.remove_exports(deps, tenant, owner)
        for kind, batch, remove in belongings.KINDS:
            if not self._things(tenant, owner, kind, batch, remove):
                return False
        if deps.now() < since + _BELIEVED:
            return False
        if not self._all(lambda: deps.erasure.remove_records(tenant, owner)):
            return False
        receipt = _receipt(deps, tenant, owner, "user.erased", since)
        return deps.erasure.finish_user(tenant, owner, entry=receipt)

    def _things(
        self, tenant: str, owner: str, kind: str, batch: int, remove: belongings.Remove
    ) -> bool:
        """Remove an owner's things of a kind, as far as they can go; false when time is over."""
        after = None
        while found := self._deps.erasure.owned(
            tenant, owner, kind=kind, after=after, limit=batch
        ):
            if not self._may_go_on():
                return False
            self._done.rows += remove(self._deps, tenant, owner, found)
            after = found[-1]
        return True

    def _all(self, remove_some: Callable[[], int]) -> bool:
        """Remove until nothing is left; false when time was over before."""
        while gone := remove_some():
            self._done.rows += gone
            if not self._may_go_on():
                return False
        return True

    def _may_go_on(self) -> bool:
        return self._deps.now() <= self._until


def _begin_forgotten(deps: Deps) -> None:
    """Begin to erase users who were deleted long ago and not taken back."""
    now = deps.now()
    before = now - timedelta(days=deps.settings.erase_after_days)
    for tenant, user_id in deps.erasure.forgotten(before, limit=_MOST):
        entry = audit.by_system(
            tenant,
            entry_id=deps.new_id(Kind.EVENT),
            action="user.erasure_begun",
            resource=user_id,
            at=now,
        )
        with suppress(Conflict, NotFound):  # taken back, or erased, since it was listed
            user = deps.users.get(tenant, user_id)
            if user.deleted_at and user.deleted_at <= before and not user.erasing_at:
                erasing.gate(deps, user, entry)


def _clear_leftovers(deps: Deps, done: Round) -> None:
    """Delete the objects of jobs that were deleted."""
    for leftover in deps.erasure.leftovers(deps.now(), limit=_MOST):
        if deps.now() > done.until:
            return
        belongings.clear(deps, leftover.prefix)
        deps.erasure.cleared(leftover)
        done.rows += 1


def _receipt(deps: Deps, tenant: str, thing: str, action: str, since: datetime) -> AuditEntry:
    """The entry that says what went; the step that writes it fills in how much."""
    return audit.by_system(
        tenant,
        entry_id=ids.derived(Kind.EVENT, since, thing, action),
        action=action,
        resource=thing,
        at=deps.now(),
    )
