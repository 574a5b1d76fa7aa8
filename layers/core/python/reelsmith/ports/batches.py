"""Where batches are kept."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from reelsmith.domain.audit import AuditEntry
from reelsmith.domain.batches import Batch
from reelsmith.domain.events import Event
from reelsmith.domain.jobs import Failure
from reelsmith.domain.lists import PageOf
from reelsmith.ports.once import Idempotency, Made


class Batches(Protocol):
    """Where the headers of batches are kept, and the rows of which no job could be made.

    Their counters of jobs are changed by `Jobs.create` and `Jobs.move`.
    """

    def add(
        self, batch: Batch, *, entry: AuditEntry, idempotency: Idempotency | None = None
    ) -> Made[Batch]:
        """Store a new batch; the same id or key again answers with what is stored.

        The batch that it retries learns of it.

        Raises:
            KeyReused: the key stands for another request.
            NotFound: the tenant is not active, or its owner makes nothing more.
        """

    def replay(self, tenant: str, idempotency: Idempotency) -> Batch | None:
        """The batch that this key made before, if any. Raises KeyReused, NotFound."""

    def get(self, tenant: str, batch_id: str) -> Batch:
        """One batch, read consistently. Raises NotFound."""

    def get_many(self, tenant: str, batch_ids: Sequence[str]) -> Mapping[str, Batch]:
        """The batches that exist among these ids, by id, read consistently."""

    def page(
        self, tenant: str, *, owner: str | None, after: str | None, limit: int
    ) -> PageOf[Batch]:
        """Batches newest first, of all or of one owner."""

    def save(
        self, was: Batch, now: Batch, *, entry: AuditEntry, event: Event | None = None
    ) -> Batch:
        """Write `now`, with a new version, where `was` stands with its version and counters.

        What is told of it goes with it.

        Raises Conflict, NotFound.
        """

    def refuse(self, batch: Batch, number: int, failure: Failure) -> bool:
        """Note why no job can be made of the row whose turn it is; false when it is not.

        Raises NotFound.
        """

    def refusals(
        self, tenant: str, batch_id: str, *, first: int, last: int
    ) -> Mapping[int, Failure]:
        """Why no jobs could be made of rows, by their numbers, from one row to another."""

    def due(self, *, limit: int) -> Sequence[Batch]:
        """Batches of all tenants that are processing, oldest first. May lag a moment."""
