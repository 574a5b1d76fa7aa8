"""An encoded sound track in memory, on its way from the encoder to the film."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class AacTrack:
    """AAC-LC access units of one whole track.

    `config` is the AudioSpecificConfig (ISO 14496-3), `sizes` the bytes of each unit of 1024
    samples in `data`, `priming` the samples the decoder gives before the first real one, and
    `samples` the real ones. Rate in Hz.
    """

    config: bytes
    sizes: NDArray[np.uint32]
    data: bytes
    rate: int
    channels: int
    priming: int
    samples: int
