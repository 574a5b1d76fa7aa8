"""Steps done by processes of their own, which can be killed in the middle."""

import multiprocessing
import os
import resource
import signal
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from reelsmith import errors, wiring
from reelsmith.workflow import steps
from reelsmith.workflow.payloads import RunOf, SceneTask, SceneTasks
from tests.faults.crashpoints import Killed

_LONGEST_S = 120.0
_TAKES = {"render_scene": SceneTask}
_GIVES = {"narrate": SceneTasks}


class Unforeseen(Exception):
    """The step failed by an error that is none of ours; says which."""


class Workshop:
    """Forks a worker for each step, from a process that has loaded everything already."""

    def __init__(self, env: Mapping[str, str], scratch: Path, *, file_bytes: int = 0) -> None:
        self._env, self._scratch, self._file_bytes = dict(env), scratch, file_bytes
        self._forks = multiprocessing.get_context("forkserver")
        self._forks.set_forkserver_preload(["tests.faults.workers"])

    def do(self, step: str, given: RunOf, *, dies_after_s: float | None = None) -> Any:
        """What the step gives.

        Raises:
            Killed: the worker was killed after `dies_after_s`, before it was done.
            ReelsmithError, Unforeseen: it failed.
        """
        ours, theirs = self._forks.Pipe(duplex=False)
        order = (self._env, str(self._scratch), self._file_bytes, step, given.model_dump(), theirs)
        worker = self._forks.Process(target=work, args=order)
        worker.start()
        theirs.close()
        try:
            return self._result(step, ours, worker, dies_after_s)
        finally:
            ours.close()
            worker.join()
            worker.close()

    def _result(self, step: str, told: Connection, worker: Any, dies_after_s: float | None) -> Any:
        begun = time.monotonic()
        if not told.poll(_LONGEST_S if dies_after_s is None else dies_after_s):
            assert dies_after_s is not None, f"{step} took {time.monotonic() - begun:.0f} s"
            _kill(worker.pid)
            raise Killed
        try:
            name, said = told.recv()
        except EOFError:
            raise Unforeseen("the worker died by itself") from None
        if name == "done":
            return _GIVES.get(step, RunOf).model_validate(said) if said else None
        kind = getattr(errors, name, None)
        raise kind(said) if kind else Unforeseen(name, said)


def _kill(worker: int) -> None:
    """SIGKILL to a worker and its group, which it may not have founded yet."""
    for kill in (os.killpg, os.kill):
        with suppress(ProcessLookupError):
            kill(worker, signal.SIGKILL)


def work(
    env: dict[str, str], scratch: str, file_bytes: int, step: str, given: Any, tell: Connection
) -> None:
    """Do one step in this process, which is a group of its own, and tell what came of it."""
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.environ.update(env)
    tempfile.tempdir = scratch
    if file_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    try:
        done = getattr(steps, step)(
            wiring.from_env(), _TAKES.get(step, RunOf).model_validate(given)
        )
        tell.send(["done", done.model_dump()])
    except Exception as error:  # noqa: BLE001 - the rim, as Lambda's runtime has it
        tell.send([type(error).__name__, str(error)])
