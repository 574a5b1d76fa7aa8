"""What, beside a scene's own form, decides the bytes of its segment."""

import hashlib
import json
import platform
from functools import cache

import av
import numpy as np
import PIL

from reelsmith.domain.jobs import Codec, Preset
from reelsmith.media import fonts, segments
from reelsmith.media.encode import profile

RENDERER_VERSION = 2
"""Raised whenever the same timeline shall look different, so that stored scenes are made anew."""


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
        "machine": platform.machine(),
        "segment": segments.VERSION,
        "av": av.__version__,
        "ffmpeg": sorted(av.library_versions.items()),
        "numpy": np.__version__,
        "pillow": PIL.__version__,
        "fonts": fonts.fingerprint(),
        "profile": profile(codec, preset).text(threads=threads),
    }
