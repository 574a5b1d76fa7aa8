"""How far a job is: each stage has its share of the hundred."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from reelsmith.domain.jobs import Stage
from reelsmith.errors import Cancelled
from reelsmith.ports import Deps
from reelsmith.usecases.papers import Desk

# Percent at which a stage begins and ends, by its share of the time of a thirty-second ad.
_SPAN: dict[Stage, tuple[float, float]] = {
    Stage.ANALYSING_PROMPT: (0, 4),
    Stage.PROCESSING_SLIDES: (0, 4),
    Stage.SYNTHESIZING_AUDIO: (4, 10),
    Stage.RENDERING: (10, 85),
    Stage.ASSEMBLING_VIDEO: (85, 93),
    Stage.CHECKING: (93, 98),
    Stage.PUBLISHING: (98, 99),
}
_EVERY = timedelta(seconds=1)
_ROOM = 220  # tasks that fit into a progress item of a kilobyte, the unit of a write
_SELDOM = timedelta(seconds=4)  # at most between two reports: a cancel is heard within five


def span(stage: Stage) -> tuple[float, float]:
    """Percent of the job at which a stage begins and ends."""
    return _SPAN[stage]


@dataclass(slots=True)
class Reporter:
    """Tells the job how far its stage is, at most once a second, and hears whether to stop."""

    deps: Deps
    desk: Desk
    stage: Stage
    _told_at: datetime | None = field(default=None)

    def __call__(self, share: float) -> None:
        """Report the share of the stage that is done, 0 to 1.

        Raises:
            Cancelled: the job was called off.
            Stale: another attempt took over.
        """
        now = self.deps.now()
        if share < 1 and _is_soon(self._told_at, now, _EVERY):
            return
        self._told_at = now
        begin, end = _SPAN[self.stage]
        called_off = self.deps.jobs.report(
            self.desk.tenant,
            self.desk.job_id,
            attempt=self.desk.attempt,
            stage=self.stage,
            progress=round(begin + (end - begin) * min(share, 1.0), 1),
        )
        if called_off:
            raise Cancelled(f"job {self.desk.job_id} was called off")


@dataclass(slots=True)
class ShareReporter:
    """Tells the job what one of its parallel tasks has done, and hears whether to stop.

    `tasks` is about how many there are: where a report is dearer it comes more seldom.
    """

    deps: Deps
    desk: Desk
    task: int
    tasks: int
    _told_at: datetime | None = field(default=None)

    def __call__(self, done: int, *, now: bool = False) -> None:
        """Report how many frames of the task are done; at once when `now`.

        Raises:
            Cancelled: the job was called off.
            Stale: another attempt took over.
        """
        at = self.deps.now()
        pause = min(_SELDOM, _EVERY * (1 + self.tasks // _ROOM))
        if not now and _is_soon(self._told_at, at, pause):
            return
        self._told_at = at
        called_off = self.deps.jobs.report_share(
            self.desk.tenant,
            self.desk.job_id,
            attempt=self.desk.attempt,
            task=self.task,
            done=done,
        )
        if called_off:
            raise Cancelled(f"job {self.desk.job_id} was called off")


def _is_soon(told: datetime | None, now: datetime, pause: timedelta) -> bool:
    """Whether it was told within a pause; a clock that was set back is no reason to be silent."""
    return told is not None and timedelta(0) <= now - told < pause
