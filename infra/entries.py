"""Every function: how big it is, which wheels it needs, and all that it may do.

This is the list to read when asking who can reach what. `constructs/access.py` turns it into
policies of exact actions on exact names.
"""

from dataclasses import dataclass
from enum import StrEnum

from reelsmith.storage.keys import (
    BATCHES,
    CACHE,
    DROP,
    EXPORTS,
    MEDIA,
    QUARANTINE,
    UPLOADS,
    VIDEOS,
    WORK,
)
from reelsmith.workflow import definition as machine

_FILM = ("runtime", "ffmpeg")
_PEOPLE = ("runtime", "people")


class Rows(StrEnum):
    """How far a function reaches into the table."""

    NONE = "not at all"
    NOTE = "get items by their keys, and note what is seen"
    APPEND = "read everything, put new items"
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
    lists: tuple[str, ...] = ()  # beside what it reads
    writes: tuple[str, ...] = ()
    deletes: tuple[str, ...] = ()
    aborts: tuple[str, ...] = ()  # gives up what came there in parts
    runs: tuple[str, ...] = ()  # actions on executions of the state machine
    wakes: bool = False
    orders: bool = False  # has files fetched from callers' URLs
    calls: bool = False  # tells the courier that there may be events, or what became of a letter
    sends: bool = False  # has letters sent to callers' URLs
    pepper: bool = False
    seals: bool = False  # lays the sealed journal into its vault, where the stage has one

    @property
    def module(self) -> str:
        """The file of `functions/` that it runs, without its suffix."""
        return self.file or self.name


_DOORS = (
    Entry(
        name="api",
        wheels=_PEOPLE,
        memory_mb=1024,
        timeout_s=29,  # a look at a job waits 20 s; API Gateway gives up after 30
        # of media only whether bytes that it put are still there; of exports only their URLs
        reads=(UPLOADS, VIDEOS, MEDIA, EXPORTS, BATCHES),
        writes=(UPLOADS, MEDIA, BATCHES),
        aborts=(UPLOADS,),
        runs=("DescribeExecution", "StopExecution"),
        wakes=True,
        orders=True,
        calls=True,
        pepper=True,
    ),
    Entry(
        name="authorize",
        memory_mb=1024,
        timeout_s=10,
        wheels=_PEOPLE,
        rows=Rows.NOTE,
        pepper=True,
    ),
    Entry(
        name="login",
        memory_mb=1769,
        timeout_s=10,
        wheels=_PEOPLE,
        pepper=True,
    ),
    Entry(
        name="intake",
        memory_mb=1024,
        timeout_s=180,  # 2 GiB that came in parts are read whole for their SHA-256
        tmp_mb=2048,
        reads=(UPLOADS, DROP, MEDIA),
        writes=(MEDIA, DROP, BATCHES, QUARANTINE),
        deletes=(DROP,),
        wakes=True,
    ),
    Entry(  # goes to callers' URLs, and so can do nothing else
        name="fetch",
        memory_mb=1024,
        timeout_s=900,
        tmp_mb=4096,
        rows=Rows.NONE,
        writes=(UPLOADS,),
    ),
    Entry(  # goes to callers' URLs: it gets letters that are signed, and tells what became of them
        name="deliver",
        timeout_s=30,
        rows=Rows.NONE,
        calls=True,
    ),
)
_ROUNDS = (
    Entry(
        name="dispatch",
        timeout_s=60,
        reads=(BATCHES,),
        writes=(DROP,),  # the last word on a dropped batch
        runs=("StartExecution", "DescribeExecution"),
        wakes=True,
        calls=True,
    ),
    Entry(
        name="housekeeping",
        timeout_s=55,
        reads=(DROP, VIDEOS, EXPORTS, BATCHES),
        lists=(UPLOADS, MEDIA, CACHE, WORK),  # to erase what is there
        writes=(DROP, EXPORTS),
        deletes=(DROP, MEDIA, UPLOADS, VIDEOS, CACHE, WORK, EXPORTS, BATCHES),
        runs=("StartExecution", "DescribeExecution", "StopExecution"),
        wakes=True,
        orders=True,
        calls=True,
        pepper=True,  # names of users who are erased are marked by it
    ),
    Entry(name="courier", timeout_s=50, calls=True, sends=True, pepper=True),
    Entry(name="seal", timeout_s=60, rows=Rows.APPEND, seals=True),
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
        reads=(MEDIA, WORK, CACHE),
        writes=(WORK, CACHE),  # pictures of slides
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
