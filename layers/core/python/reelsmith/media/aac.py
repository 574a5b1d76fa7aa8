"""AAC-LC: a whole sound track encoded once, and decoded again to hear what became of it."""

from collections.abc import Iterable, Iterator

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from numpy.typing import NDArray

from reelsmith.domain.timelines import SAMPLE_RATE
from reelsmith.media.tracks import AacTrack

UNIT = 1024  # samples in an access unit
_PRIMING = 1024  # FFmpeg's encoder gives its first unit before the first sample
# `fast` takes half the time of `twoloop` at less noise (31.7 to 23.4 dB on speech over music at 96
# kbit/s); intensity stereo raised the true peak of drums by 4 dB.
_OPTIONS = {"aac_coder": "fast", "aac_is": "0"}
PROFILE = f"aac {' '.join(f'{name}={value}' for name, value in _OPTIONS.items())} stereo 48 kHz"


def encode(blocks: Iterable[NDArray[np.float32]], *, bit_rate: int) -> AacTrack:
    """Encode stereo at 48 kHz, blocks of shape (n, 2), every n but the last a multiple of 1024."""
    context = av.CodecContext.create("aac", "w")
    assert isinstance(context, AudioCodecContext)
    context.sample_rate, context.layout, context.format = SAMPLE_RATE, "stereo", "fltp"
    context.bit_rate = bit_rate
    context.options = dict(_OPTIONS)
    units: list[bytes] = []
    samples = 0
    for block in blocks:
        for at in range(0, len(block), UNIT):
            planes = np.ascontiguousarray(block[at : at + UNIT].T)
            frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = SAMPLE_RATE, samples
            samples += planes.shape[1]
            units.extend(bytes(packet) for packet in context.encode(frame))
    units.extend(bytes(packet) for packet in context.encode(None))
    return AacTrack(
        config=bytes(context.extradata or b""),
        sizes=np.array([len(unit) for unit in units], np.uint32),
        data=b"".join(units),
        rate=SAMPLE_RATE,
        channels=2,
        priming=_PRIMING,
        samples=samples,
    )


def decode(track: AacTrack) -> Iterator[NDArray[np.float32]]:
    """The track's samples in blocks of shape (n, channels), priming and padding left out."""
    context = av.CodecContext.create("aac", "r")
    assert isinstance(context, AudioCodecContext)
    context.extradata = track.config
    skip, left = track.priming, track.samples
    for block in _decoded(context, track):
        kept = block[skip : skip + left]
        skip = max(0, skip - len(block))
        left -= len(kept)
        if len(kept):
            yield kept


def _decoded(context: AudioCodecContext, track: AacTrack) -> Iterator[NDArray[np.float32]]:
    ends = np.cumsum(track.sizes, dtype=np.int64)
    for size, end in zip(track.sizes, ends, strict=True):
        packet = av.Packet(track.data[end - size : end])
        yield from map(_samples, context.decode(packet))
    yield from map(_samples, context.decode(None))


def _samples(frame: av.AudioFrame) -> NDArray[np.float32]:
    return np.asarray(frame.to_ndarray(), np.float32).T
