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

RENDERER_VERSION = 1
"""Raised whenever the same timeline shall look different, so that stored scenes are made anew."""


@cache
def fingerprint(
    *, threads: int, codec: Codec = Codec.H264, preset: Preset = Preset.STANDARD
) -> str:
    """Renderer, libraries, machine, fonts and encoder profile in one SHA-256, hex.

    `threads` of the encoder belongs to it: their number changes bytes.
    """
    parts = {
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
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
