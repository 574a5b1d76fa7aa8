"""Many films from one request: ordered, fed row by row, and called off."""

from collections.abc import Callable
from typing import Any

from reelsmith.domain.batches import BatchStatus
from reelsmith.domain.jobs import JobStatus
from reelsmith.ports import Deps
from reelsmith.usecases import batches, dispatching, feeding
from reelsmith.usecases.orders import Order
from reelsmith.workflow import rounds
from tests.builders import a_caller
from tests.faults import promises
from tests.faults.telling import ONCE, Story, statuses
from tests.world import World


def _ordered(world: World) -> Order:
    rows = tuple({"text_prompt": f"Film {n}.", "external_id": f"sku-{n}"} for n in range(3))
    return Order(title="Catalogue", rows=rows)


def _orders(deps: Deps, order: Order) -> None:
    batches.submit(deps, caller=a_caller(), order=order, once=ONCE)


def _batch(world: World) -> Any:
    return batches.submit(world.deps, caller=a_caller(), order=_ordered(world), once=ONCE).thing


def _feeds(deps: Deps, _: Any) -> None:
    feeding.advance(deps, seconds=60, calls_off=True)


def _stops_batch(deps: Deps, batch: Any) -> None:
    batches.cancel(deps, caller=a_caller(), batch_id=batch.id)


def _fed_batch(world: World) -> Any:
    batch = _batch(world)
    _feeds(world.deps, batch)
    dispatching.start_due(world.deps)
    return batch


def _each_row_once(status: BatchStatus, *ends: JobStatus) -> Callable[[World, Any], None]:
    def holds(world: World, _: Any) -> None:
        _feeds(world.deps, None)
        rows = [(job["batch"], job["row"]) for job in promises.jobs(world)]
        stored = [item for item in world.table.items() if item.get("et") == "batch"]
        assert len(stored) == 1
        assert stored[0]["status"] == status
        assert sorted(rows) == [(stored[0]["id"], n) for n in range(3)]
        assert set(statuses(world)) <= set(ends)

    return holds


def _rounds(world: World) -> None:
    _feeds(world.deps, None)
    rounds.housekeeping(world.deps)


_FAILED = _each_row_once(BatchStatus.FAILED, JobStatus.FAILED)
_CANCELLED = _each_row_once(BatchStatus.CANCELLED, JobStatus.CANCELLED)
STORIES = (
    Story("order a batch", _ordered, _orders, _FAILED, mends=_rounds),
    Story("feed a batch", _batch, _feeds, _FAILED, comes_again=False, mends=_rounds),
    Story("cancel a batch", _fed_batch, _stops_batch, _CANCELLED, mends=_rounds),
)
