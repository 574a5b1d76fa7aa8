"""Measuring: each piece of work in a process of its own, both sides in turn.

Only ratios within one run mean anything: CPU seconds are taken of a whole process tree, sides
alternate so that other work on the machine meets them alike, and each ratio is the median over
the rounds.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import disk_usage

Work = Callable[[], Mapping[str, float]]
"""The measured part of a piece of work; what it returns is told beside the costs."""

_RAM_DISK = Path("/dev/shm")
_TAIL = 1_500  # characters of a failed program's last words


class Broken(RuntimeError):
    """A program of the bench failed, with its last words."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What one piece of work cost.

    `cpu_s` is user and system time with all children, without the start of our interpreter;
    `whole_cpu_s` is with it: what other programs are compared with. `peak_mb` is the resident
    memory of the largest process.
    """

    cpu_s: float
    wall_s: float
    peak_mb: float
    whole_cpu_s: float
    said: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Costs:
    """What so many frames of film cost, starts of programs included; and the film, if kept."""

    spent: Spent
    frames: int
    film: Path | None = None

    @property
    def cpu_s_a_frame(self) -> float:
        """CPU seconds for one frame."""
        return self.spent.whole_cpu_s / self.frames


@dataclass(frozen=True, slots=True)
class Rounds:
    """What the sides of a comparison cost, round by round."""

    spent: Mapping[str, Sequence[Spent]]

    def ratio(self, side: str, other: str, *, whole: bool = False) -> float:
        """CPU of one side over another's; `whole` counts the start of the programs."""
        pairs = zip(self.spent[side], self.spent[other], strict=True)
        if whole:
            return statistics.median(mine.whole_cpu_s / its.whole_cpu_s for mine, its in pairs)
        return statistics.median(mine.cpu_s / its.cpu_s for mine, its in pairs)

    def middle(self, side: str) -> Spent:
        """The round of a side whose CPU is the median."""
        inorder = sorted(self.spent[side], key=lambda spent: spent.cpu_s)
        return inorder[(len(inorder) - 1) // 2]


def alternating(sides: Mapping[str, Callable[[], Spent]], *, rounds: int) -> Rounds:
    """Measure all sides, one after the other, `rounds` times."""
    spent: dict[str, list[Spent]] = {side: [] for side in sides}
    for _ in range(rounds):
        for side, measure in sides.items():
            spent[side].append(measure())
    return Rounds(spent)


def of_work(prepare: Callable[..., Work], **given: object) -> Spent:
    """Run `prepare(**given)` in a fresh interpreter and measure the work that it returns.

    `prepare` is a function of a module, `given` what JSON can carry; paths go as text.

    Raises:
        Broken: the work failed.
    """
    name = f"{prepare.__module__}:{prepare.__qualname__}"
    command = [sys.executable, "-m", "bench.work", name, json.dumps(given)]
    whole, told = _run(command, {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    said = json.loads(told)
    return Spent(said["cpu_s"], said["wall_s"], said["peak_mb"], whole.whole_cpu_s, said["said"])


def of_command(command: Sequence[str]) -> Spent:
    """Run a program and measure it. Raises Broken when it fails."""
    return _run(command)[0]


def _run(command: Sequence[str], env: Mapping[str, str] | None = None) -> tuple[Spent, bytes]:
    """Costs and standard output of a program; `wait4` tells of it and all it waited for."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.monotonic()
        running = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=env
        )
        _, status, usage = os.wait4(running.pid, 0)
        wall_s = time.monotonic() - began
        running.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if running.returncode:
            last_words = err.read().decode(errors="replace")[-_TAIL:]
            raise Broken(f"{Path(command[0]).name} ended with {running.returncode}: {last_words}")
        cpu_s = usage.ru_utime + usage.ru_stime
        return Spent(cpu_s, wall_s, megabytes(usage.ru_maxrss), cpu_s, {}), out.read()


def megabytes(maxrss: int) -> float:
    """The `ru_maxrss` of this system in MB: kilobytes on Linux, bytes on macOS."""
    return maxrss / (1e6 if sys.platform == "darwin" else 1e3)


@contextmanager
def scratch(needed_bytes: int) -> Iterator[Path]:
    """A folder for a while, in memory where there is room for it: disks would blur the figures."""
    roomy = _RAM_DISK.is_dir() and disk_usage(_RAM_DISK).free > 2 * needed_bytes
    with tempfile.TemporaryDirectory(prefix="bench-", dir=_RAM_DISK if roomy else None) as folder:
        yield Path(folder)
