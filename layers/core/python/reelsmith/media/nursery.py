"""Decoding of many files, each in a confined process of its own, without starting Python for each.

A nursery serves the files of one job and ends with it: a file that takes over its decoder must
never meet the file of another tenant.
"""

import json
import os
import socket
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Self

from reelsmith.errors import MediaError
from reelsmith.media.run import Finished, Limits, ended_badly, started_module

_FORKER = "reelsmith.media.forker"


class Nursery:
    """Runs decoders as `run.run_module` does; one process for each kind of decoder forks them."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, Limits], socket.socket] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all of it."""
        self._lines.clear()
        self._open.close()

    def run(
        self,
        module: str,
        args: Sequence[str],
        *,
        cwd: Path,
        timeout_s: float,
        limits: Limits,
        stdin: IO[bytes],
    ) -> Finished:
        """Decode one file to its end, and give back what the decoder printed.

        Raises:
            MediaError: it failed, or ran longer than `timeout_s`; then all of it is killed.
        """
        line = self._lines.get((module, limits)) or self._started(module, limits)
        line.settimeout(timeout_s)
        label = module.rpartition(".")[2]
        with tempfile.TemporaryFile() as out:
            try:
                code = self._ordered(line, args, stdin, cwd, out)
            except OSError as lost:
                self.close()
                slow = isinstance(lost, TimeoutError)
                why = f"took longer than {timeout_s:g} s and was stopped" if slow else "broke off"
                raise MediaError(f"{label} {why}") from lost
            if code != 0:
                raise ended_badly(label, code)
            out.seek(0)
            return Finished(stdout=out.read(), stderr="")

    def _started(self, module: str, limits: Limits) -> socket.socket:
        ours, theirs = socket.socketpair()
        self._open.enter_context(ours)
        nothing = self._open.enter_context(Path(os.devnull).open("rb"))  # noqa: SIM115 - entered
        folder = self._open.enter_context(tempfile.TemporaryDirectory(prefix="nursery-"))
        with theirs:
            self._open.enter_context(
                started_module(
                    _FORKER,
                    [module, str(theirs.fileno())],
                    cwd=Path(folder),
                    limits=limits,
                    stdin=nothing,
                    shared=[theirs.fileno()],
                )
            )
        self._lines[module, limits] = ours
        return ours

    def _ordered(
        self,
        line: socket.socket,
        args: Sequence[str],
        stdin: IO[bytes],
        cwd: Path,
        out: IO[bytes],
    ) -> int:
        """The exit code of one decoding; negative is the signal that ended it."""
        os.lseek(stdin.fileno(), 0, os.SEEK_SET)
        folder = os.open(cwd, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            order = json.dumps(list(args)).encode()
            socket.send_fds(line, [order], [stdin.fileno(), folder, out.fileno()])
            answer = line.recv(16)
        finally:
            os.close(folder)
        if not answer:
            raise ConnectionError("the decoder is gone")
        return int(answer)
