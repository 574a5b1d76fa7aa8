"""Pictures handed from a child to its parent: slots of memory that both see.

A picture is written once and read where it stands. The memory is sealed, so a child that was taken
over cannot take it away under its parent; what it may do is change pixels.
"""

import fcntl
import mmap
import os
import tempfile
from collections.abc import Sequence

SLOTS = 6
_LINE = 64  # bytes; FFmpeg begins each row at a multiple of this
_SPARE = 256  # bytes a row may be longer, beyond its picture: the rims that decoders keep
_SEALS = ("F_SEAL_SHRINK", "F_SEAL_GROW", "F_SEAL_SEAL")


def plane_sizes(width: int, height: int) -> tuple[tuple[int, int], ...]:
    """(columns, rows) of the three planes of a yuv420p picture; sides are even."""
    return (width, height), (width // 2, height // 2), (width // 2, height // 2)


def longest_row(columns: int) -> int:
    """How many bytes a row of a plane may take."""
    return -(-columns // _LINE) * _LINE + _SPARE


def offsets(width: int, height: int) -> tuple[int, int, int]:
    """Where the planes of a picture begin in its slot, in bytes."""
    sizes = [longest_row(columns) * rows for columns, rows in plane_sizes(width, height)]
    return 0, sizes[0], sizes[0] + sizes[1]


def slot_bytes(width: int, height: int) -> int:
    """How much one picture takes at most."""
    return sum(longest_row(columns) * rows for columns, rows in plane_sizes(width, height))


def fits(strides: Sequence[int], width: int, height: int) -> bool:
    """Whether rows of these lengths, in bytes, hold a picture and stay within its slot."""
    sizes = plane_sizes(width, height)
    return len(strides) == len(sizes) and all(
        columns <= stride <= longest_row(columns)
        for stride, (columns, _) in zip(strides, sizes, strict=True)
    )


def create(width: int, height: int) -> int:
    """A descriptor of memory for `SLOTS` pictures. Close it when both sides have mapped it."""
    size = SLOTS * slot_bytes(width, height)
    if not hasattr(os, "memfd_create"):
        with tempfile.TemporaryFile() as file:
            os.ftruncate(file.fileno(), size)
            return os.dup(file.fileno())
    memory = os.memfd_create("pictures", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(memory, size)
    seals = 0
    for seal in _SEALS:
        seals |= getattr(fcntl, seal)
    fcntl.fcntl(memory, fcntl.F_ADD_SEALS, seals)
    return memory


def mapped(memory: int, *, writable: bool) -> mmap.mmap:
    """The memory of a descriptor."""
    access = mmap.ACCESS_WRITE if writable else mmap.ACCESS_READ
    return mmap.mmap(memory, 0, access=access)
