"""Notes taken while a film is measured: what a person should see of it, and what it is made of.

Next to nothing is decoded for the notes that is not decoded anyway. A picture that changes nothing
is known by its size: an all-skip picture takes next to no bytes. Key pictures are decoded; one
that follows a stretch without change is compared with the key picture before it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from reelsmith.domain.jobs import Codec
from reelsmith.domain.quality import Seen
from reelsmith.domain.timelines import SAMPLE_RATE, Timeline
from reelsmith.errors import BrokenPromise
from reelsmith.media import spans
from reelsmith.media.planes import pixels

_SILENT_DBFS = -60.0  # as FFmpeg's silencedetect
_STEP = SAMPLE_RATE // 10  # samples whose level is judged together

# A picture without change, measured at 720x1280: H.264 40 bytes, HEVC 93, AV1 141. Of a move of a
# pixel in three seconds one picture in eight takes 1,000, 650 and 1,100 bytes.
_STILL_BYTES = {Codec.H264: 48, Codec.HEVC: 64, Codec.AV1: 160}
_PIXELS_PER_STILL_BYTE = 64 * 16 * 16

_SAMPLED = 8  # every eighth pixel of every eighth row is enough to know a picture by
_BLACK_LEVEL, _BLACK_SHARE = 32, 0.98  # of luma; FFmpeg's blackdetect takes 38 and 0.98
_SAME_LEVELS = 1.0  # mean difference; the same picture coded anew differs by about 0.3
_MOST_LOOKS = 20

_Luma = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Hashes:
    """SHA-256, hex: of each scene's coded pictures, and of the sound as it is decoded."""

    scenes: tuple[str, ...]
    sound: str


@dataclass(frozen=True, slots=True)
class _Coded:
    """A picture as it stands in the file; `at` is when it is shown, in seconds."""

    at: Fraction
    size_bytes: int
    key: bool


@dataclass(frozen=True, slots=True)
class _Look:
    """A decoded key picture: whether it is black, and its distance from the one before it."""

    black: bool
    change: float


class Witness:
    """Is told what the measuring of one film comes across; answers at the end."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._ends = [scene.end_frame for scene in timeline.scenes]
        self._scenes = [hashlib.sha256() for _ in timeline.scenes]
        self._sound = hashlib.sha256()
        self._coded: list[_Coded] = []
        self._looks: dict[Fraction, _Look] = {}
        self._last: _Luma | None = None
        self._levels: list[float] = []
        self._unjudged = np.zeros(0, np.float32)

    def coded(self, data: bytes, *, at: Fraction, key: bool) -> None:
        """Note a coded picture; they come in decoding order."""
        number = len(self._coded)
        self._coded.append(_Coded(at, len(data), key))
        scene = int(np.searchsorted(self._ends, number, side="right"))
        self._scenes[min(scene, len(self._scenes) - 1)].update(data)

    def shown(self, frame: av.VideoFrame) -> None:
        """Note a decoded key picture; they come in order of display."""
        if frame.pts is None or frame.time_base is None or frame.format.name != "yuv420p":
            return
        luma = _sampled(frame)
        at = frame.pts * frame.time_base
        self._looks[at] = _Look(_is_black(luma), _distance(luma, self._last))
        self._last = luma

    def heard(self, samples: NDArray[np.float32]) -> None:
        """Note decoded sound at 48 kHz, (n, channels), full scale 1."""
        self._sound.update(np.ascontiguousarray(samples, "<f4").data)
        power = np.square(samples).max(axis=1, initial=0)
        self._unjudged = np.concatenate((self._unjudged, power))
        whole = len(self._unjudged) // _STEP * _STEP
        self._levels += self._unjudged[:whole].reshape(-1, _STEP).mean(axis=1).tolist()
        self._unjudged = self._unjudged[whole:]

    def hashes(self) -> Hashes:
        """What the film is made of: equal hashes are equal pictures and sound."""
        scenes = tuple(scene.hexdigest() for scene in self._scenes)
        return Hashes(scenes, self._sound.hexdigest())

    def seen(self, path: Path) -> Seen:
        """The stretches that a person should know of; a few pictures of the film are looked up.

        Raises:
            BrokenPromise: one of these pictures cannot be decoded.
        """
        pictures = sorted(self._coded, key=lambda picture: picture.at)
        unchanged = self._unchanged(pictures)
        quiet = 10 ** (_SILENT_DBFS / 10)
        return Seen(
            black=spans.black(self._black(pictures, unchanged, path), fps=self._timeline.fps),
            frozen=spans.frozen(unchanged, self._timeline),
            silent=spans.silent(
                [level < quiet for level in self._levels], step_seconds=_STEP / SAMPLE_RATE
            ),
        )

    def _unchanged(self, pictures: Sequence[_Coded]) -> list[bool]:
        """For each picture in order of display: it is as the one before it."""
        frame = self._timeline.width * self._timeline.height
        limit = _STILL_BYTES[self._timeline.codec] + frame // _PIXELS_PER_STILL_BYTE
        flags: list[bool] = []
        since_key = False  # nothing changed since the last key picture
        for picture in pictures:
            if picture.key:
                look = self._looks.get(picture.at)
                flags.append(since_key and look is not None and look.change < _SAME_LEVELS)
                since_key = True
            else:
                flags.append(picture.size_bytes <= limit)
                since_key = since_key and flags[-1]
        return flags

    def _black(
        self, pictures: Sequence[_Coded], unchanged: Sequence[bool], path: Path
    ) -> list[bool]:
        """For each picture: it is black. Where one stops changing between keys it is looked up."""
        looked = dict(self._looks)
        least = round(spans.BLACK_SECONDS * self._timeline.fps)
        unknown = [
            pictures[first].at
            for first, end in spans.runs(unchanged)
            if end - first >= least and not pictures[max(0, first - 1)].key
        ]
        try:
            looked |= _look_up(path, unknown[:_MOST_LOOKS])
        except av.FFmpegError as broken:
            raise BrokenPromise(f"the film cannot be decoded: {broken.strerror}") from broken
        flags: list[bool] = []
        for picture, same in zip(pictures, unchanged, strict=True):
            look = looked.get(picture.at)
            flags.append(look.black if look else same and flags[-1])
        return flags


def _look_up(path: Path, times: Sequence[Fraction]) -> dict[Fraction, _Look]:
    """Decode the pictures at these times in seconds, each from the key picture before it."""
    if not times:
        return {}
    found = {}
    with av.open(str(path), format="mp4", options={"protocol_whitelist": "file"}) as film:
        stream = film.streams.video[0]
        stream.codec_context.skip_frame = "DEFAULT"
        stream.thread_type = "AUTO"
        for at in times:
            film.seek(int(at / (stream.time_base or Fraction(1))), stream=stream)
            for frame in film.decode(stream):
                shown = (frame.pts or 0) * (frame.time_base or Fraction(1))
                if shown >= at:
                    found[at] = _Look(_is_black(_sampled(frame)), 255.0)
                    break
    return found


def _sampled(frame: av.VideoFrame) -> _Luma:
    return pixels(frame.planes[0])[::_SAMPLED, ::_SAMPLED].astype(np.int16)


def _distance(luma: _Luma, other: _Luma | None) -> float:
    """Mean difference of two pictures in levels; as far as can be where there is nothing alike."""
    if other is None or other.shape != luma.shape:
        return 255.0
    return float(np.abs(luma - other).mean())


def _is_black(luma: _Luma) -> bool:
    return float((luma <= _BLACK_LEVEL).mean()) >= _BLACK_SHARE
