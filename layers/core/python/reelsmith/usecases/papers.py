"""The papers of one attempt: what its tasks hand to one another through the store."""

from bisect import bisect_left
from functools import cached_property
from typing import Self, TypeVar

from pydantic import Field, ValidationError

from reelsmith.domain.decks import SlidesShown
from reelsmith.domain.jobs import Job, JobStatus
from reelsmith.domain.manifests import Voice
from reelsmith.domain.measures import Measured
from reelsmith.domain.model import Entity, Moment
from reelsmith.domain.quality import Quality
from reelsmith.domain.timelines import Timeline
from reelsmith.errors import Cancelled, NotFound, Stale
from reelsmith.ports import Deps
from reelsmith.storage import keys

PLAN, SCRIPT, CHECKED, FILM = "plan.json", "script.json", "checked.json", "film.mp4"
REPORT, MANIFEST = "report.json", "manifest.json"
SRT, VTT = "captions.srt", "captions.vtt"
STREAM, STREAM_FACTS = "stream.mp4", "stream.json"

Paper = TypeVar("Paper", bound=Entity)


class Part(Entity):
    """Frames of one scene that are rendered and stored together: mostly all of them.

    `first` and `end` count the scene's own frames from 0; `key` is where the segment lies.
    """

    scene: int
    first: int
    end: int
    key: str

    @property
    def frames(self) -> range:
        """The frames of the scene."""
        return range(self.first, self.end)


class ShootingScript(Entity):
    """A timeline cut into parts, in the order of the film, and which of them were there already.

    Of what was stored before `fresh_since` nothing was to be used; `sizes` are the bytes of source
    files by SHA-256.
    """

    timeline: Timeline
    parts: tuple[Part, ...]
    reused: tuple[int, ...] = ()
    fresh_since: Moment | None = None
    sizes: dict[str, int] = {}
    voice: Voice | None = None
    slides: SlidesShown | None = None
    warnings: tuple[str, ...] = ()

    @property
    def segments(self) -> tuple[str, ...]:
        """Where the segments of the film lie, in its order."""
        return tuple(part.key for part in self.parts)

    @property
    def scenes_reused(self) -> int:
        """Scenes of which nothing had to be rendered."""
        return len(self.timeline.scenes) - len({self.parts[n].scene for n in self.missing})

    @cached_property
    def missing(self) -> tuple[int, ...]:
        """Numbers of the parts that must be rendered; of equal ones the first."""
        there = set(self.reused)
        first = {part.key: n for n, part in reversed(list(enumerate(self.parts)))}
        return tuple(n for n in sorted(first.values()) if n not in there)

    def missing_of(self, first: int, end: int) -> tuple[int, ...]:
        """The missing ones of a run of parts."""
        return self.missing[bisect_left(self.missing, first) : bisect_left(self.missing, end)]

    def frames_missing(self, first: int, end: int) -> int:
        """Frames to render in a run of parts."""
        return sum(len(self.part(n).frames) for n in self.missing_of(first, end))

    def part(self, number: int) -> Part:
        """One part."""
        return self.parts[number]


class Checked(Entity):
    """What the finished film measures, and what is remarkable about it."""

    measured: Measured
    quality: Quality | None = None
    beside: tuple[str, ...] = Field(default=(), description="papers to keep beside the film")
    warnings: tuple[str, ...] = ()


class Desk(Entity):
    """Where the papers of one attempt lie."""

    tenant: str
    job_id: str
    attempt: int

    @classmethod
    def of(cls, job: Job) -> Self:
        """The desk of the job's current attempt."""
        return cls(tenant=job.tenant, job_id=job.id, attempt=job.attempt)

    def key(self, name: str) -> str:
        """Where a paper lies in the store."""
        return keys.work(self.tenant, self.job_id, self.attempt, name)


def lay(deps: Deps, desk: Desk, name: str, paper: Entity) -> None:
    """Lay a paper on the desk. Laying it twice is laying it once."""
    body = paper.model_dump_json().encode()
    deps.store.write(body, desk.key(name), content_type="application/json")


def take(deps: Deps, desk: Desk, name: str, kind: type[Paper]) -> Paper:
    """Read a paper from the desk. Raises NotFound."""
    return kind.model_validate_json(deps.store.read(desk.key(name)))


def taken_over(deps: Deps, job: Job, name: str, kind: type[Paper]) -> Paper | None:
    """A paper of the attempt that this one goes on from, now on this one's desk too.

    None when there is no such attempt or no such paper any more, or when it is of an older make.
    """
    if job.papers_of is None:
        return None
    earlier = Desk(tenant=job.tenant, job_id=job.id, attempt=job.papers_of)
    try:
        paper = take(deps, earlier, name, kind)
    except (NotFound, ValidationError):
        return None
    lay(deps, Desk.of(job), name, paper)
    return paper


def at_work(deps: Deps, desk: Desk) -> Job:
    """The job, if this attempt is still the one that works on it.

    Raises:
        Cancelled: it was called off.
        Stale: it ended, or another attempt took over.
    """
    job = deps.jobs.get(desk.tenant, desk.job_id)
    if job.cancel_requested or job.status is JobStatus.CANCELLED:
        raise Cancelled(f"job {job.id} was called off")
    if job.status is not JobStatus.PROCESSING or job.attempt != desk.attempt:
        raise Stale(f"attempt {desk.attempt} of job {job.id} is over")
    return job
