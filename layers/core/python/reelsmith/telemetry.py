"""One logger, one namespace of metrics and one meter for the whole service.

Logs carry ids, never content. Metrics leave as lines of the embedded metric format, which
CloudWatch reads from the logs.
"""

import ctypes
import os
import resource
import sys
import traceback
from contextlib import suppress
from pathlib import Path

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from reelsmith.domain.resources import Resources
from reelsmith.domain.tasks import Place

NAMESPACE = "Reelsmith"
MB = 1 << 20

_OUTLINE_MOST = 60  # lines

_STAGE = os.environ.get("REELSMITH_STAGE", "test")
_RSS_UNIT = 1 if sys.platform == "darwin" else 1 << 10  # getrusage(2): bytes there, kB on Linux
_RESET_PEAK = "5"  # proc(5), /proc/pid/clear_refs: forget the peak of resident memory

log = Logger(service="reelsmith")


def measure(name: str, value: float, unit: MetricUnit, **dimension: str) -> None:
    """Note one value for CloudWatch, under the stage and at most one bounded dimension more."""
    with single_metric(
        name=name,
        unit=unit,
        value=value,
        namespace=NAMESPACE,
        default_dimensions={"stage": _STAGE},
    ) as metric:
        for key, says in dimension.items():
            metric.add_dimension(name=key, value=str(says))


def place() -> Place | None:
    """Where this runs, as AWS Lambda tells its functions; None where it is none."""
    function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
    if not function:
        return None
    return Place(
        function=function,
        memory_mb=int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "0")),
        request_id=str(log.get_current_keys().get("function_request_id") or ""),
    )


def outline(error: BaseException) -> list[str]:
    """The kinds of an error and of its causes, and the places it passed, without its words.

    Words of errors that nobody foresaw may hold what a caller sent.
    """
    told: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(told) < _OUTLINE_MOST:
        told.append(type(cause).__name__)
        told += [
            f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(cause.__traceback__)
        ]
        cause = cause.__cause__
    return told[:_OUTLINE_MOST]


class ProcessMeter:
    """`ports.Meter`: what this process has used since `start`. It serves one task at a time.

    Processor seconds are with the children that it waited for, memory is without: Linux counts
    the memory of the parent as the child's (getrusage(2) keeps the peak over fork and exec).
    Decoders run under limits of their own.
    """

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Count from here on; memory that is free is given back, it is not this task's."""
        give_back = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if give_back is not None:
            give_back(0)
        with suppress(OSError):  # where it cannot be reset, the peak is that of the whole process
            Path("/proc/self/clear_refs").write_text(_RESET_PEAK)
        self._cpu = _cpu_seconds()
        self._temp = self._taken = self._given = 0

    def took(self, size_bytes: int) -> None:
        """Bytes came from the store."""
        self._taken += size_bytes

    def gave(self, size_bytes: int) -> None:
        """Bytes went to the store."""
        self._given += size_bytes

    def holds(self, folder: Path) -> None:
        """Note how much temp space a folder takes just now."""
        sizes = (file.stat().st_size for file in folder.rglob("*") if file.is_file())
        self._temp = max(self._temp, sum(sizes))

    def read(self) -> Resources:
        """What was used so far."""
        return Resources(
            cpu_seconds=round(_cpu_seconds() - self._cpu, 2),
            peak_memory_mb=_peak_mb(),
            temp_mb=-(-self._temp // MB),
            bytes_in=self._taken,
            bytes_out=self._given,
        )


def _peak_mb() -> int:
    """Most resident memory since the last reset, where Linux tells it; else of the whole life."""
    with suppress(OSError, StopIteration, ValueError):
        lines = Path("/proc/self/status").read_text().splitlines()
        peak = next(line for line in lines if line.startswith("VmHWM:"))
        return int(peak.split()[1]) >> 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT // MB


def _cpu_seconds() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


__all__ = [
    "MB",
    "NAMESPACE",
    "MetricUnit",
    "ProcessMeter",
    "log",
    "measure",
    "outline",
    "place",
]
