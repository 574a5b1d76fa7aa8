"""How long jobs take, as measured: a decayed mean for each kind and length of film. Pure."""

from bisect import bisect
from collections.abc import Mapping

from reelsmith.domain.jobs import Job, JobKind
from reelsmith.domain.model import Entity

_BOUNDS_S = (15.0, 60.0, 300.0)  # of film
_LENGTHS = ("short", "medium", "long", "very_long")
_UNKNOWN = "unknown"
_MEMORY = 10  # the newest job counts for at least one part in so many


class Pace(Entity):
    """The mean of what jobs took from start to end, in seconds, and of how many jobs."""

    seconds: float
    jobs: int = 1

    def with_one_more(self, seconds: float) -> "Pace":
        """The mean with another job in it: of few jobs the plain mean, of many a decayed one."""
        jobs = self.jobs + 1
        moved = (seconds - self.seconds) / min(jobs, _MEMORY)
        return Pace(seconds=self.seconds + moved, jobs=jobs)


Paces = Mapping[str, Pace]
"""Paces by the name of what they are measured of."""


def name_of(kind: JobKind, film_seconds: float | None) -> str:
    """What jobs that take about as long have in common: the kind, and the length of the film."""
    length = _UNKNOWN if film_seconds is None else _LENGTHS[bisect(_BOUNDS_S, film_seconds)]
    return f"{kind}#{length}"


def expected_s(paces: Paces, job: Job) -> float | None:
    """How long a job is expected to take, by its like, else by all of its kind; None: unknown."""
    own = paces.get(name_of(job.kind, job.estimated_duration))
    if own:
        return own.seconds
    kin = [pace for name, pace in paces.items() if name.startswith(f"{job.kind}#")]
    weight = sum(min(pace.jobs, _MEMORY) for pace in kin)
    if not weight:
        return None
    return sum(pace.seconds * min(pace.jobs, _MEMORY) for pace in kin) / weight
