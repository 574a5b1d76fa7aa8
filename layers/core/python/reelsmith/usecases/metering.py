"""What tasks took, noted in their rows and summed for their job."""

from collections.abc import Iterable
from typing import Any

from reelsmith.domain.resources import Resources
from reelsmith.domain.tasks import Task
from reelsmith.ports import Deps

_NOTE = "resources"


def spent(deps: Deps, task: Task) -> Resources:
    """What a task has taken so far, with what its earlier tries took."""
    return of(task).then(deps.meter.read())


def of(task: Task) -> Resources:
    """What the row of a task says it took."""
    return Resources.model_validate(task.result_data.get(_NOTE, {}))


def noted(resources: Resources) -> dict[str, Any]:
    """What a row says of resources."""
    return {_NOTE: resources.model_dump()}


def carried(earlier: Task) -> dict[str, Any]:
    """What the row of a task that is tried again keeps of the earlier try."""
    return noted(of(earlier))


def of_job(tasks: Iterable[Task]) -> Resources:
    """All tasks together: sums, and the most memory and temp space that one of them held."""
    whole = Resources()
    for task in tasks:
        whole = whole.then(of(task))
    return whole
