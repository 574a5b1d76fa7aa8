"""One function per task state: payload in, payload out, and the task's row in the history."""

import errno
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from reelsmith import aws
from reelsmith.domain.jobs import Failure
from reelsmith.domain.resources import Resources
from reelsmith.domain.shares import Dealt
from reelsmith.domain.tasks import CUT_OFF, Task, TaskStatus, task_id
from reelsmith.errors import Cancelled, ReelsmithError, Stale, Unavailable
from reelsmith.ports import Deps
from reelsmith.telemetry import MetricUnit, log, measure, place
from reelsmith.usecases import checking, fanout, metering, planning, publishing, rendering
from reelsmith.usecases.papers import Desk, ShootingScript
from reelsmith.workflow import definition
from reelsmith.workflow.payloads import Payload, RunOf, SceneTask, SceneTasks

Result = TypeVar("Result")

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def plan(deps: Deps, given: RunOf) -> RunOf:
    """Check the material and lay down the plan."""
    made = _task(deps, given, definition.PLAN, lambda: planning.plan(deps, _desk(given)))
    log.info("planned", extra={"job_id": given.job_id, "blocks": len(made.blocks)})
    return _run(given)


def narrate(deps: Deps, given: RunOf) -> SceneTasks:
    """Speak the lines, fix every frame, and deal out what must be rendered."""

    def work() -> tuple[ShootingScript, Dealt]:
        script = planning.narrate(deps, _desk(given))
        return script, fanout.share_out(deps, _desk(given), script)

    script, dealt = _task(deps, given, definition.NARRATE, work)
    missing = len(script.missing)
    measure("CacheHits", len(script.parts) - missing, MetricUnit.Count)
    measure("CacheMisses", missing, MetricUnit.Count)
    return SceneTasks.dealt(_run(given), dealt)


def render_scene(deps: Deps, given: SceneTask) -> Payload:
    """Render the parts of one task. Tells the machine nothing: a thousand answers add up."""
    rendered = _task(
        deps,
        given,
        definition.RENDER_SCENE,
        lambda: rendering.render(deps, _desk(given), given.share),
        index=given.index,
        tell=lambda rendered: rendered.model_dump(),
    )
    _metered(given, deps.meter.read(), rendered.promised)
    return Payload()


def _metered(given: SceneTask, spent: Resources, promised: Resources) -> None:
    """Tell CloudWatch what a render task took, and of one that took more than was foreseen."""
    measure("RenderCpuSeconds", spent.cpu_seconds, MetricUnit.Seconds)
    measure("PeakMemoryMb", spent.peak_memory_mb, MetricUnit.Megabytes)
    measure("TmpMb", spent.temp_mb, MetricUnit.Megabytes)
    measure("BytesIn", spent.bytes_in, MetricUnit.Bytes)
    measure("BytesOut", spent.bytes_out, MetricUnit.Bytes)
    if spent.exceeds(promised):
        measure("PromisesExceeded", 1, MetricUnit.Count)
        log.warning(
            "a task took more than was foreseen",
            extra={"job_id": given.job_id, "task": given.index}
            | {"spent": spent.model_dump(), "promised": promised.model_dump()},
        )


def assemble(deps: Deps, given: RunOf) -> RunOf:
    """Join segments and sound into the film."""
    made = _task(
        deps,
        given,
        definition.ASSEMBLE,
        lambda: rendering.assemble(deps, _desk(given)),
        tell=lambda made: made.model_dump(),
    )
    measure("OutputBytes", made.size_bytes, MetricUnit.Bytes)
    measure("CacheRepairs", made.repaired, MetricUnit.Count)
    return _run(given)


def check(deps: Deps, given: RunOf) -> RunOf:
    """Measure the film against its timeline."""
    _task(deps, given, definition.CHECK, lambda: checking.verify(deps, _desk(given)))
    return _run(given)


def publish(deps: Deps, given: RunOf) -> RunOf:
    """Make the film the result of its job."""
    job = _task(deps, given, definition.PUBLISH, lambda: publishing.publish(deps, _desk(given)))
    measure("Jobs", 1, MetricUnit.Count, outcome=job.status)
    if job.result and job.started_at and job.completed_at:
        taken = (job.completed_at - job.started_at).total_seconds()
        measure("OutputSeconds", job.result.duration_seconds, MetricUnit.Seconds)
        measure("RealtimeFactor", taken / job.result.duration_seconds, MetricUnit.NoUnit)
    return _run(given)


