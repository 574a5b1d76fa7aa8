"""Every call that leaves a process, as a place to die at.

A `Fuse` counts the calls of all ports of `Deps` and burns at one of them; what reaches the table
is counted request by request, which is finer than the calls of its repositories. To die before a
write leaves behind what dying after the one before it leaves, and to die at a read what dying at
the next write does: so all moments that differ are there, once each. Refused are reads, too.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from threading import Lock
from typing import Any

from botocore.exceptions import ConnectionClosedError

from reelsmith.errors import Unavailable
from reelsmith.ports import Deps
from tests.world import World

_WITHIN = {  # asks nothing of anybody outside this process
    "settings",
    "speaker",
    "passwords",
    "tickets",
    "pepper",
    "meter",
    "now",
    "new_id",
    "addresses",
    "board",
}


_READS = {
    "GetItem",
    "BatchGetItem",
    "Query",
    *(f"store.{name}" for name in ("head", "fetch", "read", "digest", "list", "signed_url")),
    *(f"vault.{name}" for name in ("head", "read", "list")),
    "workflow.look",
    "fetcher.check",
}


class Killed(BaseException):
    """The process died here: nothing may catch it."""


class Manner(StrEnum):
    """How a call goes wrong."""

    DIES = "dies"  # the process is gone before the call
    REFUSED = "refused"  # the call was not done, and says so
    LOST = "lost"  # the call was done, and its answer never came


@dataclass
class Fuse:
    """Burns at the call number `at`, once; 0 is never. Reads are only ever refused."""

    at: int
    manner: Manner
    calls: int = 0
    burnt: str = ""
    _turn: Lock = field(default_factory=Lock)

    def guard(self, name: str, send: Callable[[], Any], lost: Exception) -> Any:
        """Let one call pass, or let it go wrong."""
        if name in _READS and self.manner is not Manner.REFUSED:
            return send()
        with self._turn:
            self.calls += 1
            burns = self.calls == self.at
        if not burns:
            return send()
        self.burnt = name
        if self.manner is Manner.DIES:
            raise Killed
        if self.manner is Manner.LOST:
            send()
        raise lost


def fused(world: World, fuse: Fuse) -> Deps:
    """The deps of a world with the fuse in all of their ways out."""
    world.table.database.hook = lambda operation, _, send: fuse.guard(
        operation, send, Unavailable("the table is out of reach")
    )
    ports = {
        one.name: _watched(one.name, port, fuse)
        for one in fields(Deps)
        if one.name not in _WITHIN and not _of_table(port := getattr(world.deps, one.name))
    }
    return replace(world.deps, **ports)


def _watched(name: str, port: object, fuse: Fuse) -> object:
    """A port under watch; of several in a row, each."""
    if isinstance(port, tuple):
        return tuple(_Watched(f"{name}[{n}]", one, fuse) for n, one in enumerate(port))
    return _Watched(name, port, fuse)


def mended(world: World) -> Deps:
    """The deps of a new process, to which nothing happens."""
    world.table.database.hook = None
    return world.deps


def _of_table(port: object) -> bool:
    return port is None or type(port).__module__.startswith("reelsmith.table.")


class _Watched:
    """A port whose calls pass the fuse."""

    def __init__(self, name: str, port: Any, fuse: Fuse) -> None:
        self._name, self._port, self._fuse = name, port, fuse

    def __call__(self, *given: Any, **named: Any) -> Any:
        return self._pass("", self._port, given, named)

    def __getattr__(self, method: str) -> Any:
        found = getattr(self._port, method)
        if not callable(found):
            return found
        return lambda *given, **named: self._pass(f".{method}", found, given, named)

    def _pass(self, method: str, call: Any, given: Any, named: Any) -> Any:
        name = f"{self._name}{method}"
        lost = ConnectionClosedError(endpoint_url=f"https://{self._name}.test")
        return self._fuse.guard(name, lambda: call(*given, **named), lost)
