"""What runs first in each process we start: it takes rights away, then becomes the program.

Run by path, with the standard library alone, as `launch.py CPU MEMORY FILE FILES PROGRAM ARGS...`
(seconds, bytes, bytes, count). Limits are set here and not between fork and exec of the parent,
where a lock that another thread holds would stop the child for ever.
"""

import ctypes
import os
import resource
import sys

_NEW_USER, _NEW_NET = 0x1000_0000, 0x4000_0000  # CLONE_NEWUSER, CLONE_NEWNET of clone(2)


def main(cpu_s: str, memory_bytes: str, file_bytes: str, open_files: str, *program: str) -> None:
    """Set the limits, leave the network and become `program`, whose path is absolute."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, int(cpu_s), grace=1)
    _limit(resource.RLIMIT_FSIZE, int(file_bytes))
    _limit(resource.RLIMIT_NOFILE, int(open_files))
    _leave_the_network()
    if sys.platform == "linux":  # elsewhere the kernel refuses this one
        _limit(resource.RLIMIT_AS, int(memory_bytes))
    os.execv(program[0], program)  # noqa: S606 - this is what a launcher does, and without a shell


def _limit(what: int, amount: int, *, grace: int = 0) -> None:
    """Set a limit that cannot be raised again; with `grace` a signal names it before the kill."""
    hard = resource.getrlimit(what)[1]
    ceiling = amount + grace if hard == resource.RLIM_INFINITY else min(amount + grace, hard)
    resource.setrlimit(what, (min(amount, ceiling), ceiling))


def _leave_the_network() -> None:
    """Enter an empty network where the kernel lets us: as root, or in a user namespace."""
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    if unshare is not None and unshare(_NEW_NET) != 0:
        unshare(_NEW_USER | _NEW_NET)


if __name__ == "__main__":
    main(*sys.argv[1:])
