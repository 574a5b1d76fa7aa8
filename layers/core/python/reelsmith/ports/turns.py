"""What admission remembers from one round to the next."""

from typing import Protocol

from reelsmith.domain.admission import Service
from reelsmith.domain.paces import Paces
from reelsmith.ports.leases import Lease


class Turns(Protocol):
    """How long jobs take, and what tenants had lately. Losing some of it costs exactness only."""

    def paces(self) -> Paces:
        """What was measured, by name."""

    def note_pace(self, name: str, seconds: float) -> None:
        """Let the mean of a name follow what one more job took.

        Of several notes at the same moment some may be lost.
        """

    def service(self) -> Service:
        """What tenants had lately, read consistently."""

    def save_service(self, service: Service, *, lease: Lease) -> None:
        """Remember what tenants had. Raises Stale when the lease went to somebody else."""