def _desk(given: RunOf) -> Desk:
    return Desk(tenant=given.tenant, job_id=given.job_id, attempt=given.attempt)


def _run(given: RunOf) -> RunOf:
    return RunOf(tenant=given.tenant, job_id=given.job_id, attempt=given.attempt)


def _task(
    deps: Deps,
    given: RunOf,
    step: str,
    work: Callable[[], Result],
    *,
    index: int = 0,
    tell: Callable[[Result], dict[str, Any]] = lambda _: {},
) -> Result:
    """Do a task's work and keep its row: begun, and how it ended, with what it took.

    `tell` is what else the row shall say of a result. Raises what the work raises. What AWS could
    not do for now, and work that found no temp space, is raised as Unavailable, so that the
    machine tries again; of any other error the class name decides.
    """
    deps.meter.start()
    begun = _begin(deps, given, step, index)
    try:
        result = work()
    except Exception as error:  # the rim: the row tells of it, the machine decides
        told = _told(error)
        _close(deps, given, begun, told)
        if isinstance(told, Unavailable) and told is not error:
            raise told from error
        raise
    spent = metering.spent(deps, begun)
    done = begun.model_copy(
        update={
            "status": TaskStatus.COMPLETED,
            "progress": 100.0,
            "result_data": tell(result) | metering.noted(spent),
        }
        | _stamps(deps)
    )
    deps.jobs.save_task(given.tenant, done, expects=begun)
    seconds = (deps.now() - begun.updated_at).total_seconds()
    measure("TaskSeconds", seconds, MetricUnit.Seconds, task=step)
    return result


def _told(error: Exception) -> ReelsmithError:
    """What the row of a task says of an error."""
    if isinstance(error, ReelsmithError):
        return error
    if isinstance(error, aws.FAILURES):
        return Unavailable(f"a service did not answer ({type(error).__name__})")
    if isinstance(error, OSError) and error.errno in _FULL:
        return Unavailable("the temp space of a task was full")
    return ReelsmithError("something broke here; we were told of it")


def _begin(deps: Deps, given: RunOf, step: str, index: int) -> Task:
    """The row of a task that begins now; a second begin of an attempt counts as a retry."""
    now = deps.now()
    task = Task(
        id=task_id(step, index),
        job_id=given.job_id,
        task_type=step,
        index=index,
        attempt=given.attempt,
        status=TaskStatus.PROCESSING,
        timeout_s=definition.TIMEOUT_S[step],
        started_at=now,
        place=place(),
        created_at=now,
        updated_at=now,
    )
    try:
        return deps.jobs.save_task(given.tenant, task, expects=None)
    except Stale:
        tasks = deps.jobs.tasks(given.tenant, given.job_id)
        earlier = next((t for t in tasks if (t.id, t.attempt) == (task.id, task.attempt)), None)
        if earlier is None:
            raise
    again = task.model_copy(
        update={
            "retries": earlier.retries + 1,
            "earlier": (*earlier.earlier, earlier.error or CUT_OFF),
            "created_at": earlier.created_at,
            "result_data": metering.carried(earlier),
        }
    )
    return deps.jobs.save_task(given.tenant, again, expects=earlier)


def _close(deps: Deps, given: RunOf, begun: Task, error: ReelsmithError) -> None:
    """Note how a task ended badly. The error itself matters more than the note of it."""
    over = TaskStatus.CANCELLED if isinstance(error, Cancelled | Stale) else TaskStatus.FAILED
    failure = Failure(code=error.code, detail=error.detail[:500], retryable=error.retryable)
    noted = metering.noted(metering.spent(deps, begun))
    failed = begun.model_copy(
        update={"status": over, "error": failure, "result_data": noted} | _stamps(deps)
    )
    measure("Errors", 1, MetricUnit.Count, code=error.code)
    with suppress(ReelsmithError, *aws.FAILURES):
        deps.jobs.save_task(given.tenant, failed, expects=begun)


def _stamps(deps: Deps) -> dict[str, object]:
    now = deps.now()
    return {"completed_at": now, "updated_at": now}
