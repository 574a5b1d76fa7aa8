"""Every function: how big it is, which wheels it needs, and all that it may do.

This is the list to read when asking who can reach what. `constructs/access.py` turns it into
policies of exact actions on exact names.
"""

from dataclasses import dataclass
from enum import StrEnum

from reelsmith.storage.keys import CACHE, DROP, MEDIA, UPLOADS, VIDEOS, WORK
from reelsmith.workflow import definition as machine

_FILM = ("runtime", "ffmpeg")


class Rows(StrEnum):
    """How far a function reaches into the table."""

    READ_ONE = "get single items"
    ALL = "read and write items, query the indexes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One function. S3 rights are prefixes; listing goes with reading below them."""

    name: str
    file: str = ""  # where it is not `functions/<name>.py`
    memory_mb: int = 512
    timeout_s: int
    tmp_mb: int = 512
    wheels: tuple[str, ...] = ("runtime",)
    rows: Rows = Rows.ALL
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    deletes: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()  # actions on executions of the state machine
    wakes: bool = False
    pepper: bool = False

    @property
    def module(self) -> str:
        """The file of `functions/` that it runs, without its suffix."""
        return self.file or self.name


_DOORS = (
    Entry(
        name="api",
        memory_mb=1024,
        timeout_s=29,  # a look at a job waits 20 s; API Gateway gives up after 30
        reads=(UPLOADS, VIDEOS, MEDIA),  # of media only whether bytes that it put are still there
        writes=(UPLOADS, MEDIA),
        runs=("StopExecution",),
        wakes=True,
        pepper=True,
    ),
    Entry(name="authorize", memory_mb=1024, timeout_s=10, rows=Rows.READ_ONE, pepper=True),
    Entry(
        name="intake",
        memory_mb=1024,
        timeout_s=60,
        tmp_mb=2048,
        reads=(UPLOADS, DROP, MEDIA),
        writes=(MEDIA, DROP),
        deletes=(DROP,),
        wakes=True,
    ),
)
_ROUNDS = (
    Entry(name="dispatch", timeout_s=60, runs=("StartExecution", "DescribeExecution"), wakes=True),
    Entry(
        name="housekeeping",
        timeout_s=55,
        reads=(DROP, VIDEOS),
        writes=(DROP,),
        deletes=(DROP, MEDIA, UPLOADS),
        runs=("StartExecution", "DescribeExecution"),
        wakes=True,
    ),
    Entry(
        name=machine.FINALIZE,
        timeout_s=machine.TIMEOUT_S[machine.FINALIZE],
        reads=(DROP, VIDEOS),
        writes=(DROP,),
        deletes=(DROP,),
        runs=("StartExecution", "DescribeExecution"),
        wakes=True,
    ),
)
_STEPS = (
    Entry(
        name=machine.PLAN,
        memory_mb=2048,
        timeout_s=machine.TIMEOUT_S[machine.PLAN],
        tmp_mb=2048,
        wheels=_FILM,
        reads=(MEDIA, WORK),
        writes=(WORK,),
    ),
    Entry(
        name=machine.NARRATE,
        memory_mb=1769,
        timeout_s=machine.TIMEOUT_S[machine.NARRATE],
        tmp_mb=2048,
        wheels=(*_FILM, "speech"),
        reads=(MEDIA, WORK, CACHE),
        writes=(WORK, CACHE),
    ),
    Entry(
        name=machine.RENDER_SCENE,
        timeout_s=machine.TIMEOUT_S[machine.RENDER_SCENE],
        tmp_mb=4096,
        wheels=_FILM,
        reads=(MEDIA, WORK, CACHE),
        writes=(CACHE,),
    ),
    Entry(  # for films whose frames or files are too much for the ordinary one
        name=machine.RENDER_SCENE_LARGE,
        file=machine.RENDER_SCENE,
        timeout_s=machine.TIMEOUT_S[machine.RENDER_SCENE_LARGE],
        tmp_mb=10_240,
        wheels=_FILM,
        reads=(MEDIA, WORK, CACHE),
        writes=(CACHE,),
    ),
    Entry(
        name=machine.ASSEMBLE,
        memory_mb=1769,
        timeout_s=machine.TIMEOUT_S[machine.ASSEMBLE],
        tmp_mb=8192,
        wheels=_FILM,
        reads=(MEDIA, WORK, CACHE),
        writes=(WORK, CACHE),  # a damaged segment is rendered again on the spot
    ),
    Entry(
        name=machine.CHECK,
        memory_mb=1769,
        timeout_s=machine.TIMEOUT_S[machine.CHECK],
        tmp_mb=4096,
        wheels=_FILM,
        reads=(WORK,),
        writes=(WORK,),
    ),
    Entry(
        name=machine.PUBLISH,
        timeout_s=machine.TIMEOUT_S[machine.PUBLISH],
        wheels=_FILM,
        reads=(WORK, VIDEOS, DROP),
        writes=(VIDEOS, DROP),
        deletes=(VIDEOS, DROP),
        wakes=True,
    ),
)
ENTRIES = {entry.name: entry for entry in (*_DOORS, *_ROUNDS, *_STEPS)}
