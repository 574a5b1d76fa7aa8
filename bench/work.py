"""`python -m bench.work MODULE:FUNCTION JSON`: does one piece of work and says what it cost."""

import importlib
import json
import resource
import sys
import time
from pathlib import Path

from bench.harness import megabytes

_STATUS = Path("/proc/self/status")
_WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def main(name: str, given: str) -> None:
    """Prepare, then measure; the answer is one line of JSON."""
    module, function = name.split(":")
    work = getattr(importlib.import_module(module), function)(**json.loads(given))
    cpu, wall = _cpu_s(), time.monotonic()
    said = dict(work())
    costs = {"cpu_s": _cpu_s() - cpu, "wall_s": time.monotonic() - wall, "peak_mb": _peak_mb()}
    print(json.dumps(costs | {"said": said}))


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in _WHO]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _peak_mb() -> float:
    """Of the largest process; Linux tells our own apart from that of who started us."""
    own = megabytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    if _STATUS.exists():
        told = _STATUS.read_text().split("VmHWM:")[1]
        own = int(told.split()[0]) / 1000
    return max(own, megabytes(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))


if __name__ == "__main__":
    main(*sys.argv[1:])
