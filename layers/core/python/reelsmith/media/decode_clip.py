"""The confined clip decoder: `python -m reelsmith.media.decode_clip FORM [WHAT IS WANTED]`.

With FORM alone it says what the clip is. Else it makes the pictures that a film shows, already
fitted to its frame, into the slots of `ring`, and says for each, in a line, for how many frames of
the film it stands. What is wanted are whole numbers: the film's WIDTH, HEIGHT and rate FPS, the
frames FIRST to before END of the clip's visibility, where frame 0 begins in the clip (START_US,
microseconds), whether to CONTAIN, and the descriptors MEMORY and FREED: one byte read from FREED
gives back the oldest slot.
"""

import os
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import av

from reelsmith.media import child, ring
from reelsmith.media.clip_file import ClipFile
from reelsmith.media.clip_kinds import kind_of
from reelsmith.media.reshape import Reshaper, Target

_SLACK = Fraction(1, 2000)  # s; Matroska rounds times to milliseconds


class _Wanted(NamedTuple):
    width: int
    height: int
    fps: int
    first: int
    end: int
    start_us: int
    contain: int
    memory: int
    freed: int

    def due(self, frame: int) -> Fraction:
        """The moment of the clip that a frame shows: its middle, in seconds."""
        return Fraction(self.start_us, 1_000_000) + Fraction(2 * frame + 1, 2 * self.fps)

    def frames_before(self, moment: Fraction) -> int:
        """The first frame that does not show what was before `moment`."""
        since = moment - _SLACK - Fraction(self.start_us, 1_000_000)
        return min(self.end, -((1 - 2 * since * self.fps) // 2))


def decode(args: Sequence[str]) -> child.Answer:
    """Say what standard input is, or make its pictures.

    Raises:
        Refused: it is too large, damaged, or of a kind that we do not take.
    """
    with ClipFile(0, args[0]) as clip:
        return _facts(clip) if len(args) == 1 else _show(clip, _Wanted(*map(int, args[1:])))


def _facts(clip: ClipFile) -> child.Answer:
    _, frame = next(clip.pictures(Fraction(0)))
    kind = kind_of(frame, clip.pixel_shape)
    width, height = kind.upright
    return {
        "width": round(width),
        "height": round(height),
        "seconds": float(clip.seconds),
        "fps": float(clip.fps),
        "turned": kind.lie.turned,
        "hdr": kind.is_hdr,
        "interlaced": clip.interlaced,
        "video_codec": clip.codec,
        "has_sound": clip.has_sound,
    }


def _show(clip: ClipFile, wanted: _Wanted) -> child.Answer:
    """Put every picture that is seen into a slot, and say for how many frames it stands."""
    reshaper = Reshaper(Target(wanted.width, wanted.height, bool(wanted.contain)))
    memory = memoryview(ring.mapped(wanted.memory, writable=True))
    slot_bytes = ring.slot_bytes(wanted.width, wanted.height)
    for number, (frame, stands) in enumerate(_seen(clip, wanted)):
        if number >= ring.SLOTS and not os.read(wanted.freed, 1):
            break
        slot = memory[number % ring.SLOTS * slot_bytes :][:slot_bytes]
        strides = _put(reshaper.fitted(frame, clip.pixel_shape), slot, wanted)
        child.say({"stands": stands, "strides": strides})
    return {}


def _put(frame: av.VideoFrame, slot: memoryview, wanted: _Wanted) -> list[int]:
    """Copy a picture into its slot; gives the lengths of its rows."""
    strides = [plane.line_size for plane in frame.planes]
    places = zip(frame.planes, ring.offsets(wanted.width, wanted.height), strict=True)
    if not ring.fits(strides, wanted.width, wanted.height):
        return _put_tightly(frame, slot, wanted)
    for plane, offset in places:
        length = plane.line_size * plane.height
        slot[offset : offset + length] = memoryview(plane)[:length]
    return strides


def _put_tightly(frame: av.VideoFrame, slot: memoryview, wanted: _Wanted) -> list[int]:
    """The same row by row, for the rare decoder whose rows have wide rims."""
    places = zip(frame.planes, ring.offsets(wanted.width, wanted.height), strict=True)
    for plane, offset in places:
        pixels = memoryview(plane)
        for row in range(plane.height):
            line = pixels[row * plane.line_size :][: plane.width]
            slot[offset + row * plane.width :][: plane.width] = line
    return [plane.width for plane in frame.planes]


def _seen(clip: ClipFile, wanted: _Wanted) -> Iterator[tuple[av.VideoFrame, int]]:
    """The pictures that are seen and for how many frames; the last stands to the end."""
    reached = wanted.first
    shown: av.VideoFrame | None = None
    for moment, frame in clip.pictures(wanted.due(wanted.first)):
        if shown is not None and (until := wanted.frames_before(moment)) > reached:
            yield shown, until - reached
            reached = until
        if reached == wanted.end:
            return
        shown = frame
    if shown is not None:
        yield shown, wanted.end - reached


if __name__ == "__main__":
    child.main(decode)
