"""The confined half of uploads: `python -m reelsmith.media.decode_upload FORM TILE THUMBNAIL`.

Says what the video is, and leaves raw RGB pictures in `child.RESULT`: one no larger than THUMBNAIL
pixels a side, then up to `MOST_TILES` no larger than TILE, from key frames all over the video.
A video that is like our films already is copied besides, packet by packet, to `COPY`: index in
front, and nothing of the caller's words in it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from reelsmith.media import child
from reelsmith.media.clip_file import ClipFile
from reelsmith.media.clip_kinds import RESAVE, Kind, Lie, kind_of
from reelsmith.media.reshape import Reshaper, Target

COPY = "copy.mp4"
MOST_TILES = 25
LONGEST, SHORTEST = 1920, 1080  # pixels of the sides of a finished film, at most
MOST_FPS = 60
_KEYS_APART = 10  # seconds between two places where a player can start, at most
_PROFILES = ("Constrained Baseline", "Baseline", "Main", "High")
_AAC_LC = 2  # audioObjectType (ISO 14496-3, 1.6.2.1), the first five bits of its configuration
_RATES = (44_100, 48_000)  # Hz
_PLAIN = {"movflags": "+faststart", "fflags": "+bitexact"}


@dataclass(frozen=True, slots=True)
class _Times:
    """When the pictures of a video are shown, sorted, in its own units, and which are keys."""

    all: list[int]
    keys: list[int]
    damaged: bool

    def steady(self, tick: Fraction) -> bool:
        """Whether pictures are evenly spaced, and a player can start every few seconds."""
        if self.damaged or not self.keys or self.keys[0] != self.all[0]:
            return False
        steps = {later - sooner for sooner, later in pairwise(self.all)}
        starts = pairwise((*self.keys, self.all[-1]))
        near = all((later - sooner) * tick <= _KEYS_APART for sooner, later in starts)
        return bool(steps) and max(steps) - min(steps) <= 1 and near


def decode(args: Sequence[str]) -> child.Answer:
    """Look at standard input; copy it when nothing must be changed.

    Raises:
        Refused: it is too large, damaged, or of a kind that we do not take.
    """
    form, tile, thumbnail = args[0], int(args[1]), int(args[2])
    with ClipFile(0, form) as clip:
        times = _times(clip)
        shown = [(key, frame) for key in _spread(times.keys) if (frame := _decoded(clip, key))]
        if not shown:
            raise child.Refused("holds no picture that can be decoded", RESAVE)
        kind = kind_of(shown[0][1], clip.pixel_shape)
        width, height = kind.upright
        with Path(child.RESULT).open("wb") as out:
            out.writelines(_small(shown[len(shown) // 3][1], clip, kind, thumbnail))
            for _, frame in shown:
                out.writelines(_small(frame, clip, kind, tile))
        copied = _is_film(clip, kind) and times.steady(_tick(clip))
        if copied:
            _copy(clip)
        return {
            "copied": copied,
            "width": round(width),
            "height": round(height),
            "seconds": float(clip.seconds),
            "fps": float(clip.fps),
            "frames": len(times.all),
            "has_sound": clip.has_sound,
            "tiles_ms": [round(1000 * (key - times.all[0]) * _tick(clip)) for key, _ in shown],
        }


def within(width: Fraction | int, height: Fraction | int, longest: int) -> tuple[int, int]:
    """A size of this shape in even pixels, its longer side `longest` or less."""
    scale = min(Fraction(1), Fraction(longest) / max(width, height))
    return max(2, 2 * round(width * scale / 2)), max(2, 2 * round(height * scale / 2))


def _tick(clip: ClipFile) -> Fraction:
    return clip.stream.time_base or Fraction(1)


def _times(clip: ClipFile) -> _Times:
    packets = [p for p in clip.container.demux(clip.stream) if p.size and p.pts is not None]
    return _Times(
        all=sorted(p.pts for p in packets if p.pts is not None),
        keys=sorted(p.pts for p in packets if p.is_keyframe and p.pts is not None),
        damaged=any(p.is_corrupt for p in packets),
    )


def _spread(keys: Sequence[int]) -> Sequence[int]:
    """At most `MOST_TILES` of them, the first and others evenly over the rest."""
    count = min(MOST_TILES, len(keys))
    return [keys[n * len(keys) // count] for n in range(count)]


def _decoded(clip: ClipFile, key: int) -> av.VideoFrame | None:
    """The picture of a key frame; None when it is damaged."""
    clip.container.seek(key, stream=clip.stream)
    for packet in clip.container.demux(clip.stream):
        if packet.size and packet.is_keyframe:
            try:
                frames = [*clip.stream.decode(packet), *clip.stream.decode(None)]
            except av.FFmpegError:
                return None
            return frames[0] if frames else None
    return None


def _small(frame: av.VideoFrame, clip: ClipFile, kind: Kind, longest: int) -> Iterator[memoryview]:
    """Rows of a picture, upright, no larger than `longest`; RGB."""
    reshaper = Reshaper(Target(*within(*kind.upright, longest), contain=False))
    return _rows(reshaper.fitted(frame, clip.pixel_shape).reformat(format="rgb24"))


def _rows(picture: av.VideoFrame) -> Iterator[memoryview]:
    plane = picture.planes[0]
    pixels = memoryview(plane)
    for row in range(picture.height):
        yield pixels[row * plane.line_size :][: 3 * picture.width]


def _sound(clip: ClipFile) -> AudioStream | None:
    return clip.container.streams.audio[0] if clip.container.streams.audio else None


def _is_film(clip: ClipFile, kind: Kind) -> bool:
    """Whether pictures and sound are such as our own films have."""
    codec, heard = clip.stream.codec_context, _sound(clip)
    size = max(kind.width, kind.height), min(kind.width, kind.height)
    pictures = (
        clip.codec == "h264"
        and codec.profile in _PROFILES
        and kind.has_our_colours
        and kind.pixel_shape == 1
        and kind.lie == Lie()
        and size[0] <= LONGEST
        and size[1] <= SHORTEST
        and 1 <= clip.fps <= MOST_FPS
        and not kind.width % 2 | kind.height % 2
    )
    return pictures and (heard is None or _is_film_sound(heard))


def _is_film_sound(heard: AudioStream) -> bool:
    codec = heard.codec_context
    config = bytes(codec.extradata or b"\0")
    plain = codec.name == "aac" and config[0] >> 3 == _AAC_LC
    return plain and codec.sample_rate in _RATES and codec.layout.nb_channels <= 2


def _copy(clip: ClipFile) -> None:
    """Write the two tracks anew, without their names and remarks."""
    clip.container.seek(0)
    heard = _sound(clip)
    sources: list[VideoStream | AudioStream] = [clip.stream, *([heard] if heard else [])]
    with av.open(COPY, "w", format="mp4", options=dict(_PLAIN)) as out:
        copies = {source.index: out.add_stream_from_template(source) for source in sources}
        for copy in copies.values():
            copy.metadata.clear()
        for packet in clip.container.demux(*sources):
            if packet.dts is not None and packet.size:
                packet.stream = copies[packet.stream.index]
                out.mux(packet)


if __name__ == "__main__":
    child.main(decode)
