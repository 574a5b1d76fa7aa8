"""What encoders give back stays with the process: the next scene's encoder takes it again.

An encoder of 1080p holds 200 MB. Taken from the kernel anew, and cleared page by page, for each
scene, that costs 2 % of coding three seconds of film, and many times more on a busy machine.
"""

import ctypes
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # mallopt(3)
_KEPT_BYTES = 256 << 20  # a little more than an encoder of 1080p
_LARGEST_BYTES = 32 << 20  # of a block that can be kept: as much as glibc allows


@cache
def keep() -> None:
    """Tell the allocator, once, where it is one that can be told."""
    tell = getattr(ctypes.CDLL(None), "mallopt", None)
    if tell is not None:
        tell(_MMAP_THRESHOLD, _LARGEST_BYTES)
        tell(_TRIM_THRESHOLD, _KEPT_BYTES)
