"""What, beside a scene's own form, decides the bytes of its segment."""

import hashlib
import json
import platform
from functools import cache
from pathlib import Path

import av
import numpy as np
import PIL

from reelsmith.domain.jobs import Codec, Preset
from reelsmith.media import fonts, segments
from reelsmith.media.encode import profile

RENDERER_VERSION = 3
"""Raised whenever the same timeline shall look different, so that stored scenes are made anew."""


_VECTORS = ("avx512f", "avx2", "avx", "sse4_2", "sve2", "sve", "asimd")  # by what they can do


def _machine() -> str:
    """The kind of processor: its architecture, and the best vectors that it has."""
    told = Path("/proc/cpuinfo")
    flags = set(told.read_text().split()) if told.exists() else set()
    return f"{platform.machine()} {next((name for name in _VECTORS if name in flags), '')}".strip()


@cache
def fingerprint(
    *, threads: int, codec: Codec = Codec.H264, preset: Preset = Preset.STANDARD
) -> str:
    """All of `parts` in one SHA-256, hex."""
    told = json.dumps(parts(threads=threads, codec=codec, preset=preset), sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def parts(*, threads: int, codec: Codec, preset: Preset) -> dict[str, object]:
    """Renderer, libraries, machine, fonts and encoder profile, by name.

    `threads` of the encoder belongs to it: their number changes bytes.
    """
    return {
        "renderer": RENDERER_VERSION,
        "machine": _machine(),
        "segment": segments.VERSION,
        "av": av.__version__,
        "ffmpeg": sorted(av.library_versions.items()),
        "numpy": np.__version__,
        "pillow": PIL.__version__,
        "fonts": fonts.fingerprint(),
        "profile": profile(codec, preset).text(threads=threads),
    }
