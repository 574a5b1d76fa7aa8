"""Signing in: a name and a password become a session.

Whether the name, the password or the account was wrong, locked or switched off cannot be told
apart from outside, neither by what is answered nor by how much work the answer took.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from reelsmith.domain import audit
from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.ids import Kind
from reelsmith.domain.people import Password, User
from reelsmith.errors import NotFound, TooMany, Unauthorized
from reelsmith.ports import Deps
from reelsmith.usecases import suspicion
from reelsmith.usecases.identity import is_open

MISSES_ALLOWED = 4  # in a row; the next one locks the account
FIRST_LOCK, LONGEST_LOCK = timedelta(minutes=1), timedelta(hours=1)
ADDRESS_MISSES, ADDRESS_WINDOW_S = 30, 600
_NOTHING = "signin for nothing"  # a window that nobody reads
_DOUBLINGS = 6  # of the first lock to the longest
_REFUSED = "this name and password open nothing; after several misses wait some minutes"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from that nobody has signed yet."""

    ip: str = ""
    user_agent: str = ""
    request_id: str = ""


def admit(deps: Deps, *, name: str, password: str, origin: Origin) -> User:
    """The enabled user whom this name and password belong to.

    Raises:
        Unauthorized: there is none, or it is locked for now.
        TooMany: too many misses came from this address.
    """
    window = f"signin {origin.ip}"
    now = deps.now()
    if deps.limits.counted(window, at=now, seconds=ADDRESS_WINDOW_S) >= ADDRESS_MISSES:
        raise TooMany("too many wrong passwords from here", retry_after_s=ADDRESS_WINDOW_S)
    user = _named(deps, name)
    kept = deps.credentials.password(user.tenant, user.id) if user else None
    proven = proves(deps, kept, password)
    if user and proven and user.enabled and is_open(deps, user.tenant):
        return user
    deps.limits.count(window, at=now, seconds=ADDRESS_WINDOW_S)
    _tell(deps, user, origin)
    raise Unauthorized(_REFUSED)


def proves(deps: Deps, kept: Password | None, password: str) -> bool:
    """Whether this is the password that is kept; takes the same work when none is.

    A miss is counted, and locks the account for a while when there are several in a row. A right
    password is hashed anew when its hash is old.
    """
    now = deps.now()
    if kept is None or (kept.locked_until and now < kept.locked_until):
        deps.passwords.pretend(password)
        deps.limits.count(_NOTHING, at=now, seconds=ADDRESS_WINDOW_S)  # in place of the miss
        return False
    if not deps.passwords.verify(password, kept.hash):
        deps.credentials.missed(kept, locked_until=_locked_until(kept.failures + 1, now))
        return False
    if kept.failures:
        deps.credentials.forgive(kept)
    if deps.passwords.is_stale(kept.hash):
        fresh = kept.model_copy(update={"hash": deps.passwords.hash(password)})
        deps.credentials.rehash(kept, fresh)
    return True


def _tell(deps: Deps, user: User | None, origin: Origin) -> None:
    """Let the journal and suspicion hear of a miss, with one write each for nobody's name too."""
    if user:
        deps.journal.note(_refusal(deps, user, origin))
    else:
        deps.limits.count(_NOTHING, at=deps.now(), seconds=ADDRESS_WINDOW_S)
    suspicion.failed_sign_in(
        deps,
        tenant=user.tenant if user else None,
        user=user.id if user else None,
        ip=origin.ip,
        user_agent=origin.user_agent,
        request_id=origin.request_id,
    )


def _named(deps: Deps, name: str) -> User | None:
    try:
        return deps.users.find(name)
    except NotFound:
        return None


def _locked_until(misses: int, now: datetime) -> datetime | None:
    """Until when so many misses in a row lock an account; each one more doubles it."""
    if misses <= MISSES_ALLOWED:
        return None
    doublings = min(misses - MISSES_ALLOWED - 1, _DOUBLINGS)
    return now + min(FIRST_LOCK * (1 << doublings), LONGEST_LOCK)


def _refusal(deps: Deps, user: User, origin: Origin) -> AuditEntry:
    return AuditEntry(
        id=deps.new_id(Kind.EVENT),
        tenant=user.tenant,
        actor=audit.SYSTEM,
        action="session.refused",
        resource=user.id,
        ip=origin.ip,
        user_agent=origin.user_agent[:200],
        request_id=origin.request_id,
        at=deps.now(),
    )
