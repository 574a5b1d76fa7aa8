"""Work that one process does at a time, and how a process that was frozen is kept from it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to do some work until a moment.

    Each taking has a `token` greater than all before it. A write that depends on the lease says
    its token, and is refused once another was given out, whatever any clock says.
    """

    name: str
    holder: str
    token: int
    until: datetime


class Leases(Protocol):
    """Who may do what is done by one process at a time."""

    def take(self, name: str, *, holder: str, seconds: int, at: datetime) -> Lease | None:
        """Take a lease that is free, over, or already this holder's.

        None when somebody else has it: they are told that work came, see `release`.
        """

    def renew(self, lease: Lease, *, seconds: int, at: datetime) -> Lease:
        """The same lease for longer. Raises Stale when it went to somebody else."""

    def release(self, lease: Lease) -> bool:
        """Give a lease back, unless somebody else asked for it since the last time.

        False when somebody did: it is still held, and there may be work that came after a look.
        True also when it went to somebody else meanwhile.
        """
