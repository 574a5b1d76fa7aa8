"""Eyes that see whether a file was opened, by whomever: inotify(7), without any right.

Where the system has no inotify they are closed, and see nothing.
"""

import ctypes
import os
import struct
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

_OPENED = 0x20  # IN_OPEN
_EVENT = struct.Struct("iIII")
_LIBC = ctypes.CDLL(None, use_errno=True)
POSSIBLE = hasattr(_LIBC, "inotify_init1")


class Watch:
    """Watches files from the beginning of a block on."""

    def __init__(self, files: Sequence[Path]) -> None:
        if not POSSIBLE:
            self._descriptor = os.open(os.devnull, os.O_RDONLY)
            return
        self._descriptor = _LIBC.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        self._files = {
            _LIBC.inotify_add_watch(self._descriptor, os.fsencode(file), _OPENED): file
            for file in files
        }
        assert -1 not in self._files

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        os.close(self._descriptor)

    def opened(self) -> list[Path]:
        """The files that were opened since this was asked last, once for each time."""
        try:
            events = os.read(self._descriptor, 1 << 16)
        except BlockingIOError:
            return []
        seen, at = [], 0
        while at < len(events):
            watch, _, _, length = _EVENT.unpack_from(events, at)
            seen.append(self._files[watch])
            at += _EVENT.size + length
        return seen
