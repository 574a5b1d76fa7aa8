"""Deals the rendering of a film out to tasks: few, large ones.

A task costs a state transition, a cold start and the pictures fetched again, and chopping a run
costs processor time: pieces of 30 frames cost a third more, pieces of 300 a few percent. So a film
that one function renders in no time is one task, and others are cut into tasks of five to ten
seconds of processor.
"""

from collections.abc import Sequence

from reelsmith.domain.jobs import Stage
from reelsmith.domain.resources import Resources
from reelsmith.domain.shares import Dealt, Lane, Share
from reelsmith.media.estimates import Estimates
from reelsmith.ports import Deps
from reelsmith.settings import Settings
from reelsmith.telemetry import MB
from reelsmith.usecases.papers import Desk, ShootingScript
from reelsmith.usecases.progress import span

ALONE_CPU_S = 17.0  # below, a second task costs more than it saves
TASK_CPU_S = 8.0
TASK_FRAMES = 90  # at least, whatever they take
MOST_INLINE = 300  # tasks whose events fit into one history of 25,000, retries and all
MOST_TASKS = 1_000  # whose indexes fit into one payload
_FILLED = 0.8  # of an ordinary renderer's memory and temp space; more goes to the large one


def share_out(deps: Deps, desk: Desk, script: ShootingScript) -> Dealt:
    """Deal out a film, and let its tasks report what they have done of it.

    Raises:
        Stale: another attempt took over.
    """
    dealt = deal(script, deps.settings)
    begin, end = span(Stage.RENDERING)
    deps.jobs.share_out(
        desk.tenant,
        desk.job_id,
        attempt=desk.attempt,
        stage=Stage.RENDERING,
        begin=begin,
        end=end,
        shares=[script.frames_missing(share.first, share.end) for share in dealt.shares],
    )
    return dealt


def deal(script: ShootingScript, settings: Settings) -> Dealt:
    """The tasks that render what is missing of a film; the same film is dealt the same way."""
    missing = script.missing
    if not missing:
        return Dealt(lane=Lane.NONE)
    estimates = Estimates(script.timeline, sizes=script.sizes)
    taking = [estimates.of(part.scene, part.frames) for part in map(script.part, missing)]
    total = sum(one.cpu_seconds for one in taking)
    runs = [list(missing)] if total <= ALONE_CPU_S else _runs(script, taking, total)
    shares = tuple(
        Share(index=index, first=run[0], end=run[-1] + 1) for index, run in enumerate(runs)
    )
    promised = [promise(script, share) for share in shares]
    return Dealt(
        lane=_lane(len(shares)),
        large=any(_is_large(one, settings) for one in promised),
        shares=shares,
    )


def promise(script: ShootingScript, share: Share) -> Resources:
    """What a task may take: its memory and temp space are to stay below this."""
    estimates = Estimates(script.timeline, sizes=script.sizes)
    whole, sources = Resources(), dict[str, int]()
    for number in script.missing_of(share.first, share.end):
        part = script.part(number)
        whole = whole.then(estimates.of(part.scene, part.frames))
        sources |= estimates.sources(part.scene, part.frames)
    fetched_mb = -(-sum(sources.values()) // MB)
    return whole.model_copy(update={"temp_mb": whole.temp_mb + fetched_mb})


def _runs(script: ShootingScript, taking: Sequence[Resources], total: float) -> list[list[int]]:
    """Missing parts in runs of about the same work, none too short to be worth a task."""
    enough = max(TASK_CPU_S, total / (MOST_TASKS / 2))
    runs: list[list[int]] = [[]]
    seconds, frames = 0.0, 0
    for number, one in zip(script.missing, taking, strict=True):
        worth_it = frames >= TASK_FRAMES and seconds >= enough / 2
        if worth_it and seconds + one.cpu_seconds / 2 > enough:
            runs.append([])
            seconds, frames = 0.0, 0
        runs[-1].append(number)
        seconds += one.cpu_seconds
        frames += len(script.part(number).frames)
    if len(runs) > 1 and frames < TASK_FRAMES:
        runs[-2:] = [runs[-2] + runs[-1]]
    return runs


def _lane(tasks: int) -> Lane:
    if tasks == 1:
        return Lane.ALONE
    return Lane.INLINE if tasks <= MOST_INLINE else Lane.SPREAD


def _is_large(promised: Resources, settings: Settings) -> bool:
    return (
        promised.peak_memory_mb > _FILLED * settings.render_memory_mb
        or promised.temp_mb > _FILLED * settings.render_temp_mb
    )
