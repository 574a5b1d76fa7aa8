"""What tenants and users have made, and what counts against their quotas."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from reelsmith.domain.quotas import Used
from reelsmith.domain.usage import DayOfUse, LifeOfUse


class Usage(Protocol):
    """Statistics: counted with the deeds, by `Jobs`, `Assets` and `Videos`. Never a scan."""

    def used(self, tenant: str, *, at: datetime) -> Used:
        """What counts against the quotas of a tenant at a moment. Raises NotFound."""

    def life(self, tenant: str, owner: str | None = None) -> LifeOfUse:
        """What a tenant, or one user of it, has made so far. Raises NotFound."""

    def days(
        self, tenant: str, *, first: str, last: str, owner: str | None = None
    ) -> Sequence[DayOfUse]:
        """Day by day, of all users or of one; days without use are left out."""

    def called(self, tenant: str, owner: str, *, calls: int, at: datetime) -> None:
        """Note calls of the API."""
