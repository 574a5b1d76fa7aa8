"""The only place that starts a process: confined, timed, and ended with all that it started."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from reelsmith.errors import MediaError, Unavailable

_LAUNCHER = Path(__file__).with_name("launch.py")
_TAIL = 2_000  # characters of stderr worth keeping
_GRACE_S = 2.0  # for a process that closed its output to end
_LIBRARIES = "LD_LIBRARY_PATH"  # Lambda's Python does not start without it


@dataclass(frozen=True, slots=True)
class Limits:
    """What a process may use at most; it fails when it asks for more."""

    cpu_s: int = 60
    memory_bytes: int = 2 << 30
    file_bytes: int = 256 << 20
    open_files: int = 64


@dataclass(frozen=True, slots=True)
class Finished:
    """What a process that ended well left behind; `stderr` holds its last 2,000 characters."""

    stdout: bytes
    stderr: str


def run(
    args: Sequence[str],
    *,
    cwd: Path,
    timeout_s: float,
    limits: Limits,
    stdin: bytes | IO[bytes] | None = None,
    env: Mapping[str, str] | None = None,
) -> Finished:
    """Run a program by its absolute path to its end, and give back what it printed.

    It gets the environment `env` and nothing of ours, no descriptor but the three standard ones,
    and no network where the kernel lets us take it away. A file as `stdin` is read from its start.

    Raises:
        MediaError: it failed, or ran longer than `timeout_s`; then its whole group is killed.
            What it wrote to stderr is a note of the error and not part of `detail`.
        Unavailable: it says that it found no temp space.
    """
    return _run(
        args,
        label=Path(args[0]).name,
        cwd=cwd,
        timeout_s=timeout_s,
        limits=limits,
        stdin=stdin,
        env=env or {},
    )


def run_module(
    module: str,
    args: Sequence[str],
    *,
    cwd: Path,
    timeout_s: float,
    limits: Limits,
    stdin: bytes | IO[bytes] | None = None,
) -> Finished:
    """Run one of our own modules in a Python that finds what this one finds; else as `run`.

    Raises:
        MediaError, Unavailable: as `run`.
    """
    return _run(
        _python(module, args),
        label=module.rpartition(".")[2],
        cwd=cwd,
        timeout_s=timeout_s,
        limits=limits,
        stdin=stdin,
        env=_for_python(),
    )


class Running:
    """A process at work; what it prints can be read from `stdout` meanwhile."""

    def __init__(self, process: subprocess.Popen[bytes], label: str) -> None:
        assert process.stdout is not None  # it was started with a pipe
        self.stdout = process.stdout
        self._process = process
        self._label = label

    def failure(self) -> MediaError:
        """The error for a process that said too little: tells how it ended."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE_S)
        returncode = self._process.poll()
        why = "hangs" if returncode is None else died(returncode)
        return MediaError(f"{self._label} {why}")


@contextmanager
def started_module(
    module: str,
    args: Sequence[str],
    *,
    cwd: Path,
    limits: Limits,
    stdin: IO[bytes],
    shared: Sequence[int] = (),
) -> Iterator[Running]:
    """One of our own modules at work, as by `run_module`, until the end of the block.

    It sees the descriptors in `shared` under their numbers. What it complains of is dropped.
    """
    os.lseek(stdin.fileno(), 0, os.SEEK_SET)  # the child reads on from the descriptor's place
    process = subprocess.Popen(  # noqa: S603 - a list, an absolute path, and no shell
        [*_launcher(limits), *_python(module, args)],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=cwd,
        env={**_ours(), **_for_python()},
        start_new_session=True,
        pass_fds=shared,
        bufsize=0,
    )
    try:
        yield Running(process, module.rpartition(".")[2])
    finally:
        _end_group(process.pid)
        with process:
            process.wait()


