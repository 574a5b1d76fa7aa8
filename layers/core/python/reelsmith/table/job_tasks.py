"""The steps of a job: one row per step and attempt."""

from datetime import datetime

from pynamodb.expressions.operand import Path

from reelsmith.domain.tasks import Task
from reelsmith.errors import NotFound, Stale
from reelsmith.table import keys
from reelsmith.table.database import Database, Refused
from reelsmith.table.items import Item, changes, encode, stands, to_entity, to_item
from reelsmith.table.transactions import Transaction


def save(database: Database, tenant: str, task: Task, *, expects: Task | None) -> None:
    """Write a task; see `ports.Jobs.save_task`. The same again changes nothing.

    A task `expects` of an earlier attempt stays as it is: the new attempt has a row of its own.
    """
    try:
        if expects is None or expects.attempt != task.attempt:
            _begin(database, tenant, task)
        else:
            _go_on(database, tenant, task, expects)
    except Refused as refused:
        _explain(refused, task)


def of_job(database: Database, tenant: str, job_id: str) -> tuple[Task, ...]:
    """The latest attempt of each step: kinds of steps as they first began, then by index."""
    latest: dict[str, Task] = {}
    begun: dict[str, datetime] = {}
    for item in database.query(keys.job_tasks(tenant, job_id)):
        task = to_entity(Task, item)
        latest[task.id] = task
        first = begun.get(task.task_type, task.created_at)
        begun[task.task_type] = min(first, task.created_at)
    return tuple(sorted(latest.values(), key=lambda t: (begun[t.task_type], t.task_type, t.index)))


def _begin(database: Database, tenant: str, task: Task) -> None:
    transaction = Transaction(database)
    transaction.check(
        "job",
        keys.job(tenant, task.job_id),
        expects=stands() & (Path("attempt") <= encode(task.attempt)),
    )
    transaction.new("task", _row(tenant, task))
    transaction.commit()


def _go_on(database: Database, tenant: str, task: Task, expects: Task) -> None:
    before, after = _row(tenant, expects), _row(tenant, task)
    same = {name: before[name] for name in ("status", "retries", "updated_at")}
    try:
        database.update(
            keys.Key(after[keys.PK], after[keys.SK]),
            changes(before, after, always=("updated_at",)),
            expects=stands(**same),
        )
    except Refused as refused:
        raise Refused({"task": refused.stored["item"]}) from refused


def _explain(refused: Refused, task: Task) -> None:
    """Nothing when the task stands as it should already; raises NotFound, Stale."""
    stored = refused.stored
    if "job" in stored and stored["job"] is None:
        raise NotFound(f"no job {task.job_id}") from refused
    there: Item | None = stored.get("task")
    if there is None or to_entity(Task, there) != task:
        raise Stale(f"task {task.id} of job {task.job_id} moved meanwhile") from refused


def _row(tenant: str, task: Task) -> Item:
    key = keys.job_task(tenant, task.job_id, task.attempt, task.id)
    return to_item(task, "task", key)