def _run(
    args: Sequence[str],
    *,
    label: str,
    cwd: Path,
    timeout_s: float,
    limits: Limits,
    stdin: bytes | IO[bytes] | None,
    env: Mapping[str, str],
) -> Finished:
    # Output goes to files, not pipes: the limit on files then also caps what a child can print.
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, _file(stdin) as source:
        process = subprocess.Popen(  # noqa: S603 - a list, an absolute path, and no shell
            [*_launcher(limits), *args],
            stdin=source or subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            cwd=cwd,
            env={**_ours(), **env},
            start_new_session=True,
        )
        in_time = _wait(process, timeout_s)
        stderr = _tail(err)
        if not in_time:
            late = MediaError(f"{label} took longer than {timeout_s:g} s and was stopped")
            raise _noted(late, stderr)
        if process.returncode != 0:
            raise _noted(ended_badly(label, process.returncode), stderr)
        out.seek(0)
        return Finished(stdout=out.read(), stderr=stderr)


def _python(module: str, args: Sequence[str]) -> list[str]:
    # -S: what `site` would find is in the path that it gets, and looking for it takes time
    return [sys.executable, "-s", "-P", "-S", "-m", module, *args]


def _for_python() -> dict[str, str]:
    paths = os.pathsep.join(path for path in sys.path if path)
    return {
        "PYTHONPATH": paths,
        "PYTHONUTF8": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "HOME": "/nonexistent",  # without one Python looks for it in /etc/passwd
    }


def _launcher(limits: Limits) -> list[str]:
    numbers = (limits.cpu_s, limits.memory_bytes, limits.file_bytes, limits.open_files)
    return [sys.executable, "-I", "-S", str(_LAUNCHER), *map(str, numbers)]


def _ours() -> dict[str, str]:
    kept = {"LC_ALL": "C.UTF-8"}
    if _LIBRARIES in os.environ:
        kept[_LIBRARIES] = os.environ[_LIBRARIES]
    return kept


def _file(stdin: bytes | IO[bytes] | None) -> AbstractContextManager[IO[bytes] | None]:
    if isinstance(stdin, bytes):
        spooled = tempfile.TemporaryFile()  # noqa: SIM115 - the caller's `with` closes it
        spooled.write(stdin)
        spooled.seek(0)
        return spooled
    if stdin is not None:
        os.lseek(stdin.fileno(), 0, os.SEEK_SET)  # the child sees the descriptor, not our buffer
    return nullcontext(stdin)


def _wait(process: subprocess.Popen[bytes], timeout_s: float) -> bool:
    """Wait for the end; false when it had to be forced. A timer wakes nobody while all is well."""
    late = threading.Event()

    def stop() -> None:
        late.set()
        _end_group(process.pid)

    watchdog = threading.Timer(timeout_s, stop)
    watchdog.daemon = True
    watchdog.start()
    try:
        process.wait()
    finally:
        watchdog.cancel()
        _end_group(process.pid)
    return not late.is_set()


def _end_group(leader: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # gone, or on macOS a zombie
        os.killpg(leader, signal.SIGKILL)


def _tail(stderr: IO[bytes]) -> str:
    size = stderr.seek(0, os.SEEK_END)
    stderr.seek(max(0, size - 4 * _TAIL))
    return stderr.read().decode(errors="replace")[-_TAIL:]


def died(returncode: int) -> str:
    """How a process ended, in words, by its exit code; negative is a signal's number."""
    if returncode == -signal.SIGXCPU:
        return "used more processor time than it may"
    if returncode < 0:
        return f"was ended by {signal.Signals(-returncode).name}"
    return f"failed with code {returncode}"


def ended_badly(label: str, returncode: int) -> MediaError | Unavailable:
    """The error for a process by its exit code; EX_IOERR of sysexits(3) says: no temp space."""
    if returncode == os.EX_IOERR:
        return Unavailable("the temp space of a task was full")
    return MediaError(f"{label} {died(returncode)}")


def _noted(failure: MediaError | Unavailable, stderr: str) -> MediaError | Unavailable:
    if stderr:
        failure.add_note(stderr)
    return failure
